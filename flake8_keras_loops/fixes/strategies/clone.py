"""Build the model once before the loop, and clone it in every iteration: on request, it saves repeated code and no time.

A clone has new weights, like a model built again; ``compile()`` in the loop stays there. Under one seed the two draw the same
weights for linear models only, so this is never safe.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...dataflow.paths import CLEARS
from ...knowledge import keras
from ...semantics.binding import arguments, is_literal, keyword
from ...semantics.scopes import Scope, callee_name
from ...semantics.syntax import scoped
from ...semantics.values import NO_ENV, Api, Cls, Func, Method, Obj
from ..code_motion import (
    Building,
    calls_nothing_unknown,
    is_changed_nowhere,
    is_plain,
    is_used_from_here_on,
    outermost,
    reads_invariants,
    repeats_nothing,
    stands_in_this_function,
    still_built,
)
from ..construction_site import find_constructions
from ..context import check_scopes
from ..edits import Before, Edit, Lift, MoveBefore
from ..plans import Case, Draft, Taken, doubts, failing, require
from ..spelling import CLONE_MODEL, spelling


def draft(case: Case, taken: Taken) -> Draft:
    """Plan ``clone`` for a finding. ``taken``: names that were given away already. Raises ``RefusedError``."""
    require(case, REQUIRED_OF_FINDING)
    edits: list[Edit] = []
    code = case.detection.finding.code
    leaves = ["KL101" if code == "KL102" else code]
    found = list(doubts([DOUBT]))
    for place in find_constructions(case.detection, case.examined, case.syntax):
        check_scopes(place, case.syntax)
        part = outermost(case, place, REQUIRED, with_compile=False)
        found += failing(part, PROVED)
        if place.call not in taken.edits:
            taken.edits[place.call] = _edits(part, taken)
        edits += taken.edits[place.call]
        leaves += still_built(part)
    return Draft(tuple(edits), tuple(found), tuple(leaves))


def _edits(part: Building, taken: Taken) -> list[Edit]:
    place, syntax = part.place, part.case.syntax
    target = syntax.statement(part.loop.node)
    name = taken.give_name("template", part.loop, syntax)
    cloned = f"{spelling(part.case, CLONE_MODEL, part.loop.node)}({name})"
    edits: list[Edit] = [MoveBefore(part.statements, target)] if part.statements else []
    if part.lifted is not None:
        return [*edits, Lift(part.lifted, target, name, cloned)]
    following = next(s for s in syntax.after(place.built) if s not in part.statements)
    return [*edits, Before(target, f"{name} = {place.holder}"), Before(following, f"{place.holder} = {cloned}")]


#: It is never safe.
DOUBT = "under one seed a clone starts from other weights than a model built again, unless the model is linear"


# -- what the fix cannot do without


def _has_binding(case: Case) -> str:
    """What the file imports before the loop leads to ``clone_model()``."""
    if spelling(case, CLONE_MODEL, case.loop.node):
        return ""
    return "nothing that the file imports leads to clone_model(): import keras, or models, before the loop"


def _does_not_clone_yet(case: Case) -> str:
    return "the loop clones a model already" if callee_name(case.detection.site.node) == "clone_model" else ""


#: Of the finding: without these there is no fix.
REQUIRED_OF_FINDING = (_has_binding, _does_not_clone_yet)


def _is_followed(part: Building) -> str:
    """Something is left in the loop to take the clone."""
    if part.lifted is None and all(s in part.statements for s in part.case.syntax.after(part.place.built)):
        return "the loop does not use the model"
    return ""


def _is_no_subclass(part: Building) -> str:
    """A subclass of Model needs a ``get_config()`` that gives it back."""
    call, scope = part.place.call, part.place.scope
    values = [*part.case.interpreter.callees(call, scope, NO_ENV), *part.case.interpreter.eval(call, scope)]
    classes = [value.of if isinstance(value, Obj) else value for value in values]
    if any(isinstance(value, Cls) for value in classes):
        return "a subclass of Model can be cloned only where its get_config() gives all of it back"
    return ""


def _has_only_keras_parts(part: Building) -> str:
    """Cloning goes through ``get_config()``: Keras 3 does not find the project's functions and classes again by name."""
    interpreter = part.case.interpreter
    for call, scope in _building_calls(part):
        if callee_name(call) == "Lambda":
            return "a Lambda layer's Python function cannot be cloned"
        for value in interpreter.callees(call, scope, NO_ENV):
            if isinstance(value, Cls):
                return f"{callee_name(call)} is the project's own class, which a clone finds only if it is registered"
        for argument in arguments(call):
            if isinstance(argument, ast.Lambda) or any(isinstance(v, (Func, Cls)) for v in interpreter.eval(argument, scope)):
                return f"{callee_name(call)}() is given a function of the project, which a clone finds only if it is registered"
    return ""


def _clears_nothing(part: Building) -> str:
    """A factory that clears the session does so for every model."""
    if part.case.examined.factories.of_call(part.place.call, part.place.scope).mask & CLEARS:
        return f"{callee_name(part.place.call)}() clears the session, which has to happen in every iteration"
    return ""


def _comes_without_weights(part: Building) -> str:
    """A clone has new weights, so there must be none that were loaded or learnt."""
    for call, scope in _building_calls(part):
        name = callee_name(call)
        values = part.case.interpreter.callees(call, scope, NO_ENV)
        names = [value.name for value in values if isinstance(value, Api)]
        if any(keras.loads(dotted) for dotted in names) or (keras.gives_weights(name) and _is_method_or_api(values)):
            return f"{name}() gives the model weights, which a clone does not have"
        if any(dotted.startswith("keras.applications.") and name[:1].isupper() for dotted in names) and not _without_weights(
            call
        ):
            return f"{name}() comes with weights, which a clone does not have"
    return ""


def _is_method_or_api(values: tuple[object, ...]) -> bool:
    return not values or any(isinstance(value, (Method, Api)) for value in values)


def _without_weights(call: ast.Call) -> bool:
    """``weights=None``"""
    return is_literal(keyword(call, "weights"), None)


#: Of what builds the model: without these there is no fix.
REQUIRED = (
    stands_in_this_function,
    is_plain,
    reads_invariants,
    repeats_nothing,
    is_used_from_here_on,
    _is_followed,
    _is_no_subclass,
    _has_only_keras_parts,
    _clears_nothing,
    _comes_without_weights,
    is_changed_nowhere,
)


# -- what has to be known for the fix to be safe


def _is_compiled_here(part: Building) -> str:
    """``compile()`` stays in the loop; one in the factory is gone in Keras 2."""
    if any(callee_name(call) == "compile" for call, _ in _building_calls(part)):
        return "the function that builds the model compiles it, and Keras 2 does not compile the clone"
    return ""


def _has_no_fixed_seed(part: Building) -> str:
    for call, _ in _building_calls(part):
        if isinstance(keyword(call, "seed"), ast.Constant):
            return "an initializer with a fixed seed gives every clone the same weights"
    return ""


#: Without these there is one more reason for the fix to be unsafe.
PROVED = (_is_compiled_here, _has_no_fixed_seed, calls_nothing_unknown)


def _building_calls(part: Building) -> Iterator[tuple[ast.Call, Scope]]:
    """All calls of what moves, and of the project's functions that it calls."""
    roots: list[tuple[ast.AST, Scope]] = [(node, part.place.scope) for node in part.nodes]
    roots += [(scope.node, scope) for scope in part.definitions]
    for root, scope in roots:
        for node, inner in scoped(root, scope):
            if isinstance(node, ast.Call):
                yield node, inner
