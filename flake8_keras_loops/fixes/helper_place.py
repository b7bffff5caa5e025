"""Where the helper stands in a file: after the imports of its head, before what uses it, between the blank lines of PEP 8."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ..files.project import parse
from .layout import Layout


def is_bound(layout: Layout, name: str, touched: Sequence[int]) -> bool:
    """Whether the file has the helper already. Raises ``ValueError`` if it stands below a place where it is to be used."""
    tree = parse(layout.text)
    for statement in tree.body:
        if name in _bound(statement):
            first = _first_touched(tree.body, layout, touched)
            if first is not None and layout.span(first)[0] < layout.span(statement)[0]:
                raise ValueError(f"{name} is defined in line {statement.lineno}, below a loop that would use it")
            return True
    return False


def helper_place(layout: Layout, code: str, touched: Sequence[int]) -> tuple[int, str]:
    """Where to put a definition or an import, and its text. ``touched``: where else the file changes."""
    body = parse(layout.text).body
    first = _first_touched(body, layout, touched)
    at = min(_after_imports(body), body.index(first) if first is not None else len(body))
    while at and first is not None and first is body[at] and _is_beside(body[at - 1], first, layout):
        at, first = at - 1, body[at - 1]
    if at:
        last = layout.lines[layout.line(layout.span(body[at - 1])[1] - 1)]
        place, newline = layout.behind(last) if last.indent else last.end, last.newline or layout.newline
        above = 2
    else:
        line = layout.lines[layout.line(layout.span(body[0])[0])]
        place, newline = layout.with_comments(line), line.newline or layout.newline
        above = max(0, 2 - layout.blank_above(place)) if place else 0
    lines = layout.indented(code, "", newline)
    if code.startswith("def "):
        below = max(0, 2 - layout.blank_below(place)) if at < len(body) else 0
        lines = newline * above + lines + newline * below
    return place, layout.put(place, lines, newline)


def _is_beside(statement: ast.stmt, other: ast.stmt, layout: Layout) -> bool:
    """Whether two statements share a line: ``import keras; model = keras.Sequential()``."""
    return layout.line(layout.span(statement)[0]) == layout.line(layout.span(other)[0])


def _first_touched(body: Sequence[ast.stmt], layout: Layout, touched: Sequence[int]) -> ast.stmt | None:
    """The first statement of the file that is changed and runs as the file is run."""
    for statement in body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        start, end = layout.span(statement)
        above = layout.with_comments(layout.lines[layout.line(start)])
        if any(above <= offset <= end for offset in touched):
            return statement
    return None


def _after_imports(body: Sequence[ast.stmt]) -> int:
    """How many statements stand up to the last import of a file's head, which its first definition, loop or block ends."""
    at = 0
    for index, statement in enumerate(body):
        if isinstance(statement, (ast.Import, ast.ImportFrom)) or (index == 0 and _is_docstring(statement)):
            at = index + 1
        elif isinstance(statement, (ast.Try, ast.If)):
            if isinstance(statement, ast.If) and "__name__" in ast.dump(statement.test):
                break
            if any(isinstance(each, (ast.Import, ast.ImportFrom)) for each in statement.body):
                at = index + 1
        elif hasattr(statement, "body"):
            break
    return at


def _is_docstring(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant) and isinstance(statement.value.value, str)
    )


def _bound(statement: ast.stmt) -> set[str]:
    """The names that a definition or import binds."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {statement.name}
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return {(alias.asname or alias.name).partition(".")[0] for alias in statement.names}
    return set()
