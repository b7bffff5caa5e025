"""Build the model once before the loop, and clone it in every iteration: on request, it saves repeated code and no time.

A clone has new weights, like a model built again; ``compile()`` in the loop stays there. Under one seed the two draw the same
weights for linear models only, so this is never safe.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from ...dataflow.paths import CLEARS
from ...knowledge import keras
from ...semantics.binding import arguments, is_literal, keyword
from ...semantics.scopes import callee_name
from ...semantics.values import NO_ENV, Api, Cls, Func, Method, Obj
from .. import code_motion
from ..code_motion import Building
from ..edits import Before, Edit, Lift, MoveBefore
from ..plans import Case, Draft, Taken, Why, doubts, failing, require, together
from ..spelling import CLONE_MODEL, spelling


def draft(case: Case, taken: Taken) -> Draft:
    """Plan ``clone`` for a finding. ``taken``: names that were given away already. Raises ``RefusedError``."""
    require(case, (_may_clone,))
    parts = code_motion.buildings(case, REQUIRED, with_compile=False)
    never_safe = Draft((), tuple(doubts([DOUBT])), ("KL101" if case.code == "KL102" else case.code,))
    return together([never_safe, *(_draft_of(part, taken) for part in parts)])


def _draft_of(part: Building, taken: Taken) -> Draft:
    edits = taken.once(part.place.call, partial(_edits, part, taken))
    return Draft(edits, tuple(failing(part, PROVED)), tuple(code_motion.still_built(part)))


def _edits(part: Building, taken: Taken) -> Iterator[Edit]:
    place, syntax = part.place, part.case.syntax
    target = syntax.statement(part.loop.node)
    name = taken.give_name("template", part.loop, syntax)
    cloned = f"{spelling(part.case, CLONE_MODEL, part.loop.node)}({name})"
    if part.statements:
        yield MoveBefore(part.statements, target)
    if part.lifted is not None:
        yield Lift(part.lifted, target, name, cloned)
    else:
        yield Before(target, f"{name} = {place.holder}")
        yield Before(part.following[0], f"{place.holder} = {cloned}")


#: It is never safe.
DOUBT = "under one seed a clone starts from other weights than a model built again, unless the model is linear"


# -- what the fix cannot do without


def _may_clone(case: Case) -> Iterator[str | Why]:
    """What the file imports before the loop leads to ``clone_model()``, and the loop does not call it yet."""
    if not spelling(case, CLONE_MODEL, case.loop.node):
        yield Why("nothing that the file imports leads to clone_model()", "import keras, or its models, before the loop")
    if callee_name(case.detection.site.node) == "clone_model":
        yield "the loop clones a model already"


def _has_only_keras_parts(part: Building) -> Iterator[str]:
    """Cloning goes through ``get_config()``: Keras 3 does not find the project's functions and classes again by name."""
    place, interpreter = part.place, part.case.interpreter
    for value in (*interpreter.callees(place.call, place.scope, NO_ENV), *interpreter.eval(place.call, place.scope)):
        if isinstance(value.of if isinstance(value, Obj) else value, Cls):
            yield "a subclass of Model can be cloned only where its get_config() gives all of it back"
    for call, scope in part.calls():
        name = callee_name(call)
        if name == "Lambda":
            yield "a Lambda layer's Python function cannot be cloned"
        if any(isinstance(value, Cls) for value in interpreter.callees(call, scope, NO_ENV)):
            yield f"{name} is the project's own class, which a clone finds only if it is registered"
        for argument in arguments(call):
            if isinstance(argument, ast.Lambda) or any(isinstance(v, (Func, Cls)) for v in interpreter.eval(argument, scope)):
                yield f"{name}() is given a function of the project, which a clone finds only if it is registered"


def _is_made_anew(part: Building) -> Iterator[str]:
    """A clone has new weights, so there must be none that were loaded or learnt; a factory may clear the session each time."""
    if part.case.examined.factories.of_call(part.place.call, part.place.scope).mask & CLEARS:
        yield f"{callee_name(part.place.call)}() clears the session, which has to happen in every iteration"
    for call, scope in part.calls():
        name = callee_name(call)
        values = part.case.interpreter.callees(call, scope, NO_ENV)
        names = [value.name for value in values if isinstance(value, Api)]
        is_public = not values or any(isinstance(value, (Method, Api)) for value in values)
        if any(map(keras.loads, names)) or (keras.gives_weights(name) and is_public):
            yield f"{name}() gives the model weights, which a clone does not have"
        if any(map(keras.is_application, names)) and not is_literal(keyword(call, "weights"), None):
            yield f"{name}() comes with weights, which a clone does not have"


#: Without these there is no fix.
REQUIRED = (
    code_motion.stands_in_this_function,
    code_motion.is_plain,
    code_motion.reads_invariants,
    code_motion.repeats_nothing,
    code_motion.is_used_from_here_on,
    code_motion.is_followed,
    _has_only_keras_parts,
    _is_made_anew,
    code_motion.is_changed_nowhere,
)


# -- what has to be known for the fix to be safe


def _is_compiled_here(part: Building) -> Iterator[str]:
    """``compile()`` stays in the loop; one in the factory is gone in Keras 2."""
    if any(callee_name(call) == "compile" for call, _ in part.calls()):
        yield "the function that builds the model compiles it, and Keras 2 does not compile the clone"


def _has_no_fixed_seed(part: Building) -> Iterator[str]:
    if any(isinstance(keyword(call, "seed"), ast.Constant) for call, _ in part.calls()):
        yield "an initializer with a fixed seed gives every clone the same weights"


#: Without these there is one more reason for the fix to be unsafe.
PROVED = (_is_compiled_here, _has_no_fixed_seed, code_motion.calls_nothing_unknown)
