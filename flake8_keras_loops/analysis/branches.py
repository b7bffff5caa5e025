"""Which way a test goes, where the arguments of the call being evaluated decide it."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from .. import keras_api
from . import classes
from .scopes import Scope, reaching, start
from .values import MODEL, Api, Cls, Const, Env, Obj, Value, Values

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
    if isinstance(test, ast.Call):
        return _is_instance(resolver, test, scope, env)
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
    other = _literal(resolver, right, scope)
    if other is None or not isinstance(operator, (ast.Eq, ast.NotEq, ast.Is, ast.IsNot)):
        return None
    if not isinstance(value, Const):
        same = False if other.value is None else None
    else:
        same = type(value.value) is type(other.value) and value.value == other.value
    if same is None:
        return None
    return same if isinstance(operator, (ast.Eq, ast.Is)) else not same


def _literal(resolver: Resolver, node: ast.expr, scope: Scope) -> Const | None:
    """A literal, or a member of an enumeration that stands for one."""
    if isinstance(node, ast.Constant):
        return Const(node.value)
    if not isinstance(node, ast.Attribute):
        return None
    values = resolver.eval(node, scope)
    return values[0] if len(values) == 1 and isinstance(values[0], Const) else None


def _is_instance(resolver: Resolver, test: ast.Call, scope: Scope, env: Env) -> bool | None:
    """``isinstance(model, keras.Model)``, for an argument that is known to be one, or of another library."""
    if not isinstance(test.func, ast.Name) or test.func.id != "isinstance" or len(test.args) != 2:
        return None
    values = _values(test.args[0], scope, env)
    tested = [value for value in resolver.eval(test.args[1], scope, env) if isinstance(value, (Api, Cls))]
    if not values or not tested or not all(classes.is_model(resolver, cls) for cls in tested):
        return None
    if all(isinstance(value, Const) or _is_foreign(value) for value in values):
        return False
    return True if all(value == MODEL for value in values) else None


def _is_foreign(value: Value) -> bool:
    return isinstance(value, Obj) and isinstance(value.of, Api) and keras_api.is_other_library(value.of.name)


def _argument(resolver: Resolver, node: ast.expr, scope: Scope, env: Env) -> Value | None:
    """The one value of a parameter that the function does not assign anew."""
    values = _values(node, scope, env)
    return values[0] if len(values) == 1 else None


_CASE: dict[str, Callable[[str], str]] = {"lower": str.lower, "upper": str.upper, "strip": str.strip}


def _values(node: ast.expr, scope: Scope, env: Env) -> Values:
    """Values of a parameter that has not been assigned anew, but for ``name = name.lower()``."""
    if not isinstance(node, ast.Name):
        return ()
    owner = scope.function()
    reached = reaching(owner.bindings.get(node.id, []), start(node))
    if len(reached) != 1:
        return ()
    binding = reached[0]
    if binding.kind == "param":
        return env.lookup(owner, node.id) or ()
    expr = binding.expr
    if isinstance(expr, ast.Call) and isinstance(expr.func, ast.Attribute) and ast.dump(expr.func.value) == ast.dump(node):
        change = _CASE.get(expr.func.attr)
        values = _values(expr.func.value, scope, env) if change else ()
        if change is not None and all(isinstance(value, Const) and isinstance(value.value, str) for value in values):
            return tuple(Const(change(str(value.value))) for value in values if isinstance(value, Const))
    return ()
