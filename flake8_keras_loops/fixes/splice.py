"""Edits made in the text itself: every byte that no edit names is the one that was there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..files.project import parse
from .edits import After, Argument, Before, Edit, Helper, Lift, Move, MoveBefore, RaiseBefore, Replace, Top, Wrap
from .helper_place import helper_place, is_bound
from .layout import LINE_END, Layout, Line, Token
from .raising import raised

_REST = re.compile(r"[ \t\f]*(?:#[^\r\n]*)?(?=\r|\n)")  # of a line, without code

# Of what is put at one place, this comes first to last.
_CLOSE, _AFTER, _TOP, _HELPER, _BEFORE, _GAP, _OPEN, _RANGE = range(8)


@dataclass(frozen=True)
class _Change:
    """The text from ``start`` to ``end`` becomes ``text``."""

    start: int
    end: int
    rank: int
    text: str


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits made. Raises ``ValueError`` for an edit that it has no place for."""
    edits = list(dict.fromkeys(edits))
    layout = Layout(text)
    changes = _without_nested([change for edit in edits for change in _in_expression(edit, layout)])
    changes += _arguments([edit for edit in edits if isinstance(edit, Argument)], layout)
    for edit in edits:
        if isinstance(edit, (Move, MoveBefore)):
            changes.append(_moved(edit, changes, layout))
        elif isinstance(edit, Lift):
            changes += _lifted(edit, changes, layout)
        elif isinstance(edit, Before):
            changes += [change for change in _before(edit, layout) if change.rank != _GAP or change not in changes]
        elif isinstance(edit, (After, Top)):
            changes.append(_after(edit, layout) if isinstance(edit, After) else _top(edit, layout))
    changes += _raised([edit for edit in edits if isinstance(edit, RaiseBefore)], layout)
    changes += _removed([statement for edit in edits for statement in _leaving(edit)], layout)
    touched = [change.start for change in changes]
    for edit in edits:
        if isinstance(edit, Helper) and not is_bound(layout, edit.name, touched):
            place, new = helper_place(layout, edit.code, touched)
            changes.append(_Change(place, place, _HELPER, new))
    return _made(text, 0, len(text), changes)


def _made(text: str, start: int, end: int, changes: Iterable[_Change]) -> str:
    """A part of the text with the changes made that lie in it."""
    pieces: list[str] = []
    done = start
    for change in sorted(changes, key=lambda change: (change.start, change.rank, -change.end)):
        if change.start < done and change.text:
            raise ValueError("two fixes change the same text")
        pieces += [text[done : change.start], change.text]
        done = max(done, change.end)
    return "".join([*pieces, text[done:end]])


# -- expressions


def _in_expression(edit: Edit, layout: Layout) -> list[_Change]:
    if not isinstance(edit, (Wrap, Replace)):
        return []
    start, end = _expression(edit.anchor, layout)
    if isinstance(edit, Replace):
        return [_Change(start, end, _RANGE, edit.code)]
    return [_Change(start, start, _OPEN, f"{edit.function}("), _Change(end, end, _CLOSE, ")")]


def _expression(node: ast.expr, layout: Layout) -> tuple[int, int]:
    """Where an expression stands. Inside an f-string Python before 3.12 does not always know."""
    start, end = layout.span(node)
    try:
        (found,) = parse(f"({layout.text[start:end]}\n)").body
    except (SyntaxError, ValueError):
        found = None
    if not isinstance(found, ast.Expr) or ast.dump(found.value) != ast.dump(node):
        raise ValueError(f"the call in line {node.lineno} is not where it is said to be")
    return start, end


def _lifted(edit: Lift, changes: list[_Change], layout: Layout) -> list[_Change]:
    """What puts a call before a statement. ``changes`` within it are made, and taken from the list."""
    start, end = _expression(edit.anchor, layout)
    within = [change for change in changes if start <= change.start and change.end <= end]
    inner = [change for change in within if change.rank in {_OPEN, _CLOSE, _RANGE}]
    for change in inner:
        changes.remove(change)
    line, place = layout.lines[layout.line(start)], _start(edit.target, layout)
    target = layout.lines[layout.line(place)]
    rows = [row for row in layout.rows(start, end) if layout.text.startswith(line.indent, row)]
    inner += [_Change(row, row + len(line.indent), _RANGE, target.indent) for row in rows]
    new = f"{edit.name} = {_made(layout.text, start, end, inner)}"
    if layout.is_first(place):
        place, new = layout.with_comments(target), f"{target.indent}{new}{target.newline or layout.newline}"
    else:
        new += "; "
    return [_Change(place, place, _BEFORE, new), _Change(start, end, _RANGE, edit.code)]


