"""The short form of ``reuse``: two lines a loop and one small helper a file, where it is proved that no guard is needed.

``kept = None`` stands before the loop, ``kept = model = renew(kept, model)`` right after the model is complete: this gives the
model that is kept the values of the new one. In a function that a loop calls, ``kept["model"]`` of a dictionary beside the
function stands for ``kept``. In comes the construction, out come the edits.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import takewhile

from ...dataflow.construction import Construction
from ...dataflow.keepers import RENEWER
from ...dataflow.loops import around
from ...semantics.scopes import Loop
from ...semantics.syntax import within
from ..code_motion import building
from ..construction_site import has_input
from ..edits import After, Before, Edit, Helper
from ..helpers import helper_code
from ..plans import Case, RefusedError, Taken
from ..spelling import keras_of_module
from .proof import unproved


def loop_of(case: Case, place: Construction, outermost: Loop | None) -> Loop | None:
    """The outermost loop before which ``None`` may stand for the kept model, ``None`` where the short form is not proved.

    ``outermost``: the one that the model does not outlive.
    """
    if (
        not place.holder.isidentifier()
        or not keras_of_module(case)[0]
        or not _may_have_its_name(place, case)
        or not has_input(place, case)
    ):
        return None
    inner = [loop for loop in around(place.loop) if outermost is not None and within(loop.node, outermost.node)]
    if place.loop is None and place.function in case.module.tree.body:
        inner = [Loop(place.function, place.owner, None)]
    proved = takewhile(lambda loop: not any(unproved(building(case, place, loop, with_compile=True))), inner)
    return next(iter([*proved][::-1]), None)


def edits(case: Case, place: Construction, loop: Loop, taken: Taken) -> Iterator[Edit]:
    """What is written. ``loop``: as :func:`loop_of` gives it."""
    is_function = loop.node is place.function
    kept = taken.give_name("kept", None if is_function else loop, case.syntax)
    spelling, needed = keras_of_module(case)
    if needed:
        yield Helper(spelling, needed)
    helper = Helper(RENEWER, _helper(spelling))
    others = (edit for made in taken.edits.values() for edit in made if isinstance(edit, Helper) and edit.name == RENEWER)
    if any(other != helper for other in others):
        raise RefusedError("another loop of the file reaches Keras by another name")
    yield helper
    yield Before(case.syntax.statement(loop.node), f"{kept} = {{}}" if is_function else f"{kept} = None")
    if is_function:
        key = f'"{place.holder}"'
        yield After(place.ready, f"{kept}[{key}] = {place.holder} = {RENEWER}({kept}.get({key}), {place.holder})")
    else:
        yield After(place.ready, f"{kept} = {place.holder} = {RENEWER}({kept}, {place.holder})")


def _may_have_its_name(place: Construction, case: Case) -> bool:
    """Whether nothing in the file has the helper's name, or the helper is there already."""
    scopes = (scope for scope in case.module.scope_of.values() if scope.kind != "class" or scope is place.scope)
    bound = [binding.node for scope in scopes for binding in scope.bindings.get(RENEWER, ())]
    if not bound:  # what is read all the same comes out of ``from … import *``
        return all(name.id != RENEWER for name in case.syntax.every(ast.Name))
    helper = ast.parse(_helper(keras_of_module(case)[0])).body[0]
    return [ast.dump(node) if node else "" for node in bound] == [ast.dump(helper)]


def _helper(spelling: str) -> str:
    """The helper's text for a file that reaches Keras by ``spelling``; with ``tf.keras`` the backend is always TensorFlow."""
    code = helper_code(RENEWER)
    if "." in spelling:
        code = code.replace(' or keras.backend.backend() == "torch"', "")
    return re.sub(r"\bkeras\.(?=__version__|backend)", f"{spelling}.", code)
