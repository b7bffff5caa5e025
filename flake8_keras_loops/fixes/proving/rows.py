"""What a model without an ``Input`` is first run on: its shape decides the weights, so that the model can be built for it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from ...checks import cures
from ...dataflow.construction import Construction
from ...dataflow.loops import around
from ...dataflow.variance import declared_elsewhere, names_bound, names_read, writes
from ...knowledge import attributes, effects
from ...knowledge.effects import COMPUTES, RUNS, TRAINS
from ...semantics.binding import argument, arguments, as_method, given, is_literal, unpacked
from ...semantics.scopes import Scope, callee_name, end, start
from ...semantics.syntax import is_same, method_calls, within
from ...semantics.values import NO_ENV, Cls, Const, Obj, dotted, leaves
from ..code_motion import Building
from ..escape import uses_of_model
from ..plans import Case, RefusedError
from .datasets import has_no_shape, is_batched


@dataclass(frozen=True)
class Data:
    """``node``: the expression, a name or a plain part of one. ``statement``: where the model is first run on it.
    ``is_dataset``: it is no array but pairs of such, in batches."""

    node: ast.expr
    statement: ast.stmt
    is_dataset: bool = False

    @property
    def text(self) -> str:
        """How it is spelled."""
        return ast.unparse(self.node)

    def building(self, place: Construction, case: Case) -> str:
        """The statement that builds the model for it: a class of the project has weights once it was called (Keras 3.15)."""
        if _is_of_project(place, case):
            return f"{place.holder}({self.text}[:1])"
        shaped = f"{self.text}.element_spec[0]" if self.is_dataset else self.text
        return f"{place.holder}.build((None, *{shaped}.shape[1:]))"

    def doubts(self, part: Building) -> Iterator[str]:
        """Why it is not known to be an array, or of one shape in every iteration."""
        uses = uses_of_model(part.place, part.case.examined)
        described = any(use.name in attributes.TELLING | attributes.DESCRIBING for use in uses)
        if described or any(effects.tells_settings(callee_name(call)) for call in writes(part.loop).calls):
            yield "what is saved or copied of the model tells that it was built before its first run"
        if self.is_dataset:
            if any(_is_bound_in(part, name) for name in names_read(self.node)):
                yield f"{self.text} may have another shape in every iteration"
            return
        if not _has_shape(self.node, (), part, frozenset()):
            yield f"{self.text} may be no array, and have no shape"
        bound = [name for name in names_read(self.node) if _is_bound_in(part, name)]
        if bound and not _gives_rows(part, self.node, (), frozenset()):
            yield f"{self.text} may have another shape in every iteration"


def first_data(place: Construction, case: Case) -> Data:
    """What the model is first run on. Raises ``RefusedError`` where that is not plain.

    It has to be built right before its first run, as Keras does: a seed may be set before, and until then it has no weights.
    """
    statement, call, _ = _first_run(place, case) or (None, None, set[str]())
    node = _given_to(call, place, case) if call is not None else None
    has_no_block = isinstance(statement, (ast.Expr, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return))
    if statement is None or node is None or not has_no_block:
        raise RefusedError("the model has no weights before it first sees data", cures.GIVE_INPUT)
    reads = case.syntax.reads(place.holder, place.function)
    if any(end(place.ready) < start(read) < start(statement) for read in reads):
        raise RefusedError("the model is used before it has weights", cures.GIVE_INPUT)
    is_pairs = call is not None and effects.does(callee_name(call), TRAINS)
    if is_pairs and not _is_of_project(place, case) and is_batched(node, place, case):
        return Data(node, statement, True)
    if has_no_shape(node, place):
        raise RefusedError(
            f"the model has no weights before it first sees {ast.unparse(node)}, which is no array",
            f"{cures.GIVE_INPUT}; --helper-module NAME builds it for most datasets and dictionaries",
        )
    return Data(node, statement)


def _is_of_project(place: Construction, case: Case) -> bool:
    made = leaves(case.interpreter.eval(place.call, place.scope))
    return any(isinstance(value, Obj) and isinstance(value.of, Cls) for value in made)


def first_run(place: Construction, case: Case) -> ast.stmt | None:
    """The statement that runs the model first, if nothing else is done with it before, and the statement has no block."""
    try:
        return first_data(place, case).statement
    except RefusedError:
        return None


def first_argument(place: Construction, case: Case) -> ast.expr | None:
    """What the model is first run on, if that is a name, or a plain part of one, that has its value already."""
    _, call, bound = _first_run(place, case) or (None, None, set[str]())
    first = _given_to(call, place, case) if call is not None else None
    return first if first is not None and not names_read(first) & bound else None


def _first_run(place: Construction, case: Case) -> tuple[ast.stmt, ast.Call, set[str]] | None:
    """The first statement that runs the model, the call that does, and what is bound since the model was complete."""
    bound: set[str] = set()
    for statement in case.syntax.after(place.ready):
        if not isinstance(statement, ast.Assign):  # which binds names only after its value is there
            bound |= names_bound(statement)
        for call, receiver, name in method_calls(ast.walk(statement)):
            if effects.does(name, RUNS):
                return (statement, call, bound) if is_same(receiver, place.holder) else None
        bound |= names_bound(statement)
    return None


def _given_to(call: ast.Call, place: Construction, case: Case) -> ast.expr | None:
    """What a call runs the model on, or an array of the same shape but for the rows; ``None`` where there is no plain one."""
    node = argument(call, 0, "x")
    if node is not None and not _is_plain(node):
        node = _of_which_rows(node, place, case)
    return node if node is not None and _is_plain(node) else None


def _of_which_rows(node: ast.expr, place: Construction, case: Case) -> ast.expr | None:
    """``x`` of ``np.delete(x, rows, axis=0)``, ``x.astype("float32")`` and ``np.concatenate([x[:k], z])``."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
        return _of_which_rows(node.value, place, case)
    if not isinstance(node, ast.Call):
        return node
    name, first = callee_name(node), next(iter(node.args), None)
    if isinstance(node.func, ast.Attribute) and name in {"astype", "copy"} and len(node.args) <= 1:
        return _of_which_rows(node.func.value, place, case)
    values = [dotted(value) for value in case.interpreter.callees(node, place.scope, NO_ENV)]
    axis = argument(node, 2 if name == "delete" else 1, "axis")
    by_rows = is_literal(axis, 0) if axis is not None else name != "delete"  # which flattens without an axis
    if not attributes.joins_rows(name) or not by_rows or not all(value.startswith("numpy.") for value in values or [""]):
        return None
    if isinstance(first, (ast.List, ast.Tuple)):
        first = next(iter(first.elts), None)
    return _of_which_rows(first, place, case) if first is not None and not isinstance(first, ast.Starred) else None


