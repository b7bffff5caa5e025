"""Can anybody tell the kept model from a new one, without holding it: by a history, a callback, an older optimizer, or a name?"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import islice

from ..dataflow.carried import Carried
from ..dataflow.construction import Construction
from ..dataflow.degrees import deciding
from ..dataflow.loops import around
from ..dataflow.variance import names_bound, names_read
from ..knowledge import effects, tracing
from ..knowledge.effects import STORES
from ..semantics.binding import arguments, keyword
from ..semantics.scopes import Module, callee_name
from ..semantics.syntax import base, is_same, method_calls, within
from ..semantics.values import HISTORY, Api, Obj
from .plans import Case

_NUMBERED = re.compile(r"(?:val_)?([a-z_]+)_\d+")


def keeps_models(case: Case) -> bool:
    """Whether the models themselves are kept, rather than their histories: that numbers outlive the iteration is no harm."""
    site, is_model = case.detection.site, case.detection.effects.direct
    if isinstance(case.loop.node, ast.Call):
        return True
    return Carried(case.examined.factories, site.node, site.scope, case.loop, is_model, histories=False).is_kept()


def tells(place: Construction, names: set[str], case: Case) -> Iterator[str]:
    """What makes it uncertain that nobody can tell. ``names``: hold what the loop counts."""
    loops = list(around(place.loop))
    nodes = list(ast.walk(loops[-1].node if loops else place.function))
    fits = [
        call for call, receiver, name in method_calls(nodes) if effects.gives_history(name) and is_same(receiver, place.holder)
    ]
    yield from islice(_histories(fits, place, case), 1)
    yield from _given_callbacks(fits, set(nodes), place, case)
    yield from islice(_own_callbacks(case), 1)
    yield from islice(_optimizers(list(ast.walk(loops[0].node)) if loops else nodes, place, case), 1)
    yield from islice(_keys(nodes, names, case.module), 1)
    yield from islice(_settings(nodes, place, case), 1)


def _histories(fits: list[ast.Call], place: Construction, case: Case) -> Iterator[str]:
    """``history.model`` may be asked of a history that was kept."""
    syntax, module = case.syntax, case.module
    if any(_goes_on(fit, place, case) for fit in fits):
        targets = [*(loop.target for loop in syntax.every(ast.For)), *(loop.target for loop in syntax.every(ast.comprehension))]
        items = set[str]().union(*map(names_bound, targets))
        for node in syntax.every(ast.Attribute):
            if node.attr == "model" and isinstance(node.ctx, ast.Load):
                is_item = isinstance(node.value, ast.Subscript) or (isinstance(node.value, ast.Name) and node.value.id in items)
                scope = module.scope_of.get(syntax.function(node), module.scope)
                if is_item or HISTORY in case.interpreter.eval(node.value, scope):
                    yield f"{ast.unparse(node)} is read, which may be the model of an earlier iteration"


def _goes_on(fit: ast.Call, place: Construction, case: Case) -> bool:
    """Whether the history of a fit goes anywhere but to a name whose attributes are read."""
    parents = case.syntax.parents
    parent = parents[fit]
    if isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Name):
        reads = case.syntax.reads(parent.targets[0].id, place.function)
        return any(not isinstance(parents[read], ast.Attribute) for read in reads)
    return not isinstance(parent, (ast.Expr, ast.Attribute))


def _given_callbacks(fits: list[ast.Call], nodes: set[ast.AST], place: Construction, case: Case) -> Iterator[str]:
    """A callback has its model as long as it lives."""
    handed = [keyword(fit, "callbacks") for fit in fits]
    given = set[str]().union(*(names_read(value) for value in handed if value is not None))

    def is_kept(read: ast.expr) -> bool:
        parent = case.syntax.parents[read]
        if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Attribute) and effects.does(parent.func.attr, STORES):
            return base(parent.func.value) not in given
        return isinstance(parent, (ast.Return, ast.Yield)) or (isinstance(parent, ast.Assign) and parent.value is read)

    for name in sorted(given):
        if any(read in nodes and is_kept(read) for read in case.syntax.reads(name, place.function)):
            yield f"{name}, a callback that has the model, is kept"


def _own_callbacks(case: Case) -> Iterator[str]:
    """A callback of the file's own that hands its model on."""
    for definition in case.syntax.every(ast.ClassDef):
        if any("Callback" in ast.unparse(parent) for parent in definition.bases):
            for node in ast.walk(definition):
                if isinstance(node, ast.Attribute) and is_same(node, "self.model") and isinstance(node.ctx, ast.Load):
                    parent = case.syntax.parents[node]
                    is_added = isinstance(parent, ast.Call) and node in parent.args and effects.does(callee_name(parent), STORES)
                    if is_added or isinstance(parent, (ast.Assign, ast.Return, ast.List, ast.Tuple, ast.Dict)):
                        yield f"the callback {definition.name} keeps its model"


