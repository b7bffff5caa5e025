"""Which functions of the project a part of a module comes upon: those that it calls, and those that it only names.

``Roots`` are parts of modules, each with the scope that it stands in.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from .scopes import CallSite, Scope, callee_name
from .syntax import scoped
from .values import NO_ENV, Cls, Func, Obj, Value, Values

if TYPE_CHECKING:
    from .interpreter import Interpreter

Roots = Iterable[tuple[ast.AST, Scope]]
_MAX_FUNCTIONS = 100


def callee(call: ast.Call, scope: Scope, interpreter: Interpreter) -> Func | None:
    """The function of the project that a call calls, ``None`` where it is not certainly one."""
    values = interpreter.callees(call, scope, NO_ENV)
    return values[0] if len(values) == 1 and isinstance(values[0], Func) else None


def calls(roots: Roots, interpreter: Interpreter) -> Iterator[CallSite]:
    """The calls in some parts of modules, and those in all functions of the project that these come upon."""
    roots = list(roots)
    for root, scope in (*roots, *((scope.node, scope) for scope in called(roots, interpreter))):
        yield from scope.module.calls_within(root)


def names_inside(callees: Values, interpreter: Interpreter) -> Iterator[str]:
    """How the functions among some callees, and those that they come upon, name what they call."""
    functions = [(value.scope.node, value.scope) for value in callees if isinstance(value, Func)]
    return (callee_name(call) for call, _, _ in calls(functions, interpreter))


def called(roots: Roots, interpreter: Interpreter) -> Iterator[Scope]:
    """The functions and methods of the project that calls in some parts of modules come upon, each once."""

    def callees(root: ast.AST, scope: Scope) -> Iterator[Value]:
        for site in scope.module.calls_within(root):
            yield from (value for value in interpreter.callees(site.node, site.scope, NO_ENV) if isinstance(value, Func))

    return reached(roots, callees)


def named(roots: Roots, interpreter: Interpreter) -> Iterator[Scope]:
    """The functions and classes of the project that some parts of modules name, and those that these name, each once.

    Of an object it is its class.
    """

    def values(root: ast.AST, scope: Scope) -> Iterator[Value]:
        for node, inner in scoped(root, scope):
            is_self = isinstance(node, ast.Name) and node.id == "self"
            if isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load) and not is_self:
                yield from (value.of if isinstance(value, Obj) else value for value in interpreter.eval(node, inner))

    return reached(roots, values)


def calls_itself(scope: Scope, interpreter: Interpreter) -> bool:
    """Whether a call of a function may come upon the same function before it ends."""
    return scope in called([(scope.node, scope)], interpreter)


def reached(roots: Roots, values: Callable[[ast.AST, Scope], Iterable[Value]]) -> Iterator[Scope]:
    """The functions and classes among the values in some parts of modules, and in these."""
    todo = list(roots)
    seen: set[Scope] = set()
    while todo:
        for value in values(*todo.pop()):
            if isinstance(value, (Func, Cls)) and value.scope not in seen and len(seen) < _MAX_FUNCTIONS:
                seen.add(value.scope)
                todo.append((value.scope.node, value.scope))
                yield value.scope
