"""IPython's own syntax in a notebook's cell, masked so that Python parses the rest, and put back afterwards.

A line that runs a statement, such as ``%time model.fit(x)``, becomes that statement: what it does to a model counts. Every
other magic becomes ``pass``, or a call that nothing is known about where its result is assigned.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .notebook_json import NotebookError
from .project import PARSE_ERRORS, parse

LINE_END = re.compile("\r\n|\r|\n")  # as Python counts lines

# Cell magics whose body is Python of the notebook itself; the body of any other is another language or another process.
_PYTHON_CELLS = frozenset({"capture", "time", "timeit", "prun", "memit"})
_RUNS = re.compile(r"%(?:time|timeit|prun|memit)[ \t]+(?:-\w+(?:[ \t]+\d+)?[ \t]+)*(?P<code>[^-\s].*)")
_ASSIGNED = re.compile(
    r"(?P<target>[^\W\d][\w.]*(?:\[[^\]=]*\])?(?:[ \t]*,[ \t]*[^\W\d][\w.]*)*[ \t]*=[ \t]*)(?P<command>[!%](?!=).*)", re.DOTALL
)
_HELP = re.compile(r"\?{1,2}[ \t]*[\w.*%][^#]*|%{0,2}[^\W\d][\w.*\[\]]*\?{1,2}[ \t;]*")
# Commands that IPython takes without a per cent sign, where they cannot be an expression.
_BARE = re.compile(r"(?:pip3?|conda|mamba|cd|ls|mkdir|rm|cp|mv|cat)[ \t]+[-\w~/$.].*", re.DOTALL)
_TOKEN = re.compile(
    r"""(?P<comment>\#[^\r\n]*)
      | (?P<long>\"{3}(?:[^\\]|\\.)*?\"{3}|'{3}(?:[^\\]|\\.)*?'{3})
      | (?P<short>"(?:[^"\\\r\n]|\\(?:\r\n|.))*"|'(?:[^'\\\r\n]|\\(?:\r\n|.))*')
      | (?P<open>[(\[{]) | (?P<close>[)\]}])
      | (?P<joined>\\(?:\r\n|\r|\n))
      | (?P<end>\r\n|\r|\n)
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_CONTINUED = re.compile(r"(?:[^\\\r\n]|\\(?:\r\n|.))*", re.DOTALL)  # a line, with those that a backslash joins to it


@dataclass(frozen=True)
class Line:
    """One line of the masked text, with its line end. ``number``: the line in the cell, from 1. ``magic``: what it stands for,
    ``""`` for a line that is as it was. ``shift``: how many characters further right its code stands in the cell."""

    text: str
    number: int
    magic: str = ""
    shift: int = 0


def mask(source: str, label: str) -> tuple[Line, ...] | None:
    """The lines of a cell as Python; ``None`` for a cell in another language. ``label`` makes the masks unique."""
    first = source.lstrip()
    if first.startswith("%%"):
        name = re.match(r"%%(\w*)", first)
        if name is None or name[1] not in _PYTHON_CELLS:
            return None
    lines: list[Line] = []
    number = 1
    for statement, is_magic in [(source, False)] if _parses(source) else _statements(source):
        if is_magic:
            lines.append(_masked(statement, number, f"  # {label}:{number}"))
        else:
            lines += [Line(text, at) for at, text in enumerate(split_lines(statement), start=number)]
        number += len(LINE_END.findall(statement))
    return tuple(lines)


def unmask(lines: tuple[Line, ...], text: str) -> str:
    """A cell's new text with its magics back. Raises :class:`NotebookError` unless each mask is there once, as it was."""
    found = split_lines(text)
    for line in lines:
        if not line.magic:
            continue
        masked = line.text.strip()
        mark = masked[masked.rindex("  # ") :]
        places = [i for i, new in enumerate(found) if mark in new and new.rstrip().endswith(mark)]
        if len(places) != 1 or found[places[0]].strip() != masked:
            raise NotebookError(f"the fix would change the magic on line {line.number}")
        new = found[places[0]]
        indent = new[: len(new) - len(new.lstrip(" \t"))]
        found[places[0]] = indent + line.magic.lstrip(" \t").rstrip("\r\n") + new[len(new.rstrip("\r\n")) :]
    return "".join(found)


def split_lines(text: str) -> list[str]:
    """Lines with their ends, as Python counts them."""
    return re.findall("[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text)


def without_end(text: str) -> str:
    """A text without its last line end."""
    return re.sub(r"(?:\r\n|\r|\n)\Z", "", text)


def _parses(text: str) -> bool:
    try:
        parse(text)
    except PARSE_ERRORS:
        return False
    return True


def _statements(source: str) -> Iterator[tuple[str, bool]]:
    """The text in pieces of whole lines, each either a magic or Python."""
    start = at = depth = 0
    fresh = True  # at the start of a line on which a statement may start
    while at < len(source):
        if fresh:
            magic = _magic_at(source, at)
            if magic:
                if start < at:
                    yield source[start:at], False
                yield source[at:magic], True
                start = at = magic
                continue
        found = _TOKEN.match(source, at)
        assert found is not None  # its last branch takes any character
        kind = found.lastgroup
        if kind == "open":
            depth += 1
        elif kind == "close":
            depth = max(0, depth - 1)
        fresh = kind == "end" and depth == 0
        at = found.end()
    if start < len(source):
        yield source[start:], False


def _magic_at(source: str, at: int) -> int:
    """Where a magic ends that starts on the line at ``at``, behind its line end; 0 for none."""
    match = _CONTINUED.match(source, at)
    assert match is not None
    line = match[0].strip(" \t")
    if not (line.startswith(("%", "!")) or any(form.fullmatch(line) for form in (_ASSIGNED, _HELP, _BARE))):
        return 0
    end = LINE_END.match(source, match.end())
    return end.end() if end else match.end()


def _masked(statement: str, number: int, mark: str) -> Line:
    body = without_end(statement)
    line_end = statement[len(body) :]
    command = body.lstrip(" \t")
    indent = body[: len(body) - len(command)]
    assigned = _ASSIGNED.fullmatch(command)
    target = assigned["target"] if assigned else ""
    command = assigned["command"] if assigned else command
    runs = _RUNS.fullmatch(command)
    if runs and _parses(target + runs["code"]):
        return Line(f"{indent}{target}{runs['code']}{mark}{line_end}", number, statement, runs.start("code"))
    return Line(f"{indent}{target}{'get_ipython()' if target else 'pass'}{mark}{line_end}", number, statement)
