"""Which way a test goes, where the arguments of the call being evaluated decide it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ..knowledge import keras, modes
from . import classes
from .scopes import Binding, Extent, Scope, end, inside, reaching, start
from .values import MODEL, Api, Cls, Const, Env, Func, Items, Obj, Value, Values, union

if TYPE_CHECKING:
    from .interpreter import Interpreter


def truth(interpreter: Interpreter, test: ast.expr, scope: Scope, env: Env) -> bool | None:
    """True or false where it is certain for this call, ``None`` otherwise.

    A test of the backend is taken to run on TensorFlow, the one backend that clearing the session does much for.
    """
    if isinstance(test, ast.Constant):
        return bool(test.value)
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
        return _asked(interpreter, test, scope, env)
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        return _comparison(interpreter, test, scope, env)
    values = _known(interpreter, test, scope, env) or ()
    return _agreed(bool(value.value) if isinstance(value, Const) else None for value in values)


def apart(interpreter: Interpreter, node: ast.IfExp, values: Values, scope: Scope) -> Values:
    """Of the values of what stands behind ``else``, those that it can have there: not ``K`` in ``K() if kind == K else kind``."""
    test = node.test
    if not (isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], (ast.Eq, ast.Is))):
        return values
    if ast.dump(test.left) != ast.dump(node.orelse):
        return values
    excluded = _literal(interpreter, test.comparators[0], scope)
    return tuple(value for value in values if value != excluded)


def _agreed(outcomes: Iterable[bool | None]) -> bool | None:
    """What all outcomes are."""
    found = set(outcomes)
    return found.pop() if len(found) == 1 else None


def _comparison(interpreter: Interpreter, test: ast.Compare, scope: Scope, env: Env) -> bool | None:
    left, right, operator = test.left, test.comparators[0], test.ops[0]
    is_member = isinstance(operator, (ast.In, ast.NotIn))
    if isinstance(left, ast.Constant) and not is_member:
        left, right = right, left
    values = _known(interpreter, left, scope, env)
    if is_member and not isinstance(right, (ast.Tuple, ast.List, ast.Set)):
        is_in = _agreed(_is_inside(left, value) for value in _known(interpreter, right, scope, env) or ())
        return None if is_in is None else is_in is isinstance(operator, ast.In)
    is_one = isinstance(operator, (ast.Eq, ast.NotEq, ast.Is, ast.IsNot))
    choices = getattr(right, "elts", []) if is_member else [right] if is_one else []
    if not values or not choices:
        return None
    literals = [_literal(interpreter, choice, scope) for choice in choices]
    is_equal = _agreed(_is_one_of(value, literals) for value in values)
    return None if is_equal is None else is_equal is isinstance(operator, (ast.In, ast.Eq, ast.Is))


def _is_inside(part: ast.expr, value: Value) -> bool | None:
    """``"net" in kind``"""
    text = value.value if isinstance(value, Const) else None
    is_text = isinstance(part, ast.Constant) and isinstance(part.value, str) and isinstance(text, str)
    return part.value in text if is_text else None  # type: ignore[attr-defined, operator]


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
        if interpreter.dead[key]:  # without what these branches assign, another test may be decided
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


def _asked(interpreter: Interpreter, test: ast.Call, scope: Scope, env: Env) -> bool | None:
    """``isinstance(model, keras.Model)``, ``kind.startswith("net")``, ``bool(kind)``."""
    func = test.func
    if isinstance(func, ast.Name) and func.id == "isinstance" and len(test.args) == 2:
        return _is_instance(interpreter, test, scope, env)
    if isinstance(func, ast.Attribute) and func.attr in _BEGINNINGS and len(test.args) == 1:
        (part,) = test.args
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            texts = _texts(_known(interpreter, func.value, scope, env))
            return _agreed(getattr(text, func.attr)(part.value) for text in texts or ())
    return None


def _is_instance(interpreter: Interpreter, test: ast.Call, scope: Scope, env: Env) -> bool | None:
    """Whether an argument that is known to be a Keras model, or an object of another library, is of some classes."""
    values = _known(interpreter, test.args[0], scope, env)
    asked = test.args[1].elts if isinstance(test.args[1], ast.Tuple) else [test.args[1]]
    tested = [value for each in asked for value in interpreter.eval(each, scope, env) if isinstance(value, (Api, Cls))]
    if not values or len(tested) < len(asked):
        return None
    if all(classes.is_model(interpreter, cls) for cls in tested):
        if all(isinstance(value, Const) or _is_foreign(value) for value in values):
            return False
        is_base = any(isinstance(cls, Api) and keras.last(cls.name) == "Model" for cls in tested)
        return True if is_base and all(value == MODEL for value in values) else None
    if all(isinstance(cls, Api) and modes.is_other_library(cls.name) for cls in tested):
        if all(classes.is_keras_model(interpreter, value) for value in values):
            return False
        return True if all(isinstance(value, Obj) and value.of in tested for value in values) else None
    return None


def settled(interpreter: Interpreter, node: ast.expr, scope: Scope, env: Env) -> list[object]:
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
    values = _known(interpreter, node, scope, env) or ()
    return [value.value for value in values if isinstance(value, Const)] if all(isinstance(v, Const) for v in values) else []


def _is_foreign(value: Value) -> bool:
    return isinstance(value, Obj) and isinstance(value.of, Api) and modes.is_other_library(value.of.name)


_CASES = frozenset({"lower", "upper", "strip"})
_BEGINNINGS = frozenset({"startswith", "endswith"})
_MAX_STEPS = 6


def _known(interpreter: Interpreter, node: ast.expr, scope: Scope, env: Env, steps: int = 0) -> Values | None:
    """All that an expression may be in this call, ``None`` where that is not certain.

    Certain are parameters that were given and have not been assigned anew, attributes that ``__init__`` alone sets, and what
    names that are bound once, literal keys and :data:`_CASES` make of these.
    """
    if steps > _MAX_STEPS:
        return None
    if isinstance(node, ast.Constant):
        return (Const(node.value),)
    if isinstance(node, ast.Name):
        return _of_name(interpreter, node, scope, env, steps)
    if isinstance(node, ast.Attribute):
        return _of_attribute(interpreter, node, scope, env, steps)
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        held = _known(interpreter, node.value, scope, env, steps + 1) or ()
        key = node.slice.value
        exact = bool(held) and all(isinstance(each, Items) and each.exact and key in (each.keys or ()) for each in held)
        return union(each.at(key) for each in held if isinstance(each, Items)) or None if exact else None
    if not isinstance(node, ast.Call):
        return None
    if isinstance(node.func, ast.Attribute) and node.func.attr in _CASES and not node.args:
        texts = _texts(_known(interpreter, node.func.value, scope, env, steps + 1))
        return None if texts is None else tuple(Const(getattr(text, node.func.attr)()) for text in texts)
    if node.args or node.keywords:
        return None
    callees = interpreter.callees(node, scope, env)
    is_backend = bool(callees) and all(isinstance(value, Api) and keras.tells_backend(value.name) for value in callees)
    return (Const(modes.CLEARED_BACKEND),) if is_backend else None


def _of_name(interpreter: Interpreter, node: ast.Name, scope: Scope, env: Env, steps: int) -> Values | None:
    owner = scope.owner(node.id)
    if owner is None:
        return None
    is_here = owner.function() is scope.function()
    reached = reaching(owner.bindings[node.id], start(node)) if is_here else owner.bindings[node.id]
    if len(reached) > 1 and env.frames and owner.kind == "function":
        ruled_out = dead(interpreter, owner, env)
        reached = [binding for binding in reached if not any(inside(binding.position, part) for part in ruled_out)]
    if len(reached) != 1 or (not is_here and reached[0].kind != "param"):
        return _of_backend(interpreter, reached, env, steps)
    binding = reached[0]
    if binding.kind == "param":
        return env.lookup(owner, node.id) or None
    if binding.kind == "value" and binding.expr is not None and not binding.path and owner.kind == "function":
        return _known(interpreter, binding.expr, binding.scope, env, steps + 1)
    return _of_backend(interpreter, reached, env, steps)


def _of_backend(interpreter: Interpreter, reached: list[Binding], env: Env, steps: int) -> Values | None:
    """What a name of the module is that keeps which backend there is; other settings of a module are there to be changed."""
    values = [binding.expr for binding in reached if binding.kind == "value" and isinstance(binding.expr, ast.Call)]
    if len(values) != 1 or len(reached) != 1:
        return None
    return _known(interpreter, values[0], reached[0].scope, env, steps + 1)


def _of_attribute(interpreter: Interpreter, node: ast.Attribute, scope: Scope, env: Env, steps: int) -> Values | None:
    """What ``self.kind`` is, if one statement of ``__init__`` sets it and the arguments of the constructor are known."""
    if not isinstance(node.value, ast.Name):
        return None
    objects = _known(interpreter, node.value, scope, env, steps + 1) or ()
    found: list[Values] = []
    for value in objects:
        if not isinstance(value, Obj) or not isinstance(value.of, Cls) or value.init is None:
            return None
        stores = classes.stores(interpreter, value.of, node.attr)
        method = stores[0].scope.function() if stores else None
        if len(stores) != 1 or method is None or getattr(method.node, "name", "") != "__init__" or stores[0].expr is None:
            return None
        if stores[0].kind != "value" or stores[0].path or classes.is_set_outside(scope.module, node.attr):
            return None
        known = _known(interpreter, stores[0].expr, method, value.init, steps + 1)
        if known is None:
            return None
        found.append(known)
    return union(found) or None


def _texts(values: Values | None) -> list[str] | None:
    """The strings that values are, ``None`` if one is something else."""
    texts = [value.value for value in values or () if isinstance(value, Const) and isinstance(value.value, str)]
    return texts if texts and len(texts) == len(values or ()) else None
