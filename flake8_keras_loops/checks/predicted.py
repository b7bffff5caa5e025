"""``predict()`` in a loop on a row or a few: each call costs far more than what it computes (KL203)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from ..dataflow.loops import around, body, runs_once, targets
from ..dataflow.unknown import is_keras_use
from ..dataflow.variance import reads, rebound
from ..knowledge import arrays, mentions
from ..semantics import classes
from ..semantics.binding import argument, as_method, given, is_literal
from ..semantics.interpreter import BudgetError, Interpreter
from ..semantics.scopes import Binding, CallSite, Loop, Module, Scope, callee_name, reaching, start
from ..semantics.syntax import spelling, variable
from ..semantics.values import NO_ENV, Func, leaves
from . import messages
from .detection import Detection, Subject

MOST_ROWS = 32
_MAX_DEPTH = 6


@dataclass(frozen=True)
class _Place:
    """Where an expression stands: the call that leads to its function, if one does, and the loop around."""

    scope: Scope
    loop: Loop
    call: CallSite | None = None


def predicted(subject: Subject) -> Iterator[Detection]:
    """The calls of ``predict()`` on few rows that the loops of a file repeat, each with the innermost such loop."""
    if not mentions.predicts(subject.source):
        return
    module, interpreter = subject.module, subject.factories.interpreter
    for site in module.calls_named("predict"):
        rows = argument(site.node, 0, "x")
        if rows is None or not isinstance(site.node.func, ast.Attribute):
            continue
        interpreter.next_site()
        try:
            for place in _places(site, module, interpreter):
                if not _is_model_of_loop(site, place) and _has_few_rows(rows, place, interpreter, 0):
                    if _is_keras_model(site, interpreter):
                        message = messages.predicted(spelling(site.node), _backend(module))
                        yield subject.detection("KL203", site, place.loop, message)
                    break
        except BudgetError:
            continue


def _places(site: CallSite, module: Module, interpreter: Interpreter) -> Iterator[_Place]:
    """The loops that repeat a call: around it, or around a call of its function."""
    loop = next((loop for loop in around(site.loop) if not runs_once(loop)), None)
    if loop is not None:
        yield _Place(site.scope, loop)
        return
    function = site.scope.function()
    name = getattr(function.node, "name", "")
    for call in module.calls_named(name) if name else ():
        outer = next((loop for loop in around(call.loop) if not runs_once(loop)), None)
        if outer is not None and _calls(call, function, interpreter):
            yield _Place(site.scope, outer, call)


def _calls(call: CallSite, function: Scope, interpreter: Interpreter) -> bool:
    """Whether a call is of a function; a method of an object that is not known goes by its name."""
    values = interpreter.callees(call.node, call.scope, NO_ENV)
    if any(isinstance(value, Func) and value.scope is function for value in values):
        return True
    is_method = function.parent is not None and function.parent.kind == "class"
    return not values and is_method and isinstance(call.node.func, ast.Attribute)


def _is_model_of_loop(site: CallSite, place: _Place) -> bool:
    """Whether each iteration has a model of its own: then ``predict()`` is not what costs."""
    assert isinstance(site.node.func, ast.Attribute)
    receiver, call = site.node.func.value, place.call
    if call is None:
        return bool(rebound(reads(receiver, site.scope), place.loop))
    handed = given(call.node, as_method(site.scope.function()))
    for read in reads(receiver, site.scope):
        if read.owner is site.scope.function() and any(binding.kind != "param" for binding in read.bindings):
            return True
        value = handed.get(read.node.id)
        if value is not None and rebound(reads(value, call.scope), place.loop):
            return True
    return False


# -- is it a Keras model?


def _is_keras_model(site: CallSite, interpreter: Interpreter) -> bool:
    """Whether the receiver is known for a Keras model, or is used as only a Keras model can be."""
    assert isinstance(site.node.func, ast.Attribute)
    receiver = site.node.func.value
    values = list(leaves(interpreter.eval(receiver, site.scope)))
    if values:
        return any(classes.is_keras_model(interpreter, value) for value in values)
    text = ast.unparse(receiver)
    holder = _owner(receiver, site.scope)
    return any(
        isinstance(other.node.func, ast.Attribute)
        and is_keras_use(other.node.func.attr, other.node)
        and ast.unparse(other.node.func.value) == text
        and _owner(other.node.func.value, other.scope) is holder
        for method in ("fit", "compile", "fit_generator", "train_on_batch")
        for other in site.scope.module.calls_named(method)
    )


def _owner(receiver: ast.expr, scope: Scope) -> Scope | None:
    """Whose variable or attribute a receiver is."""
    if isinstance(receiver, ast.Attribute) and isinstance(receiver.value, ast.Name) and receiver.value.id == "self":
        return scope.enclosing_class()
    return scope.owner(variable(receiver)) if variable(receiver) else None


# -- how many rows?


def _has_few_rows(node: ast.expr, place: _Place, interpreter: Interpreter, depth: int) -> bool:
    """Whether an input is plainly one row, or a few."""
    if depth > _MAX_DEPTH:
        return False
    if isinstance(node, ast.Subscript):
        return _is_few(node.slice)
    if isinstance(node, (ast.List, ast.Tuple)):  # the inputs of a model that has several
        return bool(node.elts) and all(_is_input_of_few_rows(item, place, interpreter, depth) for item in node.elts)
    if isinstance(node, ast.Call):
        return _is_made_of_few(node, place, interpreter, depth)
    if isinstance(node, ast.Name):
        return _is_named_few(node, place, interpreter, depth)
    if isinstance(node, ast.BinOp):  # row / 255
        return _has_few_rows(node.left, place, interpreter, depth + 1)
    return False


def _is_few(index: ast.expr) -> bool:
    """``i : i + 1``, ``:8``, ``None``, ``None, ...``"""
    if isinstance(index, ast.Tuple):
        return bool(index.elts) and _is_few(index.elts[0])
    if isinstance(index, ast.Slice):
        return index.step is None and 0 < _width(index) <= MOST_ROWS
    return _is_new_axis(index)


def _width(index: ast.Slice) -> int:
    """How many rows a slice takes, 0 where that is not plain."""
    lower, upper = index.lower, index.upper
    if lower is None and isinstance(upper, ast.Constant) and isinstance(upper.value, int):
        return upper.value
    if isinstance(lower, ast.Constant) and isinstance(upper, ast.Constant):
        ends = lower.value, upper.value
        return ends[1] - ends[0] if isinstance(ends[0], int) and isinstance(ends[1], int) else 0
    if lower is not None and isinstance(upper, ast.BinOp) and isinstance(upper.op, ast.Add):
        if ast.dump(upper.left) == ast.dump(lower) and isinstance(upper.right, ast.Constant):
            return upper.right.value if isinstance(upper.right.value, int) else 0
    return 0


def _is_new_axis(index: ast.expr) -> bool:
    if isinstance(index, ast.Constant):
        return index.value is None
    return isinstance(index, ast.Attribute) and index.attr == "newaxis"


def _is_input_of_few_rows(node: ast.expr, place: _Place, interpreter: Interpreter, depth: int) -> bool:
    if isinstance(node, ast.Name) and node.id in set(targets(place.loop)):
        return True
    return _has_few_rows(node, place, interpreter, depth + 1)


def _is_made_of_few(call: ast.Call, place: _Place, interpreter: Interpreter, depth: int) -> bool:
    name = callee_name(call)
    arguments = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg in {"newshape", "shape", "axis"})]
    if name == "expand_dims":
        return len(arguments) == 2 and is_literal(arguments[1], 0)
    if name == "reshape":
        is_method = isinstance(call.func, ast.Attribute) and not _is_package(call.func.value)
        shape = arguments if is_method else arguments[1:]
        first = shape[0] if shape else None
        if isinstance(first, (ast.Tuple, ast.List)):
            first = first.elts[0] if first.elts else None
        return first is not None and is_literal(first, 1)
    if arrays.makes_of_list(name) and call.args and isinstance(call.args[0], (ast.List, ast.Tuple)):
        items = call.args[0].elts
        return 0 < len(items) <= MOST_ROWS and not any(isinstance(item, ast.Starred) for item in items)
    if arrays.keeps_rows(name):
        inner = call.args[:1]
        if isinstance(call.func, ast.Attribute) and not _is_package(call.func.value):
            inner = [call.func.value]
        return bool(inner) and _has_few_rows(inner[0], place, interpreter, depth + 1)
    return False


def _is_package(node: ast.expr) -> bool:
    return isinstance(node, (ast.Name, ast.Attribute)) and arrays.is_package(ast.unparse(node))


def _is_named_few(node: ast.Name, place: _Place, interpreter: Interpreter, depth: int) -> bool:
    """A name that only ever holds few rows where it is read; also the state of an environment."""
    owner = place.scope.owner(node.id)
    if owner is None or owner.kind == "class":
        return False
    found = reaching(owner.bindings[node.id], start(node)) if owner is place.scope.function() else owner.bindings[node.id]
    found = [binding for binding in found if binding.kind != "item"]
    return bool(found) and all(_is_bound_to_few(binding, place, interpreter, depth) for binding in found)


def _is_bound_to_few(binding: Binding, place: _Place, interpreter: Interpreter, depth: int) -> bool:
    if binding.kind == "param":
        return _is_handed_few(binding, place, interpreter, depth)
    if binding.kind != "value" or binding.expr is None:
        return False
    if _is_state(binding):
        return any(_steps(loop) for loop in around(place.loop))
    inner = _Place(binding.scope, place.loop, place.call)
    return not binding.path and _has_few_rows(binding.expr, inner, interpreter, depth + 1)


def _is_state(binding: Binding) -> bool:
    """``state, reward, done, info = env.step(action)``, ``state = env.reset()``"""
    call = binding.expr
    return (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and arrays.steps(call.func.attr)
        and "env" in ast.unparse(call.func.value).lower()
        and binding.path in ((), (0,))
    )


def _steps(loop: Loop) -> bool:
    """Whether a loop steps an environment."""
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "step"
        for statement in body(loop)
        for node in ast.walk(statement)
    )


def _is_handed_few(binding: Binding, place: _Place, interpreter: Interpreter, depth: int) -> bool:
    """Whether the call in the loop hands in few rows."""
    function, call = binding.scope, place.call
    if call is None or not isinstance(function.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return False
    if function is not place.scope.function() or not isinstance(binding.node, ast.arg):
        return False
    value = given(call.node, as_method(function)).get(binding.node.arg)
    return value is not None and _has_few_rows(value, _Place(call.scope, place.loop), interpreter, depth + 1)


def _backend(module: Module) -> str:
    """The backend that a file plainly runs on, ``""`` where it does not say."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and node.value in {"jax", "torch", "tensorflow"}:
            if any(isinstance(n, ast.Constant) and n.value == "KERAS_BACKEND" for n in ast.walk(module.tree)):
                return str(node.value)
    targets_ = {
        binding.target.partition(":")[0].partition(".")[0]
        for bindings in module.scope.bindings.values()
        for binding in bindings
        if binding.kind == "import"
    }
    return next((name for name in ("tensorflow", "jax", "torch") if name in targets_), "")