def _is_plain(node: ast.expr) -> bool:
    if isinstance(node, ast.Subscript):
        return _is_plain(node.value) and isinstance(node.slice, (ast.Name, ast.Constant, ast.Slice))
    return isinstance(node, ast.Name) or (isinstance(node, ast.Attribute) and _is_plain(node.value))


def _is_bound_in(part: Building, name: str) -> bool:
    """Whether the loop binds a name; for a function that a loop calls, also whether the file does so more than once."""
    is_of_file = part.place.scope.owner(name) is part.case.module.scope
    is_fixed = _is_bound_once(part, name)
    return name in writes(part.loop).names or (part.loop.node is part.place.function and is_of_file and not is_fixed)


def _is_bound_once(part: Building, name: str) -> bool:
    """Whether the file binds one of its own names once, outside of loops."""
    bindings = part.case.module.scope.bindings.get(name, [])
    return len(bindings) == 1 and bindings[0].loop is None and name not in declared_elsewhere(part.place.scope)


# -- arrays and their rows


def is_rows(part: Building, name: str) -> bool:
    """Whether the loop binds a name to arrays of one shape but for the first number: ``x = data[train]``, ``x = data[:k]``.

    ``data[i]`` may be another array each time; ``train`` are rows where the loop goes through what ``split()`` gives.
    """
    return _is_bound_to_rows(part, name, frozenset())


def _is_bound_to_rows(part: Building, name: str, seen: frozenset[str]) -> bool:
    if handed := _handed(part, name):
        return all(isinstance(each, ast.Name) and _is_bound_once(part, each.id) for each in handed)
    made = [each for each in part.place.scope.bindings_of(name) if each.node is not None and within(each.node, part.loop.node)]
    if name in seen or not made:
        return False
    return all(binding.kind == "value" and _gives_rows(part, binding.expr, binding.path, seen | {name}) for binding in made)


def _handed(part: Building, name: str) -> list[ast.expr]:
    """What the calls of the function hand over by a parameter, if they all stand in the file's own body and hand it plainly."""
    bindings, function = part.place.owner.bindings.get(name, []), part.place.function
    if [binding.kind for binding in bindings] != ["param"] or not isinstance(function, ast.FunctionDef):
        return []
    sites = part.case.module.calls_named(function.name)
    handed = [given(site.node, as_method(part.place.owner)).get(name) for site in sites]
    is_seen = all(site.scope.function() is part.case.module.scope for site in sites) and not part.case.others
    return [each for each in handed if each is not None] if is_seen and None not in handed else []


