"""Does anybody read a name that Keras counts up? What is built anew is ``auc``, ``auc_1``, ``auc_2``; a kept model keeps ``auc``.

Unnamed models, layers and some metrics (measured: Keras 3.15) are numbered by what was built before them, until the session is
cleared. Where nobody reads such a name, it makes no difference.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from ..dataflow.construction import Construction
from ..dataflow.degrees import deciding
from ..dataflow.kinds import Kind, Use
from ..dataflow.leftovers import building
from ..dataflow.loops import around, body
from ..dataflow.uses import Uses
from ..dataflow.variance import names_read
from ..knowledge import attributes, effects, keras
from ..knowledge.effects import LOADS, RUNS
from ..semantics import callgraph
from ..semantics.binding import argument, arguments, is_literal, keyword
from ..semantics.classes import is_layer, is_metric, is_model
from ..semantics.scopes import CallSite, callee_name, end, extent, inside, reaching, start
from ..semantics.syntax import is_same, method_calls, within
from ..semantics.values import HISTORY, NO_ENV, Api, Cls, Const
from .escape import uses_of_model
from .plans import Case

_LOGS = re.compile(r"(?i).*(?:hist|logs)")


@dataclass(frozen=True)
class _Automatic:
    """The names, without their numbers, of what is built without a name. ``is_split``: several outputs, named by their layers."""

    parts: frozenset[str]
    metrics: frozenset[str]
    is_split: bool

    @property
    def are_keys(self) -> bool:
        """Whether the keys of histories and logs are counted up."""
        return bool(self.metrics or (self.is_split and self.parts))

    def is_key(self, text: str) -> bool:
        """Whether a key of a history may be one that is counted up."""
        if any(re.fullmatch(rf"(?:val_)?{name}(?:_\d+)?", text) for name in self.metrics):
            return True
        split = (rf"(?:val_)?\w+_{name}(?:_\d+)?" for name in self.metrics)
        of_outputs = (rf"(?:val_)?{name}(?:_\d+)?_\w+" for name in self.parts)
        return self.is_split and any(re.fullmatch(pattern, text) for pattern in (*split, *of_outputs))

    def is_part(self, text: str) -> bool:
        """Whether a name may be that of a layer or model."""
        return any(re.fullmatch(rf"{name}(?:_\d+)?", text) for name in self.parts)


def readers(place: Construction, names: set[str], case: Case, are_kept: bool) -> Iterator[str]:
    """Who reads a name that a kept model would not have.

    ``names``: hold what the loop counts. ``are_kept``: the histories go on.
    """
    loops = list(around(place.loop))
    nodes = list(ast.walk(loops[-1].node if loops else place.function))
    yield from islice(_computed_keys(nodes, names), 1)
    if _begins_anew(place, case):
        return
    automatic = _automatic(place, case)
    if automatic.parts:
        yield from islice(_of_parts(place, automatic, case), 1)
    if automatic.are_keys:
        yield from islice(_of_keys(place, automatic, case, are_kept), 1)


def _begins_anew(place: Construction, case: Case) -> bool:
    """Whether every iteration clears the session before it builds, so that the names begin anew."""
    statements = body(place.loop) if place.loop is not None else getattr(place.function, "body", [])
    before = [s for s in statements if isinstance(s, ast.Expr) and isinstance(s.value, ast.Call) and end(s) <= start(place.call)]
    called = [value for s in before for value in case.interpreter.callees(s.value, place.scope, NO_ENV)]  # type: ignore[arg-type]
    return any(isinstance(value, Api) and keras.clears(value.name) for value in called)


# -- what is built without a name


def _automatic(place: Construction, case: Case) -> _Automatic:
    parts: set[str] = set()
    metrics: set[str] = set()
    is_split = False
    for site in _building_calls(place, case):
        is_split = is_split or _has_outputs(site.node)
        for value in case.interpreter.callees(site.node, site.scope, NO_ENV):
            if isinstance(value, Api) and keyword(site.node, "name") is None:
                if keras.counts_metric(value.name) and not any(map(_is_text, site.node.args)):
                    metrics.add(_snake_case(keras.last(value.name)))
                elif keras.is_layer_class(value.name) or keras.last(value.name) in keras.MODEL_CLASSES:
                    parts.add(_snake_case(keras.last(value.name)))
            elif isinstance(value, Cls) and keyword(site.node, "name") is None and not _names_itself(value.scope.node):
                name = _snake_case(getattr(value.scope.node, "name", ""))
                if is_metric(case.interpreter, value):
                    metrics.add(name)
                elif is_layer(case.interpreter, value) or is_model(case.interpreter, value):
                    parts.add(name)
    return _Automatic(frozenset(parts), frozenset(metrics), is_split)


def _building_calls(place: Construction, case: Case) -> Iterator[CallSite]:
    roots = building(place)
    for root, scope in (*roots, *((scope.node, scope) for scope in callgraph.named(roots, case.interpreter))):
        yield from scope.module.calls_within(root)


def _has_outputs(call: ast.Call) -> bool:
    """``Model(inputs, [first, second])``"""
    outputs = argument(call, 1, "outputs") if callee_name(call) in keras.MODEL_CLASSES else None
    return isinstance(outputs, (ast.List, ast.Tuple, ast.Dict)) and len(list(ast.iter_child_nodes(outputs))) > 1


def _names_itself(definition: ast.AST) -> bool:
    """Whether a class has a name for its objects: ``super().__init__(name="f1")``, ``def __init__(self, name="f1")``"""
    for node in ast.walk(definition):
        if isinstance(node, ast.Call) and callee_name(node) == "__init__" and any(map(_is_text, arguments(node))):
            return True
        if isinstance(node, ast.FunctionDef) and node.name == "__init__" and any(map(_is_text, node.args.defaults)):
            return True
    return False


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _snake_case(name: str) -> str:
    """As ``keras.src.utils.naming.to_snake_case``: ``BinaryAccuracy`` is ``binary_accuracy``."""
    return re.sub("([a-z])([A-Z])", r"\1_\2", re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)).lower()


# -- who reads the names of models and layers


def _of_parts(place: Construction, automatic: _Automatic, case: Case) -> Iterator[str]:
    for use in _uses(place, case):
        called = use.at if isinstance(use.at, ast.Call) else None
        if use.kind is Kind.PART_NAMED or use.name in attributes.TELLING:
            name = f"{use.name}()" if use.kind is Kind.METHOD else use.name
            yield f"{name} in line {use.line} tells names that Keras counts up, and a kept model keeps its own"
        elif use.kind is Kind.LOOKED_AT and keras.draws(use.name):
            yield f"{use.name}() in line {use.line} shows names that Keras counts up, and a kept model keeps its own"
        elif called is not None and use.kind is Kind.METHOD:
            asked = [*map(_text, called.args[:1])] if use.name == "get_layer" else []
            asked += [key for key in _dict_keys(called) if effects.does(use.name, RUNS)]
            for name in filter(automatic.is_part, asked):
                yield f"{name!r} is looked up, a name that Keras counts up, and a kept model keeps its own"
    compiled = [site.node for site in _building_calls(place, case) if callee_name(site.node) == "compile"]
    for name in filter(automatic.is_part, (key for call in compiled for key in _dict_keys(call))):
        yield f"{name!r} is looked up, a name that Keras counts up, and a kept model keeps its own"
    modules = [view.module for view in case.views]
    for site in (s for name in sorted(effects.names_with(LOADS)) for module in modules for s in module.calls_named(name)):
        if is_literal(keyword(site.node, "by_name"), True):
            yield "weights are loaded by names that Keras counts up, and a kept model keeps its own"


def _uses(place: Construction, case: Case) -> Iterator[Use]:
    """What is done with the model, also with the last one behind the loops."""
    uses = Uses(case.interpreter, case.module)
    yield from uses_of_model(place, case.examined)
    for loop in list(around(place.loop))[-1:] if place.holder and "." not in place.holder else ():
        for node in case.syntax.reads(place.holder, place.function):
            if start(node) > end(loop.node) and _may_be_built_by(place, node):
                yield from uses.of(node, place, 0)


def _may_be_built_by(place: Construction, node: ast.expr) -> bool:
    """Whether the holder may still hold the model of a place where it is read."""
    bound = reaching(place.owner.bindings.get(place.holder, []), start(node))
    return any(binding.expr is place.call for binding in bound)


def _dict_keys(call: ast.Call) -> Iterator[str]:
    for value in arguments(call):
        if isinstance(value, ast.Dict):
            yield from (_text(key) for key in value.keys if key is not None)


def _text(node: ast.AST) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


# -- who reads the keys of histories and logs


def _of_keys(place: Construction, automatic: _Automatic, case: Case, are_kept: bool) -> Iterator[str]:
    for view in case.views:
        if _asked_keys not in view.module.cache:
            view.module.cache[_asked_keys] = tuple(_asked_keys(view))
        for text in view.module.cache[_asked_keys]:
            if automatic.is_key(text):
                yield f"{text!r} is looked up, a name that Keras counts up, and a kept model keeps its own"
    for reader in (reader for view in case.views for reader in _of_all_keys(place, view, are_kept)):
        yield f"{reader} reads names that Keras counts up ({', '.join(sorted(automatic.metrics or automatic.parts))})"


def _asked_keys(case: Case) -> Iterator[str]:
    """Keys that the file asks of histories and logs, or has callbacks watch."""
    for node in case.syntax.every(ast.Subscript):
        if _LOGS.match(ast.unparse(node.value)):
            yield _text(node.slice)
    for call, receiver, name in method_calls(site.node for site in case.module.calls):
        if name == "get" and call.args and _LOGS.match(ast.unparse(receiver)):
            yield _text(call.args[0])
    for site in case.module.calls:
        watched = argument(site.node, keras.MONITOR_AT.get(callee_name(site.node)), "monitor")
        if watched is not None:
            values = case.interpreter.eval(watched, site.scope)
            yield from (str(value.value) for value in values if isinstance(value, Const))
        if callee_name(site.node) in keras.MONITOR_AT:
            for text in (_text(node) for value in arguments(site.node) for node in ast.walk(value)):
                yield from re.findall(r"\{(\w+)", text)


def _of_all_keys(place: Construction, case: Case, are_kept: bool) -> Iterator[str]:
    """What reads all keys of a history, whatever they are."""
    for site in case.module.calls:
        if keras.logs_all(callee_name(site.node)):
            yield f"{callee_name(site.node)}()"
        if is_literal(keyword(site.node, "return_dict"), True):
            yield f"{callee_name(site.node)}() with return_dict"
    for node in case.syntax.every(ast.Attribute):
        if node.attr == "metrics_names" and isinstance(node.ctx, ast.Load):
            yield ast.unparse(node)
        if node.attr == "history" and isinstance(node.ctx, ast.Load) and _is_of_history(node.value, case):
            if (are_kept or _is_from(node.value, place, case)) and _reads_all(node, case, 0):
                yield f"what is done with {ast.unparse(node)} in line {node.lineno}"
    for function in case.syntax.every(ast.FunctionDef):
        logs = function.args.args[-1].arg if function.args.args else ""
        if function.name.startswith("on_") and logs == "logs":
            for read in case.syntax.reads(logs, function):
                if _reads_all(read, case, 0):
                    yield f"{function.name}()"


def _is_of_history(node: ast.expr, case: Case) -> bool:
    if is_same(node, "self"):
        return False
    values = case.interpreter.eval(node, case.module.scope_of.get(case.syntax.function(node), case.module.scope))
    return not values or HISTORY in values


def _is_from(node: ast.expr, place: Construction, case: Case) -> bool:
    """Whether an expression stands where the model is, or is a name that is bound there."""
    region: ast.AST = [place.function, *(loop.node for loop in around(place.loop))][-1]
    if isinstance(region, ast.Module) or within(node, region):
        return True
    return isinstance(node, ast.Name) and any(
        inside(binding.position, extent(region)) for binding in reaching(place.owner.bindings.get(node.id, []), start(node))
    )


def _reads_all(node: ast.expr, case: Case, depth: int) -> bool:
    """Whether more is read of a dict than what stands under a literal key."""
    parent = case.syntax.parents[node]
    if isinstance(parent, ast.Subscript):
        return not isinstance(parent.slice, ast.Constant)
    if isinstance(parent, ast.Attribute):
        call = case.syntax.parents[parent]
        is_asked = isinstance(call, ast.Call) and call.func is parent and call.args and isinstance(call.args[0], ast.Constant)
        return not is_asked and parent.attr != "history" and case.syntax.is_called(parent)
    if isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Name) and depth < 2:
        name, function = parent.targets[0].id, case.syntax.function(parent)
        return name != getattr(node, "id", "") and any(_reads_all(r, case, depth + 1) for r in case.syntax.reads(name, function))
    if isinstance(parent, (ast.BoolOp, ast.Compare, ast.If, ast.UnaryOp)):
        return isinstance(parent, ast.BoolOp) and depth < 4 and _reads_all(parent, case, depth + 1)
    is_handed_up = isinstance(parent, (ast.Call, ast.keyword)) and "super()" in ast.unparse(case.syntax.statement(node))
    return not isinstance(parent, ast.Expr) and not is_handed_up


# -- names that the loop computes


def _computed_keys(nodes: list[ast.AST], names: set[str]) -> Iterator[str]:
    """Metrics and layers that are looked up by a name that differs between iterations."""
    assigns = [node for node in nodes if isinstance(node, ast.Assign) and _is_computed(node.value, names)]
    computed = {target.id for node in assigns for target in node.targets if isinstance(target, ast.Name)}
    for key in _looked_up(nodes):
        if not computed.isdisjoint(names_read(key)) or _is_computed(key, names):
            yield f"{ast.unparse(key)} is looked up, and the names of a kept model do not change"


def _looked_up(nodes: Iterable[ast.AST]) -> Iterator[ast.expr]:
    for node in nodes:
        if isinstance(node, ast.Subscript) and "history" in ast.unparse(node.value).lower():
            yield node.slice
        elif isinstance(node, ast.Call) and callee_name(node) == "get_layer":
            yield from arguments(node)[:1]
        elif isinstance(node, ast.keyword) and node.arg == "monitor":
            yield node.value


def _is_computed(node: ast.expr, names: set[str]) -> bool:
    """Whether an expression makes a text of what the loop counts."""
    for inner in ast.walk(node):
        is_text = isinstance(inner, ast.JoinedStr) or (isinstance(inner, ast.Call) and callee_name(inner) in {"format", "str"})
        if isinstance(inner, ast.BinOp):
            is_text = any(isinstance(part, ast.Constant) and isinstance(part.value, str) for part in ast.walk(inner))
        if is_text and any(deciding(inner, names)):
            return True
    return False
