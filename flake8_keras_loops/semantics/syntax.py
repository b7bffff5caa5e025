"""Where a node stands: its parent, its statement, the statements beside it, and the names around it."""

from __future__ import annotations

import ast
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from typing import TypeVar

from .scopes import Definition, FunctionNode, Module, Scope, end, remembered, start

_Node = TypeVar("_Node", bound=ast.AST)
_SUITES = ("body", "orelse", "finalbody")
_MAX_NAME = 60
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef, ast.Module)


class Syntax:
    """Parents of the nodes of one module."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.parents: dict[ast.AST, ast.AST] = {}
        self._kinds: dict[type[ast.AST], list[ast.AST]] = {}
        self._places: dict[ast.stmt, tuple[list[ast.stmt], int]] = {}
        for node in ast.walk(module.tree):
            self._kinds.setdefault(type(node), []).append(node)
            for child in ast.iter_child_nodes(node):
                self.parents[child] = node
            for suite in (getattr(node, name, ()) for name in _SUITES):
                if isinstance(suite, list):  # of a lambda, it is an expression
                    self._places.update((statement, (suite, position)) for position, statement in enumerate(suite))
        defined: list[Definition] = [*self.every(ast.FunctionDef), *self.every(ast.AsyncFunctionDef), *self.every(ast.ClassDef)]
        self._used = {node.name for node in defined} | {node.arg for node in self.every(ast.arg)}
        self._used |= {alias.asname or alias.name for alias in self.every(ast.alias)}
        self._loads: dict[str, list[ast.expr]] = {}
        for name in self.every(ast.Name):
            self._used.add(name.id)
            if isinstance(name.ctx, ast.Load):
                self._loads.setdefault(name.id, []).append(name)
        for attribute in self.every(ast.Attribute):
            if isinstance(attribute.ctx, ast.Load):
                self._loads.setdefault(attribute.attr, []).append(attribute)
        for loads in self._loads.values():
            loads.sort(key=start)
        self._reads: dict[tuple[str, ast.AST], list[ast.expr]] = {}

    def every(self, kind: type[_Node]) -> list[_Node]:
        """All nodes of one type, in the order of ``ast.walk``: many times cheaper than walking again for each finding."""
        return self._kinds.get(kind, [])  # type: ignore[return-value]

    def above(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes around a node, innermost first."""
        while node in self.parents:
            node = self.parents[node]
            yield node

    def is_called(self, node: ast.expr) -> bool:
        """Whether an expression is what a call calls."""
        parent = self.parents[node]
        return isinstance(parent, ast.Call) and parent.func is node

    def statement(self, node: ast.AST) -> ast.stmt:
        """The innermost statement that a node is, or is part of."""
        while not isinstance(node, ast.stmt):
            node = self.parents[node]
        return node

    def suite(self, statement: ast.stmt) -> list[ast.stmt]:
        """The statements that a statement stands among."""
        return self._places[statement][0]

    def after(self, statement: ast.stmt) -> list[ast.stmt]:
        """The statements that follow a statement in its suite."""
        suite, position = self._places[statement]
        return suite[position + 1 :]

    def function(self, node: ast.AST) -> ast.AST:
        """The function, class or module that a node stands in; a comprehension is part of what it stands in."""
        return next((parent for parent in self.above(node) if isinstance(parent, _SCOPES)), self.module.tree)

    def top(self, node: ast.AST) -> ast.stmt:
        """The statement of the module's own body that a node stands in."""
        chain = [node, *self.above(node)]
        top = chain[-2]
        assert isinstance(top, ast.stmt)
        return top

    def reads(self, text: str, function: ast.AST) -> Iterator[ast.expr]:
        """All places in a function, or in functions inside it, that read a name or attribute spelled ``text``, the last first."""
        known = self._reads.get((text, function))
        if known is None:
            name, loads = text.partition(".")[0], self._loads.get(text.rpartition(".")[2], [])
            if not isinstance(function, ast.Module):
                loads = loads[bisect_left(loads, start(function), key=start) : bisect_right(loads, end(function), key=start)]
            known = [node for node in reversed(loads) if is_same(node, text) and self._is_of(node, name, function)]
            self._reads[text, function] = known
        yield from known

    def _is_of(self, node: ast.AST, name: str, function: ast.AST) -> bool:
        """Whether a node lies in a function, and no function in between has another variable of that name."""
        below = node
        for above in self.above(node):
            if above is function:
                return True
            scope = self.module.scope_of.get(above)
            if scope is not None and name != "self" and any(binding.scope is scope for binding in scope.bindings.get(name, ())):
                # Default values are read outside the function.
                if not isinstance(below, ast.arguments) or isinstance(above, ast.ClassDef) or not self._in_defaults(node, below):
                    return False
            below = above
        return False

    def _in_defaults(self, node: ast.AST, arguments: ast.arguments) -> bool:
        return any(default is node or default in self.above(node) for default in arguments.defaults)

    def free_name(self, wanted: str) -> str:
        """``wanted``, or with a number where the file uses that name already."""
        number = 1
        name = wanted
        while name in self._used:
            number += 1
            name = f"{wanted}_{number}"
        return name


def scoped(root: ast.AST, scope: Scope) -> Iterator[tuple[ast.AST, Scope]]:
    """The nodes of a part of a module, each with the scope that it is read in. ``scope``: that of ``root``.

    Decorators and default values of a function belong to the scope around it.
    """
    stack = [(root, scope)]
    while stack:
        node, around = stack.pop()
        yield node, around
        inner = scope.module.scope_of.get(node, around)
        if isinstance(node, FunctionNode):
            first = [*getattr(node, "decorator_list", ()), *node.args.defaults, *filter(None, node.args.kw_defaults)]
            stack.extend((part, around) for part in first)
            parts: list[ast.AST] = [node.body] if isinstance(node, ast.Lambda) else list(node.body)
            stack.extend((part, inner) for part in parts)
            continue
        stack.extend((child, inner) for child in ast.iter_child_nodes(node))


@remembered
def syntax_of(module: Module) -> Syntax:
    """The parents of a module's nodes, worked out once."""
    return Syntax(module)


def walk(parts: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """All nodes of several parts of a module."""
    return (node for part in parts for node in ast.walk(part))


def method_calls(nodes: Iterable[ast.AST]) -> Iterator[tuple[ast.Call, ast.expr, str]]:
    """The calls of methods among some nodes, each with the receiver and the name of the method."""
    for node in nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node, node.func.value, node.func.attr


def within(node: ast.AST, around: ast.AST) -> bool:
    """Whether a node lies in another one's text."""
    return start(around) <= start(node) and end(node) <= end(around)


def is_same(node: ast.AST, text: str) -> bool:
    """Whether an expression is spelled like ``text``, such as ``self.model``."""
    return isinstance(node, (ast.Name, ast.Attribute)) and ast.unparse(node) == text


def base(node: ast.AST) -> str:
    """The name that an attribute, subscript or call starts from, ``""`` for other expressions."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def variable(node: ast.AST) -> str:
    """The name of what an attribute or subscript is a part of; ``""`` for a part of what a call gives."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def spelling(call: ast.Call) -> str:
    """How a construction is spelled, without its arguments: ``models.Sequential()``."""
    func = call.func
    parts: list[str] = []
    while isinstance(func, ast.Attribute):
        parts.append(func.attr)
        func = func.value
    parts.append(func.id if isinstance(func, ast.Name) else "(...)")
    name = ".".join(reversed(parts))
    return f"{name if len(name) <= _MAX_NAME else '...' + name[-_MAX_NAME:]}()"
