"""Is anything that was made while the model was built used after it: a layer, a tensor, an optimizer?

Such a thing belongs to the model of this iteration. Once an earlier one goes on in its place, it would be the wrong one.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..analysis.detect import Examined
from ..analysis.scopes import Binding, Scope, callee_name, end, reaching, start
from ..analysis.values import MODEL, TENSOR, Api, Obj
from .home import Home, setup_calls
from .lifetime import Problem
from .syntax import Syntax, within

_TAKERS = frozenset({"compile", "add", "Model", "Sequential", "Functional"})
_PLAIN = (ast.Constant, ast.BinOp, ast.Subscript, ast.Compare, ast.BoolOp, ast.JoinedStr, ast.List, ast.Tuple)
_MAX_NAMES = 200


def leftovers(home: Home, examined: Examined, syntax: Syntax) -> Iterator[Problem]:
    """A problem for each such thing that is read after the model is complete."""
    scope = examined.module.scope_of.get(home.function, examined.module.scope)
    region = home.loop.node if home.loop is not None else home.function
    seen: set[str] = {home.holder}
    todo: list[ast.expr] = [home.call, *home.compiles, *setup_calls(home, syntax)]
    while todo and len(seen) < _MAX_NAMES:
        expression = todo.pop()
        for name in _reads(expression):
            if name.id in seen:
                continue
            seen.add(name.id)
            for binding in reaching(scope.bindings.get(name.id, []), start(name)) if scope.bindings.get(name.id) else ():
                if binding.expr is None or (binding.node is None and not within(binding.expr, region)):
                    continue
                if not within(binding.expr, region) or start(binding.expr) > end(home.ready):
                    continue
                if not _belongs(name, binding, examined, scope, syntax):
                    continue
                todo.append(binding.expr)
                yield from _later(name.id, binding, home, scope, syntax)


def _reads(node: ast.AST) -> Iterator[ast.Name]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load):
            yield inner


def _belongs(name: ast.Name, binding: Binding, examined: Examined, scope: Scope, syntax: Syntax) -> bool:
    """Whether a name holds a part of the model rather than a number, a string or data."""
    values = examined.factories.resolver.eval(name, scope)
    if values:
        return any(
            value in (MODEL, TENSOR)
            or (isinstance(value, Obj) and isinstance(value.of, Api) and value.of.name.startswith("keras."))
            for value in values
        ) or any(isinstance(value, Obj) and not isinstance(value.of, Api) for value in values)
    if isinstance(binding.expr, _PLAIN):
        return False
    parent = syntax.parents.get(name)
    while isinstance(parent, (ast.List, ast.Tuple, ast.keyword, ast.Dict)):
        parent = syntax.parents.get(parent)
    is_taken = isinstance(parent, ast.Call) and callee_name(parent) in _TAKERS
    is_layer_call = isinstance(parent, ast.Call) and isinstance(parent.func, ast.Call)
    return (is_taken or is_layer_call or (isinstance(parent, ast.Call) and parent.func is name)) and isinstance(
        binding.expr, ast.Call
    )


def _later(name: str, binding: Binding, home: Home, scope: Scope, syntax: Syntax) -> Iterator[Problem]:
    """Reads of a name after the model is complete that still see what it held while the model was built."""
    for node in syntax.reads(name, home.function):
        if start(node) > end(home.ready):
            if binding in reaching(scope.bindings[name], start(node)):
                yield Problem(f"{name} was made for the new model and is used in line {node.lineno}", True, node)
                return
