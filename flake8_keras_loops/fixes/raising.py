"""Whole definitions go before a loop: with their decorators and comments, and blank lines around them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from .layout import Layout, Line


def raised(anchors: Iterable[ast.stmt], target: ast.stmt, layout: Layout) -> Iterator[tuple[int, int, str]]:
    """``(start, end, new text)`` of each change that puts statements before ``target``. Raises ``ValueError``."""
    at = layout.span(target)[0]
    layout.suite(target)  # there is one
    if not layout.is_first(at):
        raise ValueError(f"there is no room above line {target.lineno}")
    line = layout.lines[layout.line(at)]
    place, newline = layout.with_comments(line), line.newline or layout.newline
    gap = newline * (1 if line.indent else 2)
    statements = sorted(dict.fromkeys(anchors), key=lambda statement: statement.lineno)
    opens = layout.suite(target)[0].lineno == target.lineno and place > 0
    new = "" if opens else newline * max(0, (1 if line.indent else 2) - layout.blank_above(place))
    for position, statement in enumerate(statements):
        start, end = _extent(statement, layout)
        own = layout.lines[layout.line(layout.span(statement)[0])]
        following = statements[position + 1] if position + 1 < len(statements) else None
        is_simple = isinstance(statement, ast.Assign) and (following is None or isinstance(following, ast.Assign))
        new += _indented(start, end, own, line.indent, layout, newline) + ("" if is_simple else gap)
        yield _removal(statement, start, end, statements, layout)
    yield place, place, new


def _extent(statement: ast.stmt, layout: Layout) -> tuple[int, int]:
    """The lines of a statement, with the comments directly above."""
    start, end = layout.span(statement)
    first, last = layout.lines[layout.line(start)], layout.lines[layout.line(end - 1)]
    if not layout.is_first(start) or layout.text[end : last.end].lstrip(" \t;").rstrip("\r\n").partition("#")[0].strip():
        raise ValueError(f"line {statement.lineno} has other statements on it")
    return layout.with_comments(first), last.end


def _indented(start: int, end: int, own: Line, indent: str, layout: Layout, newline: str) -> str:
    """The text of lines with another indent; what is inside a string stays as it is."""
    pieces: list[str] = []
    done = start
    for row in layout.rows(start, end):
        if layout.text.startswith(own.indent, row):
            pieces += [layout.text[done:row], indent]
            done = row + len(own.indent)
    new = "".join([*pieces, layout.text[done:end]])
    return new if new.endswith(("\n", "\r")) else new + newline


def _removal(statement: ast.stmt, start: int, end: int, leaving: list[ast.stmt], layout: Layout) -> tuple[int, int, str]:
    """A statement goes, and the blank lines that parted it from others: all at the top of a body, else those above."""
    above = layout.row_start(start, -layout.blank_above(start))
    below = layout.row_start(end, layout.blank_below(end)) if end < len(layout.text) else end
    gone = {other.lineno for other in leaving}
    if all(other.lineno in gone for other in layout.suite(statement) if other.lineno <= statement.lineno):
        return above, below, ""
    return (above, end, "") if layout.blank_below(end) else (start, end, "")
