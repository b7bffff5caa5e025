"""What the short form of ``reuse`` writes: two lines a loop and one small helper a file.

``kept = None`` stands before the loop, ``kept = model = renew(kept, model)`` right after the model is complete: this gives the
model that is kept the values of the new one. Where names decide the architecture, ``kept[units]`` of a dictionary stands for
``kept``, and in a function that a loop calls ``kept["model"]``.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Iterator
from functools import partial

from ...dataflow.construction import Construction
from ...dataflow.keepers import RENEWER, RENEWER_OF_WEIGHTS
from ...dataflow.objects.holders import attribute_of
from ...semantics.scopes import parameters
from ...semantics.syntax import within
from ..edits import After, Before, Edit, Helper, Lift, Wrap
from ..helpers import helper_code, listed
from ..plans import Case, RefusedError, Taken
from ..spelling import keras_of_module
from .short_form import Short

#: More models than this are not kept, where it is open how many there may be.
_MANY = 8
_IMPORTED = "--helper-module NAME imports a helper, and writes none into the file"


def edits(case: Case, place: Construction, short: Short, taken: Taken) -> Iterator[Edit]:
    """The edits. Raises ``RefusedError`` where there is no place for them."""
    if place.owner.kind == "class":
        raise RefusedError("the loop stands in the body of a class, which would get one more attribute")
    function = RENEWER if short.compiled else RENEWER_OF_WEIGHTS
    yield from _helpers(case, place, function, taken)
    is_function = short.loop.node is place.function
    kept = taken.give_name("kept", None if is_function else short.loop, case.syntax)
    anchor = case.syntax.top(place.function) if is_function else case.syntax.statement(short.loop.node)
    is_keyed = bool(is_function or short.keys.names)
    yield Before(anchor, _start(kept, is_keyed, case, place))
    if not place.holder:
        if is_keyed or not _is_evaluated_first(place):
            raise RefusedError("the model has no name, and is built in the middle of a statement")
        yield Wrap(place.call, function, kept)
        yield Lift(place.call, place.built, kept, kept)
        return
    write: Callable[[str], Edit] = partial(After, place.ready)
    if short.data is not None:
        write = partial(Before, short.data.statement)
        yield write(short.data.building(place, case))
    key = short.keys.text or f'"{attribute_of(place)}"'
    target, known = (f"{kept}[{key}]", f"{kept}.get({_one(key)})") if is_keyed else (kept, kept)
    yield write(_broken(f"{target} = {place.holder} = {function}(", [known, place.holder], place.ready, case))
    if math.isinf(short.keys.count):
        yield write(f"if len({kept}) > {_MANY}:\n    del {kept}[{key}]")


def _broken(head: str, arguments: list[str], beside: ast.stmt, case: Case) -> str:
    """A call in a line, or in several if it is too long for a statement that has its line for itself."""
    around = [case.syntax.parents[beside], *(each for each in case.syntax.suite(beside) if each is not beside)]
    if any(getattr(each, "lineno", 0) == beside.lineno for each in around):
        return f"{head}{', '.join(arguments)})"
    return listed(head, arguments, ")", beside.col_offset, beside.col_offset)


def _start(kept: str, is_keyed: bool, case: Case, place: Construction) -> str:
    if not is_keyed:
        return f"{kept} = None"
    if not _is_typed(case):
        return f"{kept} = {{}}"
    return f"{kept}: dict[object, {_keras(case, place)[0]}.Model] = {{}}"


def _keras(case: Case, place: Construction) -> tuple[str, str]:
    return keras_of_module(case, place.function if case.others else case.loop.node)


def _is_typed(case: Case) -> bool:
    """Whether all functions of the file say what they take and give, as ``mypy --strict`` asks."""
    functions = list(case.syntax.every(ast.FunctionDef))
    return bool(functions) and all(
        node.returns is not None and all(each.annotation or each.arg in {"self", "cls"} for each in parameters(node.args))
        for node in functions
    )


def _one(key: str) -> str:
    return f"({key})" if "," in key else key


def _is_evaluated_first(place: Construction) -> bool:
    """Whether nothing of its statement runs before the construction: ``score = build().fit(x)``, ``scores.append(build())``.

    And whether it runs at all, once: not in a branch, a comprehension or a lambda.
    """
    node: ast.AST = place.built
    if isinstance(node, ast.AugAssign) and not isinstance(node.target, ast.Name):
        return False
    if not isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr, ast.Return)) or node.value is None:
        return False
    node = node.value
    while node is not place.call:
        if not isinstance(node, (ast.Call, ast.Attribute, ast.Subscript, ast.List, ast.Tuple)):
            return False
        children = (child for child in ast.iter_child_nodes(node) if not _only_names(child))
        node = next(children, place.built)
        if not within(place.call, node):
            return False
    return True


def _only_names(node: ast.AST) -> bool:
    """``print``, ``scores.append``: longer ways may be properties of someone, but two names are most often none."""
    return all(isinstance(inner, (ast.Name, ast.Attribute, ast.expr_context)) for inner in ast.walk(node)) and (
        sum(isinstance(inner, ast.Attribute) for inner in ast.walk(node)) <= 1
    )


def _helpers(case: Case, place: Construction, function: str, taken: Taken) -> Iterator[Edit]:
    spelling, needed = _keras(case, place)
    if not spelling:
        raise RefusedError("how a function of the file reaches Keras is not certain", _IMPORTED)
    helper = Helper(function, _helper(function, spelling, _is_typed(case)))
    if not _may_have_its_name(helper, place, case):
        raise RefusedError(f"the file uses the name {function} for something else", _IMPORTED)
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
    return [_code(node) for node in bound] == [_code(ast.parse(helper.code).body[0])]


def _code(node: ast.AST | None) -> str:
    """What a function does, with or without annotations."""
    statements = node.body if isinstance(node, ast.FunctionDef) else []
    return "\n".join(map(ast.dump, statements))


def _helper(function: str, spelling: str, is_typed: bool) -> str:
    """The helper's text for a file that reaches Keras by ``spelling``; with ``tf.keras`` the backend is always TensorFlow."""
    code = helper_code(function)
    if "." in spelling:
        code = code.replace(' or keras.backend.backend() == "torch"', "")
    if is_typed:
        code = code.replace("(kept, model):", "(kept: keras.Model | None, model: keras.Model) -> keras.Model:")
    return re.sub(r"\bkeras\.(?=__version__|backend|Model)", f"{spelling}.", code)
