"""Models that are meant to be kept: a registry under literal names, or several saved models that are loaded to predict."""

from __future__ import annotations

import ast

from ..dataflow.carried import Carried
from ..dataflow.loops import around, spelled_out
from ..dataflow.objects.destinations import Destinations
from ..dataflow.summaries import Effects
from ..dataflow.variance import Variance
from ..knowledge import effects as known
from ..knowledge import keras
from ..knowledge.effects import TRAINS
from ..semantics import callgraph
from ..semantics.binding import arguments
from ..semantics.interpreter import Interpreter
from ..semantics.scopes import CallSite, Comprehension, Loop, Scope, callee_name
from ..semantics.values import NO_ENV


def is_registry(interpreter: Interpreter, site: CallSite, effects: Effects, carried: Carried, to: Destinations) -> bool:
    """Whether the models that a call builds are kept for use as they are, one for each literal name or file.

    Models that are trained are an ensemble, and so are numbered ones that are asked.
    """
    loop = carried.loop
    callees = interpreter.callees(site.node, site.scope, NO_ENV)
    if to.is_trained or any(known.does(name, TRAINS) for name in callgraph.names_inside(callees, interpreter)):
        return False
    if all(map(_has_literal_names, around(loop))):
        return True
    if to.is_asked and all(map(_is_numbered, around(loop))):
        return False
    is_for_use = to.is_asked or not to.is_returned  # what callers elsewhere do with it is not known
    return is_for_use and not carried.is_yielded() and _loads_others(interpreter, site, effects, carried)


def _has_literal_names(loop: Loop) -> bool:
    """Whether a loop goes over strings that stand in the text."""
    node = loop.node
    iterables = [each.iter for each in node.generators] if isinstance(node, Comprehension) else [getattr(node, "iter", None)]
    return all(isinstance(each, ast.expr) and _is_names(spelled_out(each, loop.scope)) for each in iterables)


def _is_numbered(loop: Loop) -> bool:
    """Whether a loop goes over numbers, or over what is made of such: the members of one ensemble are told apart by them."""
    node = loop.node
    iterables = [each.iter for each in node.generators] if isinstance(node, Comprehension) else [getattr(node, "iter", None)]
    return all(isinstance(each, ast.expr) and _is_counted(each, loop.scope) for each in iterables)


def _is_counted(node: ast.expr, scope: Scope) -> bool:
    bindings = scope.bindings_of(node.id) if isinstance(node, ast.Name) else []
    made = bindings[0].expr if len(bindings) == 1 and bindings[0].kind == "value" and not bindings[0].path else node
    if isinstance(made, (ast.ListComp, ast.GeneratorExp)):
        return all(isinstance(each.iter, ast.Call) and known.counts(callee_name(each.iter)) for each in made.generators)
    return isinstance(made, ast.Call) and known.counts(callee_name(made))


def _is_names(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    parts: list[ast.expr | None] = node.keys if isinstance(node, ast.Dict) else getattr(node, "elts", [])
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and known.is_view(node.func.attr):
        return _is_names(node.func.value)
    return bool(parts) and all(isinstance(each, ast.Constant) and isinstance(each.value, str) for each in parts)


def _loads_others(interpreter: Interpreter, site: CallSite, effects: Effects, carried: Carried) -> bool:
    """Whether a call loads saved models from paths that differ."""
    variance = Variance(interpreter, carried.loop)
    is_loaded = bool(effects.sites) and all(keras.sounds_loading(each.name) for each in effects.sites)
    return is_loaded and any(not variance.is_invariant(path, site.scope) for path in arguments(site.node))
