"""Which way a test goes, where the arguments of the call being evaluated decide it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from .scopes import Scope
from .values import Const, Env, Value

if TYPE_CHECKING:
    from .resolve import Resolver


def truth(resolver: Resolver, test: ast.expr, scope: Scope, env: Env) -> bool | None:
    """True or false where it is certain for this call, ``None`` otherwise."""
    if isinstance(test, ast.Constant):
        return bool(test.value)
    if not env.frames:
        return None
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = truth(resolver, test.operand, scope, env)
        return None if inner is None else not inner
    if isinstance(test, ast.BoolOp):
        parts = [truth(resolver, value, scope, env) for value in test.values]
        decisive = isinstance(test.op, ast.Or)
        if decisive in parts:
            return decisive
        return None if None in parts else not decisive
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        return _comparison(resolver, test, scope, env)
    value = _argument(resolver, test, scope, env)
    if value is None:
        return None
    return bool(value.value) if isinstance(value, Const) else None


def _comparison(resolver: Resolver, test: ast.Compare, scope: Scope, env: Env) -> bool | None:
    left, right, operator = test.left, test.comparators[0], test.ops[0]
    if isinstance(left, ast.Constant):
        left, right = right, left
    value = _argument(resolver, left, scope, env)
    if value is None:
        return None
    if isinstance(operator, (ast.In, ast.NotIn)) and isinstance(right, (ast.Tuple, ast.List, ast.Set)):
        if not isinstance(value, Const) or not all(isinstance(item, ast.Constant) for item in right.elts):
            return None
        found = value.value in [item.value for item in right.elts if isinstance(item, ast.Constant)]
        return found if isinstance(operator, ast.In) else not found
    if not isinstance(right, ast.Constant) or not isinstance(operator, (ast.Eq, ast.NotEq, ast.Is, ast.IsNot)):
        return None
    if not isinstance(value, Const):
        same = False if right.value is None else None
    else:
        same = type(value.value) is type(right.value) and value.value == right.value
    if same is None:
        return None
    return same if isinstance(operator, (ast.Eq, ast.Is)) else not same


def _argument(resolver: Resolver, node: ast.expr, scope: Scope, env: Env) -> Value | None:
    """The one value of a parameter that the function does not assign anew."""
    if not isinstance(node, ast.Name):
        return None
    owner = scope.function()
    bindings = owner.bindings.get(node.id, ())
    if len(bindings) != 1 or bindings[0].kind != "param":
        return None
    values = env.lookup(owner, node.id)
    return values[0] if values and len(values) == 1 else None