def _arguments(edits: Iterable[Argument], layout: Layout) -> Iterator[_Change]:
    new: dict[ast.Call, list[str]] = {}
    for edit in edits:
        new.setdefault(edit.anchor, []).append(f"{edit.name}={edit.value}")
    yield from (_with_arguments(call, arguments, layout) for call, arguments in new.items())


def _with_arguments(call: ast.Call, new: list[str], layout: Layout) -> _Change:
    """Keyword arguments behind those of a call; where each has its line, the new ones get lines too."""
    _, end = _expression(call, layout)
    inner = layout.preceding(end - 1)
    last = next(inner)
    if last.text == "(" and not call.args and not call.keywords:
        return _Change(last.end, last.end, _OPEN, ", ".join(new))
    if len(call.args) == 1 and isinstance(call.args[0], ast.GeneratorExp) and layout.span(call.args[0])[1] == end:
        raise ValueError(f"the call in line {call.lineno} takes no more arguments as it is written")
    if last.text != ",":
        return _Change(last.end, last.end, _OPEN, "".join(f", {each}" for each in new))
    rest = _REST.match(layout.text, last.end)
    if rest is None:
        value: Token = next(inner)
        return _Change(value.end, value.end, _OPEN, "".join(f", {each}" for each in new))
    arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
    indent = layout.indent_at(max(layout.span(argument)[0] for argument in arguments))
    line_end = LINE_END.match(layout.text, rest.end())
    assert line_end is not None
    return _Change(rest.end(), rest.end(), _OPEN, "".join(f"{line_end[0]}{indent}{each}," for each in new))


def _without_nested(changes: list[_Change]) -> list[_Change]:
    """An expression that is replaced is not changed inside as well."""
    ranges = [(change.start, change.end) for change in changes if change.rank == _RANGE]

    def is_nested(change: _Change) -> bool:
        own = (change.start, change.end)
        return any(start <= own[0] and own[1] <= end and (start, end) != own for start, end in ranges)

    return [change for change in changes if not is_nested(change)]


# -- statements


