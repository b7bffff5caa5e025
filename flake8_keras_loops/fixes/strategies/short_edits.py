"""What the short form of ``reuse`` writes: two lines a loop and one small helper a file.

``kept = None`` stands before the loop, ``kept = model = renew(kept, model)`` right after the model is complete: this gives the
model that is kept the values of the new one. Where names decide the architecture, ``kept[units]`` of a dictionary stands for
``kept``, and in a function that a loop calls ``kept["model"]``.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator

from ...dataflow.construction import Construction
from ...dataflow.keepers import RENEWER, RENEWER_OF_WEIGHTS
from ...semantics.syntax import within
from ..edits import After, Before, Edit, Helper, Lift, Wrap
from ..helpers import helper_code
from ..plans import Case, RefusedError, Taken
from ..spelling import keras_of_module
from .short_form import Short

#: More models than this are not kept, where it is open how many there may be.
_MANY = 8
_ADVICE = "--helper-module NAME imports one"


def edits(case: Case, place: Construction, short: Short, taken: Taken) -> Iterator[Edit]:
    """The edits. Raises ``RefusedError`` where there is no place for them."""
    function = RENEWER if short.compiled else RENEWER_OF_WEIGHTS
    yield from _helpers(case, place, function, taken)
    is_function = short.loop.node is place.function
    kept = taken.give_name("kept", None if is_function else short.loop, case.syntax)
    anchor = case.syntax.top(place.function) if is_function else case.syntax.statement(short.loop.node)
    is_keyed = is_function or short.keys.names
    yield Before(anchor, f"{kept} = {{}}" if is_keyed else f"{kept} = None")
    if not place.holder:
        if is_keyed or not _is_evaluated_first(place):
            raise RefusedError("the model has no name, and is built in the middle of a statement")
        yield Wrap(place.call, function, kept)
        yield Lift(place.call, place.built, kept, kept)
        return
    if short.data is not None:
        yield After(place.ready, f"{place.holder}.build((None, *{short.data.text}.shape[1:]))")
    if not is_keyed:
        yield After(place.ready, f"{kept} = {place.holder} = {function}({kept}, {place.holder})")
        return
    key = short.keys.text or f'"{place.holder}"'
    yield After(place.ready, f"{kept}[{key}] = {place.holder} = {function}({kept}.get({_one(key)}), {place.holder})")
    if short.keys.count > max(_MANY, 32 if math.isfinite(short.keys.count) else 0):
        yield After(place.ready, f"if len({kept}) > {_MANY}:\n    {kept}.clear()")


def _one(key: str) -> str:
    return f"({key})" if "," in key else key


def _is_evaluated_first(place: Construction) -> bool:
    """Whether nothing of its statement runs before the construction: ``score = build().fit(x)``, ``scores.append(build())``."""
    node: ast.AST = place.built
    if not isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr, ast.Return)) or node.value is None:
        return False
    node = node.value
    while node is not place.call:
        children = (child for child in ast.iter_child_nodes(node) if not _only_names(child))
        node = next(children, place.built)
        if node is place.built or not within(place.call, node):
            return False
    return True


def _only_names(node: ast.AST) -> bool:
    return all(isinstance(inner, (ast.Name, ast.Attribute, ast.expr_context)) for inner in ast.walk(node))


def _helpers(case: Case, place: Construction, function: str, taken: Taken) -> Iterator[Edit]:
    spelling, needed = keras_of_module(case, place.function if case.others else case.loop.node)
    if not spelling:
        raise RefusedError(f"how a function of the file reaches Keras is not certain; {_ADVICE}")
    helper = Helper(function, _helper(function, spelling))
    if not _may_have_its_name(helper, place, case):
        raise RefusedError(f"the file uses the name {function} for something else; {_ADVICE}")
    others = (edit for made in taken.edits.values() for edit in made if isinstance(edit, Helper) and edit.name == function)
    if any(other != helper for other in others):
        raise RefusedError("another loop of the file reaches Keras by another name")
    if needed:
        yield Helper(spelling, needed)
    yield helper


def _may_have_its_name(helper: Helper, place: Construction, case: Case) -> bool:
    """Whether nothing in the file has the helper's name, or the helper is there already."""
    scopes = (scope for scope in case.module.scope_of.values() if scope.kind != "class" or scope is place.scope)
    bound = [binding.node for scope in scopes for binding in scope.bindings.get(helper.name, ())]
    if not bound:  # what is read all the same comes out of ``from … import *``
        return all(name.id != helper.name for name in case.syntax.every(ast.Name))
    return [ast.dump(node) if node else "" for node in bound] == [ast.dump(ast.parse(helper.code).body[0])]


def _helper(function: str, spelling: str) -> str:
    """The helper's text for a file that reaches Keras by ``spelling``; with ``tf.keras`` the backend is always TensorFlow."""
    code = helper_code(function)
    if "." in spelling:
        code = code.replace(' or keras.backend.backend() == "torch"', "")
    return re.sub(r"\bkeras\.(?=__version__|backend)", f"{spelling}.", code)
