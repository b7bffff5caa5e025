"""Constructions that are no models of their own: blocks that become layers of one larger model."""

from __future__ import annotations

import ast

from ..dataflow.carried import Carried
from ..dataflow.summaries import Factories
from ..knowledge import attributes, effects, keras
from ..knowledge.effects import RUNS
from ..semantics import classes
from ..semantics.interpreter import Interpreter
from ..semantics.scopes import CallSite, Loop, Scope, end, extent, inside, start
from ..semantics.values import NO_ENV, TENSOR, Api, Cls, Func


def is_part(factories: Factories, site: CallSite, loop: Loop, carried: Carried) -> bool:
    """Whether what a call builds becomes a part of a model that is built outside the loop."""
    interpreter = factories.interpreter
    if site.scope.module.is_called_at_once(site.node):
        return not _is_loaded(interpreter, site)  # block(filters)(x)
    if TENSOR in interpreter.eval(site.node, site.scope):
        return True  # x = block(x)
    if not carried.returns_model or _is_used(carried) or _trains(interpreter, site):
        return False
    if _added_to_outer_model(interpreter, site.scope, carried):
        return True
    class_scope = site.scope.enclosing_class()
    if class_scope is not None:
        cls = Cls(class_scope)
        if classes.is_layer(interpreter, cls) or classes.is_model(interpreter, cls):
            return True
    if carried.is_kept():
        return _is_collected_for_later(site, loop, carried) and _builds_whole(interpreter, site, loop)
    return _becomes_tensors(interpreter, site.scope, carried) and _builds_whole(interpreter, site, loop)


def _is_loaded(interpreter: Interpreter, site: CallSite) -> bool:
    """Whether a call loads a saved model: that is a model of its own, even if it is called at once."""
    values = interpreter.callees(site.node, site.scope, NO_ENV)
    return any(isinstance(value, Api) and keras.loads(value.name) for value in values)


def _is_used(carried: Carried) -> bool:
    """Whether the model is compiled, trained or asked in its iteration."""
    for node in carried.nodes():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _puts_to_use(node.func.attr):
            if carried.in_value(node.func.value):
                return True
    return False


def _trains(interpreter: Interpreter, site: CallSite) -> bool:
    """Whether the function that is called trains, or compiles, what it builds."""
    return any(
        isinstance(call.node.func, ast.Attribute) and _puts_to_use(call.node.func.attr)
        for value in interpreter.callees(site.node, site.scope, NO_ENV)
        if isinstance(value, Func)
        for call in value.scope.module.calls_within(value.scope.node)
    )


def _puts_to_use(method: str) -> bool:
    """Whether a method compiles, trains or asks a model."""
    return effects.does(method, RUNS) or method == "compile"


def _added_to_outer_model(interpreter: Interpreter, scope: Scope, carried: Carried) -> bool:
    """``model.add(block(...))`` on a Keras model."""
    for node in carried.nodes():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "add":
            if any(carried.in_value(argument) for argument in node.args):
                if any(classes.is_keras_model(interpreter, value) for value in interpreter.eval(node.func.value, scope)):
                    return True
    return False


def _becomes_tensors(interpreter: Interpreter, scope: Scope, carried: Carried) -> bool:
    """``x = model(x)`` on a symbolic tensor, or ``outputs.append(model.output)``."""
    for node in carried.nodes():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in carried.names:
            if any(TENSOR in interpreter.eval(argument, scope) for argument in node.args):
                return True
        if isinstance(node, ast.Attribute) and node.attr in attributes.OUTPUTS and carried.in_value(node.value):
            return True
    return False


def _builds_whole(interpreter: Interpreter, site: CallSite, loop: Loop) -> bool:
    """Whether the function goes on to construct a model outside the loop: the whole, of which these are the parts."""
    function = site.scope.function()
    whole = function.node if function.kind == "function" else function.module.tree
    for call, scope, around in function.module.calls_within(whole):
        if around is not None or start(call) < start(loop.node) or inside(start(call), extent(loop.node)):
            continue
        if function.kind == "module" and scope.function() is not function:
            continue
        for value in interpreter.callees(call, scope, NO_ENV):
            if isinstance(value, Api) and keras.is_model_class(value.name) and (call.args or call.keywords):
                return True
    return False


def _is_collected_for_later(site: CallSite, loop: Loop, carried: Carried) -> bool:
    """Whether the function goes on to use the collection, but neither trains its models nor asks them."""
    collections = _collections(site, loop, carried)
    if not collections:
        return True  # an attribute, or an argument of the whole
    for later in site.scope.module.loops:
        if isinstance(later.node, ast.For) and isinstance(later.node.target, ast.Name):
            names = {node.id for node in ast.walk(later.node.iter) if isinstance(node, ast.Name)}
            if names & collections and any(_uses(node, later.node.target.id) for node in ast.walk(later.node)):
                return False
    return any(
        isinstance(node, ast.Name) and node.id in collections and isinstance(node.ctx, ast.Load) and start(node) > end(loop.node)
        for node in ast.walk(site.scope.function().node)
    )


def _collections(site: CallSite, loop: Loop, carried: Carried) -> set[str]:
    """Names of the collections that keep the models."""
    names = {
        node.func.value.id
        for node in carried.nodes()
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name)
        if any(carried.in_value(argument) for argument in node.args)
    }
    for name, bindings in site.scope.function().bindings.items():
        if any(binding.expr is loop.node for binding in bindings):
            names.add(name)
    return names


def _uses(node: ast.AST, name: str) -> bool:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not _puts_to_use(node.func.attr):
        return False
    return isinstance(node.func.value, ast.Name) and node.func.value.id == name