def _before(edit: Before, layout: Layout) -> list[_Change]:
    start = _start(edit.anchor, layout)
    if not layout.is_first(start):
        return [_Change(start, start, _BEFORE, f"{edit.code.strip()}; ")]
    line = layout.lines[layout.line(start)]
    place, newline = layout.with_comments(line), line.newline or layout.newline
    changes = [_Change(place, place, _BEFORE, layout.indented(edit.code, line.indent, newline))]
    if isinstance(edit.anchor, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        missing = (1 if line.indent else 2) - layout.blank_below(place)
        changes.append(_Change(place, place, _GAP, newline * missing))
    return changes


def _after(edit: After, layout: Layout) -> _Change:
    start, end = _start(edit.anchor, layout), layout.span(edit.anchor)[1]
    following = layout.following(end)
    token = next(following)
    behind = next(following) if token.text == ";" else token
    if behind.text != "\n":
        return _Change(behind.start, behind.start, _AFTER, f"{edit.code.strip()}; ")
    if not _is_block(edit.anchor) and not layout.is_first(layout.span(layout.suite(edit.anchor)[0])[0]):
        return _Change(end, end, _AFTER, f"; {edit.code.strip()}")  # for i in x: anchor
    own, last = layout.lines[layout.line(start)], layout.lines[layout.line(end - 1)]
    place = layout.behind(last) if last.indent != own.indent else last.end
    newline = own.newline or layout.newline
    return _Change(place, place, _AFTER, layout.put(place, layout.indented(edit.code, own.indent, newline), newline))


def _top(edit: Top, layout: Layout) -> _Change:
    start = _start(_first(edit.anchor), layout)
    if not layout.is_first(start):
        return _Change(start, start, _TOP, f"{edit.code.strip()}; ")
    line = layout.lines[layout.line(start)]
    place = layout.lines[layout.line(start) - 1].end
    return _Change(place, place, _TOP, layout.indented(edit.code, line.indent, line.newline or layout.newline))


def _first(loop: ast.stmt) -> ast.stmt:
    body: list[ast.stmt] = getattr(loop, "body", [])
    if not body:
        raise ValueError(f"there is no block in line {loop.lineno}")
    is_documented = isinstance(loop, (ast.FunctionDef, ast.AsyncFunctionDef)) and ast.get_docstring(loop, clean=False) is not None
    return body[1] if is_documented and len(body) > 1 else body[0]


def _start(statement: ast.stmt, layout: Layout) -> int:
    layout.suite(statement)  # there is one
    return layout.span(statement)[0]


def _is_block(statement: ast.stmt) -> bool:
    return bool(getattr(statement, "body", None) or getattr(statement, "cases", None))


# -- moves


def _leaving(edit: Edit) -> tuple[ast.stmt, ...]:
    """The statements that an edit takes away from where they are."""
    if isinstance(edit, MoveBefore):
        return edit.anchors
    return (edit.anchor,) if isinstance(edit, Move) else ()


def _raised(edits: list[RaiseBefore], layout: Layout) -> Iterator[_Change]:
    """Those that go before the same statement go there together."""
    targets = {layout.span(edit.target): edit.target for edit in edits}
    for place, target in targets.items():
        anchors = [anchor for edit in edits if layout.span(edit.target) == place for anchor in edit.anchors]
        for start, end, text in raised(anchors, target, layout):
            yield _Change(start, end, _HELPER if start == end else _RANGE, text)


def _moved(edit: Move | MoveBefore, changes: list[_Change], layout: Layout) -> _Change:
    """What puts statements elsewhere. ``changes`` within them are made, and taken from the list."""
    start = _start(_first(edit.loop) if isinstance(edit, Move) else edit.target, layout)
    at = layout.line(start)
    rank = _TOP if isinstance(edit, Move) else _BEFORE
    if not layout.is_first(start):
        codes = [_taken(anchor, changes, layout, None) for anchor in _leaving(edit)]
        return _Change(start, start, rank, "".join(f"{code}; " for code in codes))
    place = layout.lines[at - 1].end if isinstance(edit, Move) else layout.with_comments(layout.lines[at])
    return _Change(place, place, rank, "".join(_taken(anchor, changes, layout, layout.lines[at]) for anchor in _leaving(edit)))


def _taken(anchor: ast.stmt, changes: list[_Change], layout: Layout, target: Line | None) -> str:
    """A statement's text for another place: in the line of others (``target`` is ``None``), or on lines of its own."""
    start, end = _start(anchor, layout), layout.span(anchor)[1]
    line = layout.lines[layout.line(start)]
    alone = _is_alone(anchor, layout)
    if alone and target is not None:
        start, end = layout.with_comments(line), line.end
    elif alone and layout.text[end : line.end].strip().startswith("#"):
        raise ValueError(f"the comment in line {anchor.lineno} has no place elsewhere")
    within = [change for change in changes if start <= change.start and change.end <= end]
    inner = [change for change in within if change.rank in {_OPEN, _CLOSE, _RANGE}]
    for change in inner:
        changes.remove(change)
    if target is None:
        return _made(layout.text, start, end, inner)
    width = len(line.indent)
    rows = [row for row in layout.rows(start, end) if layout.text.startswith(line.indent, row)]
    inner += [_Change(row, row + width, _RANGE, target.indent) for row in rows]
    newline = target.newline or layout.newline
    new = _made(layout.text, start, end, inner)
    if not alone:
        new = target.indent + new
    return new if new.endswith(("\n", "\r")) else new + newline


def _is_alone(statement: ast.stmt, layout: Layout) -> bool:
    """Whether a statement has a logical line for itself, but for a semicolon maybe."""
    start, end = layout.span(statement)
    following = layout.following(end)
    after = next(following)
    after = next(following) if after.text == ";" else after
    return layout.is_first(start) and after.text == "\n"


def _removed(leaving: list[ast.stmt], layout: Layout) -> list[_Change]:
    changes: list[_Change] = []
    gone = {layout.span(statement)[0] for statement in leaving}
    for statement in leaving:
        start, end = layout.span(statement)
        starts = [layout.span(each)[0] for each in layout.suite(statement)]
        line = layout.lines[layout.line(start)]
        beside = [each for each in starts if line.start <= each < line.end]
        if start == starts[0] and gone.issuperset(starts):  # a suite needs a statement
            changes.append(_Change(start, end, _RANGE, "pass"))
        elif layout.is_first(beside[0]) and gone.issuperset(beside):  # the whole line
            if start == beside[0]:
                changes.append(_whole_line(line, gone.issuperset(each for each in starts if each < start), layout))
        elif start == beside[-1] or gone.issuperset(each for each in beside if each > start):
            before = next(layout.preceding(start))
            changes.append(_Change(before.start if before.text == ";" else start, end, _RANGE, ""))
        else:
            changes.append(_Change(start, next(each for each in beside if each > start), _RANGE, ""))
    return changes


def _whole_line(line: Line, opens: bool, layout: Layout) -> _Change:
    """A line goes with its comments, and with the blank lines above it if there are some below as well."""
    start, end = layout.with_comments(line), line.end
    below = layout.blank_below(end)
    if opens:
        return _Change(start, layout.row_start(end, below), _RANGE, "")
    if below:
        start = layout.row_start(start, -layout.blank_above(start))
    return _Change(start, end, _RANGE, "")
