"""Which way a test goes, where the arguments of the call being evaluated decide it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ..knowledge import keras, modes
from . import classes
from .scopes import Extent, Scope, end, reaching, start
from .syntax import is_same
from .values import MODEL, Api, Cls, Const, Env, Func, Obj, Value, Values

if TYPE_CHECKING:
    from .interpreter import Interpreter


def truth(interpreter: Interpreter, test: ast.expr, scope: Scope, env: Env) -> bool | None:
    """True or false where it is certain for this call, ``None`` otherwise."""
    if isinstance(test, ast.Constant):
        return bool(test.value)
    if not env.frames:
        return None
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = truth(interpreter, test.operand, scope, env)
        return None if inner is None else not inner
    if isinstance(test, ast.BoolOp):
        parts = [truth(interpreter, value, scope, env) for value in test.values]
        decisive = isinstance(test.op, ast.Or)
        if decisive in parts:
            return decisive
        return None if None in parts else not decisive
    if isinstance(test, ast.Call):
        return _is_instance(interpreter, test, scope, env)
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        return _comparison(interpreter, test, scope, env)
    return _agreed(bool(value.value) if isinstance(value, Const) else None for value in _values(test, scope, env))


def _agreed(outcomes: Iterable[bool | None]) -> bool | None:
    """What all outcomes are."""
    found = set(outcomes)
    return found.pop() if len(found) == 1 else None


def _comparison(interpreter: Interpreter, test: ast.Compare, scope: Scope, env: Env) -> bool | None:
    left, right, operator = test.left, test.comparators[0], test.ops[0]
    if isinstance(left, ast.Constant):
        left, right = right, left
    values = _values(left, scope, env)
    if isinstance(operator, (ast.In, ast.NotIn)):
        choices = right.elts if isinstance(right, (ast.Tuple, ast.List, ast.Set)) else []
    else:
        choices = [right] if isinstance(operator, (ast.Eq, ast.NotEq, ast.Is, ast.IsNot)) else []
    if not values or not choices:
        return None
    literals = [_literal(interpreter, choice, scope) for choice in choices]
    is_equal = _agreed(_is_one_of(value, literals) for value in values)
    return None if is_equal is None else is_equal is isinstance(operator, (ast.In, ast.Eq, ast.Is))


def _is_one_of(value: Value, choices: list[Value | None]) -> bool | None:
    outcomes = [None if choice is None else _same(value, choice) for choice in choices]
    return True if True in outcomes else None if None in outcomes else False


def _same(value: Value, other: Value) -> bool | None:
    """Whether two values are equal: literals, or classes and functions."""
    if isinstance(value, Const) and isinstance(other, Const):
        return type(value.value) is type(other.value) and value.value == other.value
    if isinstance(other, Const):
        return False if other.value is None else None
    comparable = (Const, Cls, Func)
    return value == other if isinstance(value, comparable) and isinstance(other, comparable) else None


def dead(interpreter: Interpreter, scope: Scope, env: Env) -> tuple[Extent, ...]:
    """The parts of a function that its arguments rule out."""
    if isinstance(scope.node, ast.Lambda) or not any(bound for frame, bound in env.frames if frame is scope):
        return ()
    key = (scope, env)
    if key not in interpreter.dead:
        interpreter.dead[key] = ()  # while tests are evaluated, nothing is ruled out
        interpreter.dead[key] = tuple(_find_dead(interpreter, scope, env))
    return interpreter.dead[key]


def _find_dead(interpreter: Interpreter, scope: Scope, env: Env) -> Iterator[Extent]:
    todo: list[ast.AST] = [*scope.node.body]  # type: ignore[attr-defined]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.If):
            outcome = truth(interpreter, node.test, scope, env)
            for branch, is_dead in ((node.body, outcome is False), (node.orelse, outcome is True)):
                if not is_dead:
                    todo += branch
                elif branch:
                    yield start(branch[0]), end(branch[-1])
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            todo += (
                each for each in ast.iter_child_nodes(node) if isinstance(each, (ast.stmt, ast.excepthandler, ast.match_case))
            )


def _literal(interpreter: Interpreter, node: ast.expr, scope: Scope) -> Value | None:
    """A literal, a member of an enumeration that stands for one, or a class or function by its name."""
    if isinstance(node, ast.Constant):
        return Const(node.value)
    if not isinstance(node, (ast.Name, ast.Attribute)):
        return None
    values = interpreter.eval(node, scope)
    return values[0] if len(values) == 1 and isinstance(values[0], (Const, Cls, Func)) else None


def _is_instance(interpreter: Interpreter, test: ast.Call, scope: Scope, env: Env) -> bool | None:
    """``isinstance(model, keras.Model)``, for an argument that is known to be one, or of another library."""
    if not isinstance(test.func, ast.Name) or test.func.id != "isinstance" or len(test.args) != 2:
        return None
    values = _values(test.args[0], scope, env)
    tested = [value for value in interpreter.eval(test.args[1], scope, env) if isinstance(value, (Api, Cls))]
    if not values or not tested or not all(classes.is_model(interpreter, cls) for cls in tested):
        return None
    if all(isinstance(value, Const) or _is_foreign(value) for value in values):
        return False
    is_base = any(isinstance(cls, Api) and keras.last(cls.name) == "Model" for cls in tested)
    return True if is_base and all(value == MODEL for value in values) else None


def settled(node: ast.expr, scope: Scope, env: Env) -> list[object]:
    """The values of which an expression has one: of a literal, a name of literals, an argument that is a literal; else none."""
    if isinstance(node, ast.Constant):
        return [node.value]
    bindings = scope.bindings_of(node.id) if isinstance(node, ast.Name) else []
    if bindings and bindings[0].scope.function() is scope.function():
        bindings = reaching(bindings, start(node))
    if len(bindings) == 1 and bindings[0].kind in {"value", "element"} and not bindings[0].path:
        expr = bindings[0].expr
        found: list[ast.expr | None] = getattr(expr, "elts", []) if bindings[0].kind == "element" else [expr]
        literals: list[object] = [each.value for each in found if isinstance(each, ast.Constant)]
        return literals if len(literals) == len(found) else []
    values = _values(node, scope, env)
    return [value.value for value in values if isinstance(value, Const)] if all(isinstance(v, Const) for v in values) else []


def _is_foreign(value: Value) -> bool:
    return isinstance(value, Obj) and isinstance(value.of, Api) and modes.is_other_library(value.of.name)


_PARTS = (ast.stmt, ast.excepthandler, ast.match_case)
_CASES = frozenset({"lower", "upper", "strip"})


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
    func = binding.expr.func if isinstance(binding.expr, ast.Call) else None
    if isinstance(func, ast.Attribute) and func.attr in _CASES and is_same(func.value, node.id):
        values = _values(func.value, scope, env)
        texts = [value.value for value in values if isinstance(value, Const) and isinstance(value.value, str)]
        if len(texts) == len(values):
            return tuple(Const(getattr(text, func.attr)()) for text in texts)
    return ()
