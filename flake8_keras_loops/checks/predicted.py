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
from ..semantics.binding import argument, as_method, given, is_literal, keyword
from ..semantics.interpreter import Interpreter
from ..semantics.scopes import Binding, CallSite, Loop, Module, Scope, callee_name, reaching, start
from ..semantics.syntax import is_same, method_calls, variable, walk
from ..semantics.values import NO_ENV, Func, leaves
from . import cures
from .detection import Detection, Subject

MOST_ROWS = 32
_MAX_DEPTH = 6
_BACKENDS = ("tensorflow", "jax", "torch")


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
        model = site.node.func.value
        with interpreter.next_site():
            places = _places(site, module, interpreter)
            place = next((p for p in places if not _is_of_loop(model, site, p) and _has_few_rows(rows, p, 0)), None)
            if place is not None and _is_keras_model(model, site, interpreter):
                yield subject.detection("KL203", site, place.loop, cures.AT_ONCE[_backend(module)])


def _places(site: CallSite, module: Module, interpreter: Interpreter) -> Iterator[_Place]:
    """The loops that repeat a call: around it, or around a call of its function."""
    loops = [loop for loop in around(site.loop) if not runs_once(loop)]
    if loops:
        yield _Place(site.scope, loops[0])
        return
    function = site.scope.function()
    for call in module.calls_named(getattr(function.node, "name", "")):
        loops = [loop for loop in around(call.loop) if not runs_once(loop)]
        if loops and _calls(call, function, interpreter):
            yield _Place(site.scope, loops[0], call)


def _calls(call: CallSite, function: Scope, interpreter: Interpreter) -> bool:
    """Whether a call is of a function; a method of an object that is not known goes by its name."""
    values = interpreter.callees(call.node, call.scope, NO_ENV)
    if any(isinstance(value, Func) and value.scope is function for value in values):
        return True
    return not values and as_method(function).receiver is not None and isinstance(call.node.func, ast.Attribute)


def _is_of_loop(model: ast.expr, site: CallSite, place: _Place) -> bool:
    """Whether each iteration has a model of its own: then ``predict()`` is not what costs."""
    found, call = reads(model, site.scope), place.call
    if call is None:
        return bool(rebound(found, place.loop))
    function = site.scope.function()
    handed = given(call.node, as_method(function))
    for read in found:
        if read.owner is function and any(binding.kind != "param" for binding in read.bindings):
            return True
        value = handed.get(read.node.id)
        if value is not None and rebound(reads(value, call.scope), place.loop):
            return True
    return False


def _is_keras_model(model: ast.expr, site: CallSite, interpreter: Interpreter) -> bool:
    """Whether the receiver is known for a Keras model, or is used as only a Keras model can be."""
    values = list(leaves(interpreter.eval(model, site.scope)))
    if values:
        return any(classes.is_keras_model(interpreter, value) for value in values)
    text, owner = ast.unparse(model), _owner(model, site.scope)
    return any(
        is_keras_use(method, call) and ast.unparse(receiver) == text and _owner(receiver, other.scope) is owner
        for other in site.scope.module.calls
        for call, receiver, method in method_calls([other.node])
    )


def _owner(receiver: ast.expr, scope: Scope) -> Scope | None:
    """Whose variable or attribute a receiver is."""
    if isinstance(receiver, ast.Attribute) and is_same(receiver.value, "self"):
        return scope.enclosing_class()
    return scope.owner(variable(receiver))


# -- how many rows?


def _has_few_rows(node: ast.expr, place: _Place, depth: int) -> bool:
    """Whether an input is plainly one row, or a few."""
    if depth > _MAX_DEPTH:
        return False
    if isinstance(node, ast.Subscript):
        return _is_few(node.slice)
    if isinstance(node, (ast.List, ast.Tuple)):  # the inputs of a model that has several
        names = targets(place.loop)
        is_row = [isinstance(item, ast.Name) and item.id in names for item in node.elts]
        return bool(node.elts) and all(row or _has_few_rows(item, place, depth + 1) for row, item in zip(is_row, node.elts))
    if isinstance(node, ast.Call):
        return _is_made_of_few(node, place, depth)
    if isinstance(node, ast.Name):
        return _is_named_few(node, place, depth)
    return isinstance(node, ast.BinOp) and _has_few_rows(node.left, place, depth + 1)  # row / 255


