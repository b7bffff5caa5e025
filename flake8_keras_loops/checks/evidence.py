"""Does a call that builds on some of its paths only, build here? Where its arguments leave it open, what it gives has to tell.

A function that trains the model itself needs no more evidence. One that may give a model or something else, such as an estimator
of another library, and a class whose constructor may build one, are taken to build where their values are used as only a Keras
model can be, or where the loop goes through arguments of which one decides for the model.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from ..dataflow.carried import holds_model
from ..dataflow.loops import targets
from ..dataflow.paths import NOTHING
from ..dataflow.summaries import Effects, Factories
from ..dataflow.unknown import is_keras_use, looks_like_keras
from ..knowledge import modes
from ..semantics import classes
from ..semantics.interpreter import Interpreter
from ..semantics.scopes import CallSite, Loop
from ..semantics.syntax import method_calls, variable
from ..semantics.values import NO_ENV, Api, Args, Cls, Const, Obj, Value, Values

_MAX_LITERALS = 12


def is_evident(factories: Factories, site: CallSite, effects: Effects, callees: Values, loop: Loop) -> bool:
    """Whether a call that may build a model, as its ``effects`` say, does so in some iteration."""
    if effects.direct or not effects.mask & NOTHING:
        return True
    if effects.is_guess:  # on some paths alone: what was handed in may be the model
        return False
    interpreter = factories.interpreter
    makers = [callee for callee in callees if isinstance(callee, Cls)]
    values = interpreter.eval(site.node, site.scope)
    if makers:
        if any(_trains(interpreter, cls) for cls in makers):
            return True
    elif not holds_model(factories, values) or not any(_is_other(interpreter, value) for value in values):
        return True
    if _goes_through(site.node.func, loop) and any(_builds_surely(factories, callee) for callee in callees):
        return True  # for build in (network, SVC): build()
    return looks_like_keras(interpreter, site) or _is_picked(factories, site, callees)


def _goes_through(func: ast.expr, loop: Loop) -> bool:
    """Whether the loop itself picks what is called."""
    return not {node.id for node in ast.walk(func) if isinstance(node, ast.Name)}.isdisjoint(targets(loop))


def _builds_surely(factories: Factories, callee: Value) -> bool:
    summary = factories.of_value(callee, Args(open=True))
    return summary.builds and not summary.mask & NOTHING


def _is_other(interpreter: Interpreter, value: Value) -> bool:
    """Whether a value is an object of another library, or of a class of the project that is no Keras model."""
    if not isinstance(value, Obj):
        return False
    if isinstance(value.of, Api):
        return modes.is_other_library(value.of.name)
    return not classes.is_model(interpreter, value.of)


def _trains(interpreter: Interpreter, cls: Cls) -> bool:
    """Whether methods of a class use what an attribute holds as a Keras model."""
    for base in classes.lineage(interpreter, cls):
        calls = [site.node for site in base.scope.module.calls_within(base.scope.node)] if isinstance(base, Cls) else []
        if any(variable(model) == "self" and is_keras_use(method, call) for call, model, method in method_calls(calls)):
            return True
    return False


def _is_picked(factories: Factories, site: CallSite, callees: Values) -> bool:
    """Whether one of the literals that an argument goes through decides for the model."""
    args = factories.interpreter.arguments(site.node, site.scope, NO_ENV)
    summaries = (factories.of_value(callee, each) for each in _each_literal(args) for callee in callees)
    return any(summary.builds and not summary.mask & NOTHING for summary in summaries)


def _each_literal(args: Args) -> Iterator[Args]:
    """The arguments, with one literal in the place of several."""
    for index, values in enumerate(args.positional):
        for value in _literals(values):
            yield replace(args, positional=(*args.positional[:index], (value,), *args.positional[index + 1 :]))
    for index, (name, values) in enumerate(args.keywords):
        for value in _literals(values):
            yield replace(args, keywords=(*args.keywords[:index], (name, (value,)), *args.keywords[index + 1 :]))


def _literals(values: Values) -> Values:
    is_literal = all(isinstance(value, Const) for value in values)
    return values[:_MAX_LITERALS] if len(values) > 1 and is_literal else ()
