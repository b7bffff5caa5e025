"""Constructions that are no models of their own: blocks that become layers of one larger model."""

from __future__ import annotations

from ..dataflow.carried import Carried
from ..dataflow.objects.destinations import Destinations
from ..dataflow.summaries import Factories
from ..knowledge import effects, keras
from ..knowledge.effects import RUNS
from ..semantics import callgraph, classes
from ..semantics.scopes import CallSite
from ..semantics.syntax import method_calls
from ..semantics.values import NO_ENV, TENSOR, Api, Cls


def is_part(factories: Factories, site: CallSite, carried: Carried, to: Destinations) -> bool:
    """Whether what a call builds becomes a part of a model that is built outside the loop."""
    interpreter = factories.interpreter
    callees = interpreter.callees(site.node, site.scope, NO_ENV)
    if site.node in site.scope.module.called:  # block(filters)(x), but for a model that is loaded
        return not any(isinstance(value, Api) and keras.loads(value.name) for value in callees)
    if TENSOR in interpreter.eval(site.node, site.scope):
        return True  # x = block(x)
    if not carried.returns_model or _is_used(carried) or any(map(_puts_to_use, callgraph.names_inside(callees, interpreter))):
        return False
    class_scope = site.scope.enclosing_class()
    if class_scope is not None:
        cls = Cls(class_scope)
        if classes.is_layer(interpreter, cls) or classes.is_model(interpreter, cls):
            return True
    return to.is_part and not to.is_trained


def _is_used(carried: Carried) -> bool:
    """Whether the model is compiled, trained or asked in its iteration."""
    return any(_puts_to_use(method) and carried.in_value(model) for _, model, method in method_calls(carried.nodes()))


def _puts_to_use(method: str) -> bool:
    """Whether a method compiles, trains or asks a model."""
    return effects.does(method, RUNS) or method == "compile"