def _is_few(index: ast.expr) -> bool:
    """``i : i + 1``, ``:8``, ``None``, ``None, ...``"""
    if isinstance(index, ast.Tuple):
        return bool(index.elts) and _is_few(index.elts[0])
    if isinstance(index, ast.Slice):
        return index.step is None and 0 < _width(index) <= MOST_ROWS
    return is_literal(index, None) or (isinstance(index, ast.Attribute) and index.attr == "newaxis")


def _width(index: ast.Slice) -> int:
    """How many rows a slice takes, 0 where that is not plain."""
    lower, upper = index.lower or ast.Constant(0), index.upper
    if isinstance(upper, ast.BinOp) and isinstance(upper.op, ast.Add) and ast.unparse(upper.left) == ast.unparse(lower):
        lower, upper = ast.Constant(0), upper.right
    ends = [end.value for end in (lower, upper) if isinstance(end, ast.Constant) and isinstance(end.value, int)]
    return ends[1] - ends[0] if len(ends) == 2 else 0


def _is_made_of_few(call: ast.Call, place: _Place, depth: int) -> bool:
    name = callee_name(call)
    is_method = isinstance(call.func, ast.Attribute) and not arrays.is_package(ast.unparse(call.func.value))
    first = call.args[0] if call.args else None
    if name == "expand_dims":
        return is_literal(argument(call, 1, "axis"), 0)
    if name == "reshape":
        shape = argument(call, 0 if is_method else 1, "shape") or keyword(call, "newshape")
        length = shape.elts[0] if isinstance(shape, (ast.Tuple, ast.List)) and shape.elts else shape
        return is_literal(length, 1)
    if arrays.makes_of_list(name) and isinstance(first, (ast.List, ast.Tuple)):
        return 0 < len(first.elts) <= MOST_ROWS and not any(isinstance(item, ast.Starred) for item in first.elts)
    kept = call.func.value if isinstance(call.func, ast.Attribute) and is_method else first
    return arrays.keeps_rows(name) and kept is not None and _has_few_rows(kept, place, depth + 1)


def _is_named_few(node: ast.Name, place: _Place, depth: int) -> bool:
    """A name that only ever holds few rows where it is read; also the state of an environment."""
    found = place.scope.bindings_of(node.id)
    if place.scope.owner(node.id) is place.scope.function():
        found = reaching(found, start(node))
    found = [binding for binding in found if binding.kind != "item"]
    return bool(found) and all(_is_bound_to_few(binding, place, depth) for binding in found)


def _is_bound_to_few(binding: Binding, place: _Place, depth: int) -> bool:
    function, call = binding.scope, place.call
    if isinstance(binding.node, ast.arg):  # what the call in the loop hands in
        if call is None or function is not place.scope.function() or isinstance(function.node, ast.Lambda):
            return False
        value = given(call.node, as_method(function)).get(binding.node.arg)
        return value is not None and _has_few_rows(value, _Place(call.scope, place.loop), depth + 1)
    if binding.kind != "value" or binding.expr is None:
        return False
    if _is_state(binding):
        nodes = walk(statement for loop in around(place.loop) for statement in body(loop))
        return any(name == "step" for _, _, name in method_calls(nodes))
    return not binding.path and _has_few_rows(binding.expr, _Place(binding.scope, place.loop, place.call), depth + 1)


def _is_state(binding: Binding) -> bool:
    """``state, reward, done, info = env.step(action)``, ``state = env.reset()``"""
    calls = method_calls([binding.expr] if binding.expr is not None and binding.path in ((), (0,)) else [])
    return any(arrays.steps(name) and "env" in ast.unparse(receiver).lower() for _, receiver, name in calls)


def _backend(module: Module) -> str:
    """The backend that a file plainly runs on, ``""`` where it does not say."""
    texts = [node.value for node in ast.walk(module.tree) if isinstance(node, ast.Constant)]
    named = [text for text in texts if text in _BACKENDS] if "KERAS_BACKEND" in texts else []
    return next((name for name in (*named, *_BACKENDS) if name in named or name in module.packages), "")
