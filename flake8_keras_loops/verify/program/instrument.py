"""A program as a tree and the line of a loop in, the same program with the probe around the body of that loop out. Nothing here
runs the program."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TypeAlias

from ...fixes.helpers import HELPERS
from ...semantics.scopes import Comprehension, FunctionNode

#: What the probe is called in the program. No program has a name like it.
PROBE = "__keras_loop_probe__"

_STATEMENTS = (ast.For, ast.AsyncFor, ast.While)
_Node: TypeAlias = ast.stmt | ast.expr


class PlaceError(ValueError):
    """There is no such loop. The message is one line."""


@dataclass(frozen=True)
class Place:
    """A loop, told by its header so that it is found again in the fixed program: ``kind`` and ``header`` as text, and ``nth``
    (from 0) among those that are the same in both. ``line``: where it is in the program as written."""

    kind: str
    header: str
    nth: int
    line: int


def place_at(tree: ast.Module, line: int, column: int | None = None) -> Place:
    """The loop that starts on a line, the outermost if there are several; a function if no loop does.

    ``column``: from 0, to tell loops on one line apart where that is possible. Raises :class:`PlaceError`.
    """
    nodes = _repeated(tree)
    here = [node for node in nodes if node.lineno == line]
    here.sort(key=lambda node: (node.col_offset != column if column is not None else False, isinstance(node, FunctionNode)))
    if not here:
        lines = sorted({node.lineno for node in nodes if not isinstance(node, FunctionNode)})
        known = f"loops start on {', '.join(map(str, lines))}" if lines else "the file has no loop"
        raise PlaceError(f"no loop starts on line {line}: {known}")
    header = _header(here[0])
    same = [node for node in nodes if _header(node) == header]
    return Place(*header, same.index(here[0]), line)


def is_loop(tree: ast.Module, line: int) -> bool:
    """Whether a loop starts on a line: functions are none."""
    return any(node.lineno == line and not isinstance(node, FunctionNode) for node in _repeated(tree))


def instrumented(tree: ast.Module, place: Place) -> ast.Module:
    """The program with the probe around the body of its loop; the tree given is changed. Lines stay what they were.

    Raises :class:`PlaceError` if the loop is not there.
    """
    same = [node for node in _repeated(tree) if _header(node) == (place.kind, place.header)]
    if place.nth >= len(same):
        raise PlaceError(f"the loop of line {place.line} is not found in it")
    _wrap(same[place.nth])
    return ast.fix_missing_locations(tree)


def _repeated(tree: ast.Module) -> list[_Node]:
    """Loops and functions in the order of the source, without those of the helpers that a fix writes."""
    found: list[_Node] = []
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.FunctionDef) and node.name in HELPERS:
            continue
        if isinstance(node, (*_STATEMENTS, *Comprehension, *FunctionNode)) or _is_map(node):
            found.append(node)  # type: ignore[arg-type]
        stack += reversed(list(ast.iter_child_nodes(node)))
    return found


def _is_map(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "map" and len(node.args) > 1


def _header(node: _Node) -> tuple[str, str]:
    """What tells a loop from others, whatever is done to its body."""
    kind = type(node).__name__
    if isinstance(node, (ast.For, ast.AsyncFor)):
        return kind, f"{ast.unparse(node.target)} in {ast.unparse(node.iter)}"
    if isinstance(node, ast.While):
        return kind, ast.unparse(node.test)
    if isinstance(node, Comprehension):
        return kind, " ".join(map(ast.unparse, node.generators))
    if isinstance(node, ast.Call):
        return "map", ", ".join(map(ast.unparse, node.args[1:]))
    if isinstance(node, ast.Lambda):
        return kind, ast.unparse(node.args)
    return kind, getattr(node, "name", "")


def _wrap(node: _Node) -> None:
    if isinstance(node, (*_STATEMENTS, ast.FunctionDef, ast.AsyncFunctionDef)):
        first = node.body[0]
        is_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and len(node.body) > 1
        kept, body = node.body[:is_docstring], node.body[is_docstring:]
        node.body = [*kept, ast.copy_location(ast.With([ast.withitem(_name())], body), body[0])]
    elif isinstance(node, ast.DictComp):
        node.key = _select(1, _call("__enter__"), node.key)
        node.value = _select(0, node.value, _call("leave"))
    elif isinstance(node, ast.Lambda):
        node.body = _select(1, _call("__enter__"), node.body, _call("leave"))
    elif isinstance(node, ast.Call):
        node.args[0] = ast.Call(ast.Attribute(_name(), "around", ast.Load()), [node.args[0]], [])
    elif isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp)):
        node.elt = _select(1, _call("__enter__"), node.elt, _call("leave"))


def _name() -> ast.Name:
    return ast.Name(PROBE, ast.Load())


def _call(method: str) -> ast.Call:
    return ast.Call(ast.Attribute(_name(), method, ast.Load()), [], [])


def _select(index: int, *parts: ast.expr) -> ast.expr:
    """One of several expressions that are evaluated in this order."""
    return ast.Subscript(ast.Tuple(list(parts), ast.Load()), ast.Constant(index), ast.Load())