def _optimizers(nodes: list[ast.AST], place: Construction, case: Case) -> Iterator[str]:
    """An optimizer that is older than the model goes on with what it remembers of the kept one's weights."""
    region = place.loop.node if place.loop is not None else place.function
    owners: list[ast.expr] = [receiver for _, receiver, name in method_calls(nodes) if effects.updates(name)]
    for node in nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and not any(within(node, c) for c in place.compiles):
            values = case.interpreter.eval(node, place.owner)
            if any(isinstance(v, Obj) and isinstance(v.of, Api) and v.of.name.startswith("keras.optimizers.") for v in values):
                owners.append(node)
    for owner in owners:
        bindings = place.owner.bindings.get(owner.id, []) if isinstance(owner, ast.Name) else []
        made = [binding.expr for binding in bindings if binding.kind != "param" and binding.expr is not None]
        if not any(region in case.syntax.above(expr) for expr in made) and not is_same(owner, f"{place.holder}.optimizer"):
            yield f"{ast.unparse(owner)} is not made anew with the model"


def _keys(nodes: list[ast.AST], names: set[str], module: Module) -> Iterator[str]:
    """Metrics and layers that are looked up by a name that differs between iterations."""
    assigns = [node for node in nodes if isinstance(node, ast.Assign) and _is_computed(node.value, names)]
    computed = {target.id for node in assigns for target in node.targets if isinstance(target, ast.Name)}
    for node in nodes:
        keys: list[ast.expr] = []
        if isinstance(node, ast.Subscript) and "history" in ast.unparse(node.value).lower():
            keys = [node.slice]
        elif isinstance(node, ast.Call) and callee_name(node) == "get_layer":
            keys = arguments(node)[:1]
        elif isinstance(node, ast.keyword) and node.arg == "monitor":
            keys = [node.value]
        for key in keys:
            if not computed.isdisjoint(names_read(key)) or _is_computed(key, names):
                yield f"{ast.unparse(key)} is looked up, and the names of a kept model do not change"
            numbered = _NUMBERED.fullmatch(key.value) if isinstance(key, ast.Constant) and isinstance(key.value, str) else None
            if numbered and any(_name(site.node) == numbered[1] for site in module.calls):
                yield f"{numbered[0]!r} is looked up, and a kept model keeps its names"


def _is_computed(node: ast.expr, names: set[str]) -> bool:
    """Whether an expression makes a text of what the loop counts."""
    for inner in ast.walk(node):
        is_text = isinstance(inner, ast.JoinedStr) or (isinstance(inner, ast.Call) and callee_name(inner) in {"format", "str"})
        if isinstance(inner, ast.BinOp):
            is_text = any(isinstance(part, ast.Constant) and isinstance(part.value, str) for part in ast.walk(inner))
        if is_text and any(deciding(inner, names)):
            return True
    return False


def _name(call: ast.Call) -> str:
    """What Keras calls an object that is made without a name: ``BinaryAccuracy`` is ``binary_accuracy``."""
    name = callee_name(call)
    is_unnamed = name[:1].isupper() and keyword(call, "name") is None
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower() if is_unnamed else ""


def _settings(nodes: list[ast.AST], place: Construction, case: Case) -> Iterator[str]:
    """``settings.alpha = i``, where a loss or layer reads ``settings``: what was traced goes on with the first value."""
    targets = [t for n in nodes if isinstance(n, ast.Assign) for t in n.targets if isinstance(t, (ast.Attribute, ast.Subscript))]
    changed = {base(target) for target in targets} - {"", "self", place.holder}
    for function in case.syntax.every(ast.FunctionDef) if changed else ():
        if not tracing.is_traced(function.name) and case.module.calls_named(function.name):
            continue  # one that is called by name runs in each iteration
        outer = changed.difference(case.module.scope_of[function].bindings)
        for node in ast.walk(function):
            if isinstance(node, (ast.Attribute, ast.Subscript)) and isinstance(node.ctx, ast.Load) and base(node) in outer:
                yield f"{function.name}() reads {base(node)}, which changes in the loop"
