"""Which functions of the project a part of a module comes upon: those that it calls, and those that it only names.

``Roots`` are parts of modules, each with the scope that it stands in.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from .scopes import CallSite, Scope
from .syntax import scoped
from .values import NO_ENV, Cls, Func, Obj

if TYPE_CHECKING:
    from .interpreter import Interpreter

Roots = Iterable[tuple[ast.AST, Scope]]
_MAX_FUNCTIONS = 100


def calls(roots: Roots, interpreter: Interpreter) -> Iterator[CallSite]:
    """The calls in some parts of modules, and those in all functions of the project that these come upon."""
    roots = list(roots)
    for root, scope in (*roots, *((scope.node, scope) for scope in called(roots, interpreter))):
        yield from scope.module.calls_within(root)


def called(roots: Roots, interpreter: Interpreter) -> Iterator[Scope]:
    """The functions and methods of the project that calls in some parts of modules come upon, each once."""
    todo = list(roots)
    seen: set[Scope] = set()
    while todo:
        root, scope = todo.pop()
        for site in scope.module.calls_within(root):
            for value in interpreter.callees(site.node, site.scope, NO_ENV):
                if isinstance(value, Func) and value.scope not in seen and len(seen) < _MAX_FUNCTIONS:
                    seen.add(value.scope)
                    todo.append((value.scope.node, value.scope))
                    yield value.scope


def named(roots: Roots, interpreter: Interpreter) -> Iterator[Scope]:
    """The functions and classes of the project that some parts of modules name, and those that these name, each once.

    Of an object it is its class.
    """
    todo = list(roots)
    seen: set[Scope] = set()
    while todo and len(seen) < _MAX_FUNCTIONS:
        root, scope = todo.pop()
        for node, inner in scoped(root, scope):
            if not isinstance(node, (ast.Name, ast.Attribute)) or not isinstance(node.ctx, ast.Load):
                continue
            if isinstance(node, ast.Name) and node.id == "self":
                continue
            for value in interpreter.eval(node, inner):
                found = value.of if isinstance(value, Obj) else value
                if isinstance(found, (Func, Cls)) and found.scope not in seen:
                    seen.add(found.scope)
                    todo.append((found.scope.node, found.scope))
                    yield found.scope


def calls_itself(scope: Scope, interpreter: Interpreter) -> bool:
    """Whether a call of a function may come upon the same function before it ends."""
    return scope in called([(scope.node, scope)], interpreter)
