"""Constructions that are no models of their own: blocks that become layers of one larger model."""

from __future__ import annotations

import ast

from ..dataflow.carried import Carried
from ..dataflow.summaries import Factories
from ..knowledge import attributes, effects, keras
from ..knowledge.effects import RUNS
from ..semantics import classes
from ..semantics.interpreter import Interpreter
from ..semantics.scopes import CallSite, Loop, end, start
from ..semantics.syntax import method_calls, within
from ..semantics.values import NO_ENV, TENSOR, Api, Cls, Func


def is_part(factories: Factories, site: CallSite, loop: Loop, carried: Carried) -> bool:
    """Whether what a call builds becomes a part of a model that is built outside the loop."""
    interpreter = factories.interpreter
    callees = interpreter.callees(site.node, site.scope, NO_ENV)
    if site.node in site.scope.module.called:  # block(filters)(x), but for a model that is loaded
        return not any(isinstance(value, Api) and keras.loads(value.name) for value in callees)
    if TENSOR in interpreter.eval(site.node, site.scope):
        return True  # x = block(x)
    functions = [value.scope for value in callees if isinstance(value, Func)]
    inner = [call.node for scope in functions for call in scope.module.calls_within(scope.node)]
    if not carried.returns_model or _is_used(carried) or any(_puts_to_use(method) for _, _, method in method_calls(inner)):
        return False
    if _is_added_to_model(interpreter, site, carried):
        return True
    class_scope = site.scope.enclosing_class()
    if class_scope is not None:
        cls = Cls(class_scope)
        if classes.is_layer(interpreter, cls) or classes.is_model(interpreter, cls):
            return True
    is_taken = _is_collected_for_later(site, loop, carried) if carried.is_kept() else _becomes_tensors(interpreter, site, carried)
    return is_taken and _builds_whole(interpreter, site, loop)


def _is_used(carried: Carried) -> bool:
    """Whether the model is compiled, trained or asked in its iteration."""
    return any(_puts_to_use(method) and carried.in_value(model) for _, model, method in method_calls(carried.nodes()))


def _puts_to_use(method: str) -> bool:
    """Whether a method compiles, trains or asks a model."""
    return effects.does(method, RUNS) or method == "compile"


def _is_added_to_model(interpreter: Interpreter, site: CallSite, carried: Carried) -> bool:
    """``model.add(block(...))`` on a Keras model."""
    return any(
        any(classes.is_keras_model(interpreter, value) for value in interpreter.eval(receiver, site.scope))
        for call, receiver, method in method_calls(carried.nodes())
        if method == "add" and any(map(carried.in_value, call.args))
    )


def _becomes_tensors(interpreter: Interpreter, site: CallSite, carried: Carried) -> bool:
    """``x = model(x)`` on a symbolic tensor, or ``outputs.append(model.output)``."""
    for node in carried.nodes():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in carried.names:
            if any(TENSOR in interpreter.eval(argument, site.scope) for argument in node.args):
                return True
        if isinstance(node, ast.Attribute) and node.attr in attributes.OUTPUTS and carried.in_value(node.value):
            return True
    return False


def _builds_whole(interpreter: Interpreter, site: CallSite, loop: Loop) -> bool:
    """Whether the function goes on to construct a model outside the loop: the whole, of which these are the parts."""
    function = site.scope.function()
    for call, scope, around in function.module.calls_within(function.node):
        if around is not None or start(call) < start(loop.node) or within(call, loop.node):
            continue
        if function.kind == "module" and scope.function() is not function:
            continue
        for value in interpreter.callees(call, scope, NO_ENV):
            if isinstance(value, Api) and keras.is_model_class(value.name) and (call.args or call.keywords):
                return True
    return False


def _is_collected_for_later(site: CallSite, loop: Loop, carried: Carried) -> bool:
    """Whether the function goes on to use the collection, but neither trains its models nor asks them."""
    function = site.scope.function()
    names = {name for name, bindings in function.bindings.items() if any(binding.expr is loop.node for binding in bindings)}
    for call, receiver, _ in method_calls(carried.nodes()):
        if isinstance(receiver, ast.Name) and any(map(carried.in_value, call.args)):
            names.add(receiver.id)
    if not names:
        return True  # an attribute, or an argument of the whole
    for later in site.scope.module.loops:
        if isinstance(later.node, ast.For) and isinstance(later.node.target, ast.Name):
            is_over = any(isinstance(node, ast.Name) and node.id in names for node in ast.walk(later.node.iter))
            if is_over and _uses(later.node, later.node.target.id):
                return False
    reads = (node for node in ast.walk(function.node) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))
    return any(read.id in names and start(read) > end(loop.node) for read in reads)


def _uses(loop: ast.For, name: str) -> bool:
    """Whether a loop puts to use what a name holds."""
    used = (receiver for _, receiver, method in method_calls(ast.walk(loop)) if _puts_to_use(method))
    return any(isinstance(receiver, ast.Name) and receiver.id == name for receiver in used)
