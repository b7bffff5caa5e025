"""Text that does not parse, read all the same: for the functions in it that another file imports.

What Python 2 wrote otherwise is put as Python 3 writes it, by its spelling alone. If the whole does not parse then, each block of
the module's own does, or is left out: one broken function hides no other. Line numbers stay, columns may not.
"""

from __future__ import annotations

import ast
import re
import warnings

_BEFORE = r"(?P<before>^[ \t]*|[:;][ \t]*)"
#: What Python 2 spells otherwise, and how it reads as an expression or statement of Python 3 that does as much for the analysis.
_OLD = tuple(
    (re.compile(pattern, re.MULTILINE), new)
    for pattern, new in (
        (rf"{_BEFORE}print[ \t]*>>", r"\g<before>0, "),  # print >>file, "text"
        (rf"{_BEFORE}(?:print|exec)(?=[ \t]+[^\s=.,)\]\(]|[ \t]*[\"'`]|[ \t]*\(.*\)[ \t]*[%,\w])[ \t]*", r"\g<before>0, "),
        (r"^(?P<before>[ \t]*except\b[^\n:#]*?),[ \t]*(?P<name>\w+)[ \t]*:", r"\g<before> as \g<name>:"),
        (rf"{_BEFORE}raise[ \t]+(?P<error>[\w.]+)[ \t]*,", r"\g<before>raise \g<error> from "),
        (r"<>", "!="),
        (r"`(?P<shown>[^`\n]+)`", r"repr(\g<shown>)"),
        (r"\b0(?P<octal>[0-7]+)(?=\b)(?![.eE])", r"0o\g<octal>"),
        (r"\b(?P<long>\d+)[lL]\b", r"\g<long>"),
        (r"\b[uU][rR](?=[\"'])", "r"),
    )
)
_MAX_JOINED = 8
_CONTINUES = re.compile(r"(?:else|elif|except|finally|case)\b|[)\]}\s#]")


def recovered(text: str) -> ast.Module:
    """The tree of what parses in a text that does not as a whole; empty where nothing does."""
    text = text.expandtabs(8)
    for old, new in _OLD:
        text = old.sub(new, text)
    whole = _parsed(text)
    if whole is not None:
        return whole
    tree = ast.Module(body=[], type_ignores=[])
    lines = text.split("\n")
    starts = _starts(lines)
    position = 0
    while position < len(starts) - 1:
        for more in range(1, _MAX_JOINED + 1):  # a string over several lines looks like several blocks
            block = _parsed("\n".join(lines[starts[position] : starts[min(position + more, len(starts) - 1)]]))
            if block is not None:
                tree.body += (ast.increment_lineno(statement, starts[position]) for statement in block.body)
                position += more - 1
                break
        position += 1
    return tree


def _parsed(text: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _starts(lines: list[str]) -> list[int]:
    """Where the statements of a module's own start, each with all that is indented below it, and where the last one ends."""
    starts, is_decorated = [0], False
    for number, line in enumerate(lines):
        if not line or _CONTINUES.match(line):
            continue
        if number and not is_decorated:
            starts.append(number)
        is_decorated = line.startswith("@")
    return [*starts, len(lines)]
