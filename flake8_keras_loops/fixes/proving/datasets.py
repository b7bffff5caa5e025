"""Is the data of a model an array, a ``tf.data.Dataset``, or something else that has no shape of its own?"""

from __future__ import annotations

import ast

from ...dataflow.construction import Construction
from ...knowledge import arrays
from ...semantics.binding import unpacked
from ...semantics.scopes import callee_name
from ...semantics.values import NO_ENV, dotted
from ..plans import Case

_COLLECTIONS = (ast.Dict, ast.DictComp, ast.List, ast.ListComp, ast.Set)


def has_no_shape(node: ast.expr, place: Construction) -> bool:
    """Whether an expression may be a dictionary, a list or a dataset, as far as the text shows one."""
    made = _made(node, place)
    return any(isinstance(each, _COLLECTIONS) or _source(each) is not None for each in made)


def is_batched(node: ast.expr, place: Construction, case: Case) -> bool:
    """Whether an expression is certainly a dataset whose elements say their shape: made of arrays, and only rearranged since."""
    made = _made(node, place)
    return bool(made) and all(_tells_shape(each, place, case) for each in made)


def _made(node: ast.expr, place: Construction) -> list[ast.expr]:
    """What an expression may be, by the assignments of its name."""
    if not isinstance(node, ast.Name):
        return [node]
    bindings = place.scope.bindings_of(node.id)
    made = [unpacked(each.expr, each.path) for each in bindings if each.kind == "value" and each.expr is not None]
    known = [each for each in made if each is not None]
    return known if len(known) == len(bindings) else []


def _source(node: ast.expr) -> ast.Call | None:
    """The call that a chain of methods goes on from, if it makes a dataset: ``from_tensor_slices(x)`` of ``….batch(8)``."""
    while isinstance(node, ast.Call):
        if arrays.makes_dataset(callee_name(node)):
            return node
        if not isinstance(node.func, ast.Attribute):
            return None
        node = node.func.value
    return None


def _tells_shape(node: ast.expr, place: Construction, case: Case) -> bool:
    source = _source(node)
    if source is None:
        return False
    while node is not source:
        if (
            not isinstance(node, ast.Call)
            or not isinstance(node.func, ast.Attribute)
            or not arrays.keeps_elements(node.func.attr)
        ):
            return False
        node = node.func.value
    names = [dotted(value) for value in case.interpreter.callees(source, place.scope, NO_ENV)]
    return bool(names) and all(name.startswith(("keras.", "tensorflow.")) for name in names)