def _gives_rows(part: Building, value: ast.expr | None, path: tuple[int, ...], seen: frozenset[str]) -> bool:
    """Whether an expression, unpacked by ``path``, gives arrays of one shape in all iterations, but for the first number."""
    value, path = _split_from(value, path)
    value = unpacked(value, path) if value is not None else None
    if isinstance(value, ast.Name):
        return not _is_bound_in(part, value.id) or _is_bound_to_rows(part, value.id, seen)
    if isinstance(value, ast.Subscript):
        is_part = isinstance(value.slice, ast.Slice) or _is_split(part, value.slice)
        return is_part and _gives_rows(part, value.value, (), seen)
    if isinstance(value, (ast.List, ast.Tuple)):
        return all(_gives_rows(part, each, (), seen) for each in value.elts)
    if not isinstance(value, ast.Call):
        return False
    name = callee_name(value)
    if attributes.joins_rows(name):
        axis = argument(value, 2 if name == "delete" else 1, "axis")
        return bool(value.args) and (axis is None or is_literal(axis, 0)) and _gives_rows(part, value.args[0], (), seen)
    if isinstance(value.func, ast.Attribute) and name in {"astype", "copy"}:
        return _gives_rows(part, value.func.value, (), seen)
    return _computes(value, part) and all(_is_fixed_size(part, each) for each in arguments(value))


def _is_fixed_size(part: Building, value: ast.expr) -> bool:
    """Whether an argument is a number, a text, or made of such that the loop does not bind: no list that may grow, no call."""
    if isinstance(value, (ast.Tuple, ast.BinOp, ast.UnaryOp)):
        return all(_is_fixed_size(part, each) for each in ast.iter_child_nodes(value) if isinstance(each, ast.expr))
    if isinstance(value, ast.Name):
        values = part.case.interpreter.eval(value, part.place.scope)
        return not _is_bound_in(part, value.id) and bool(values) and all(isinstance(each, Const) for each in values)
    return isinstance(value, ast.Constant)


def _computes(call: ast.Call, part: Building) -> bool:
    """Whether a call gives an array of a shape that its arguments decide: it computes or draws it."""
    names = [dotted(value) for value in part.case.interpreter.callees(call, part.place.scope, NO_ENV)] or [ast.unparse(call.func)]
    name = callee_name(call)
    return effects.does(name, COMPUTES) or attributes.joins_rows(name) or all(map(effects.is_stateful, names))


def _is_split(part: Building, index: ast.expr) -> bool:
    """Whether an index is one of the targets of a loop over ``folds.split(x)``, which is not that of a text."""
    for loop in (each.node for each in around(part.place.loop)):
        if isinstance(loop, ast.For) and isinstance(index, ast.Name) and isinstance(loop.target, ast.Tuple):
            if names_bound(loop.target) & {index.id}:
                return any(name == "split" and call.args for call, _, name in method_calls(ast.walk(loop.iter)))
    return False


def _has_shape(
    value: ast.expr | None, path: tuple[int, ...], part: Building, seen: frozenset[str], scope: Scope | None = None
) -> bool:
    """Whether an expression, unpacked by ``path``, is an array as far as the text shows: it is computed, or part of such."""
    value, path = _split_from(value, path)
    value = unpacked(value, path) if value is not None else None
    if isinstance(value, ast.Subscript):
        by_rows = isinstance(value.slice, (ast.Slice, ast.Compare, ast.Tuple)) or _is_split(part, value.slice)
        return by_rows and (_is_split(part, value.slice) or _has_shape(value.value, (), part, seen, scope))
    if isinstance(value, ast.Call):
        return _computes(value, part)
    if isinstance(value, ast.BinOp):
        return any(_has_shape(side, (), part, seen, scope) for side in (value.left, value.right))
    if not isinstance(value, ast.Name) or value.id in seen:
        return False
    if scope is None and (handed := _handed(part, value.id)):
        return all(_has_shape(each, (), part, frozenset(), part.case.module.scope) for each in handed)
    bindings = (scope or part.place.scope).bindings_of(value.id)
    return bool(bindings) and all(
        each.kind == "value" and _has_shape(each.expr, each.path, part, seen | {value.id}, scope) for each in bindings
    )


def _split_from(value: ast.expr | None, path: tuple[int, ...]) -> tuple[ast.expr | None, tuple[int, ...]]:
    """For a part of ``train_test_split(x, y)`` what it is a part of: two of ``x``, then two of ``y``."""
    if isinstance(value, ast.Call) and len(path) == 1 and attributes.splits_rows(callee_name(value)):
        return next(iter(value.args[path[0] // 2 :]), None), ()
    return value, path
