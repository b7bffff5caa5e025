"""What may hold a model without naming it, or tell it by its name: histories, callbacks, optimizers, computed keys."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from ..checks.detect import Detection, Examined
from ..dataflow.escape import Carried
from ..dataflow.invariance import reads
from ..dataflow.loops import around
from ..semantics.scopes import Module, callee_name
from ..semantics.syntax import Syntax, base, is_same, within
from ..semantics.values import HISTORY, Api, Obj, Values, leaves
from .construction_site import Home
from .parts import ADDERS

_FITTING = frozenset({"fit", "fit_generator"})
_UPDATING = frozenset({"apply_gradients", "minimize"})
_TRACED = frozenset({"call", "__call__", "update_state"})
_NUMBERED = re.compile(r"(?:val_)?([a-z_]+)_\d+")


class _WithoutHistory(Carried):
    """Follows the model, but not the ``History`` of fitting it: that numbers outlive the iteration is no harm."""

    def in_value(self, node: ast.AST | None) -> bool:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _FITTING:
            return False
        return super().in_value(node)

    def _is_model(self, values: Values) -> bool:
        return super()._is_model(tuple(value for value in leaves(values) if value is not HISTORY))


def keeps_models(detection: Detection, examined: Examined) -> bool:
    """Whether the models themselves are kept, rather than their histories."""
    site = detection.site
    if isinstance(detection.loop.node, ast.Call):
        return True
    return _WithoutHistory(examined.factories, site.node, site.scope, detection.loop, detection.effects.direct).is_kept()


def doubts(home: Home, names: set[str], examined: Examined, syntax: Syntax) -> Iterator[str]:
    """What makes it uncertain that nobody can tell the kept model from a new one. ``names``: hold what the loop counts."""
    loops = list(around(home.loop))
    outermost = loops[-1].node if loops else home.function
    nodes = list(ast.walk(outermost))
    fits = [node for node in nodes if isinstance(node, ast.Call) and _is_fit(node, home.holder)]
    yield from _histories(fits, home, examined, syntax)
    yield from _callbacks(fits, outermost, home, syntax)
    yield from _optimizers(list(ast.walk(loops[0].node)) if loops else nodes, home, examined)
    yield from _keys(nodes, names, examined)
    yield from _settings(nodes, home, examined)


def _is_fit(call: ast.Call, holder: str) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr in _FITTING and is_same(call.func.value, holder)


def _histories(fits: list[ast.Call], home: Home, examined: Examined, syntax: Syntax) -> Iterator[str]:
    """``history.model`` may be asked of a history that was kept."""
    if not any(_goes_on(fit, home, syntax) for fit in fits):
        return
    items = {
        name.id
        for node in ast.walk(syntax.module.tree)
        if isinstance(node, (ast.For, ast.comprehension))
        for name in ast.walk(node.target)
        if isinstance(name, ast.Name)
    }
    for node in syntax.every(ast.Attribute):
        if node.attr == "model" and isinstance(node.ctx, ast.Load):
            scope = examined.module.scope_of.get(syntax.function(node), examined.module.scope)
            is_item = isinstance(node.value, ast.Subscript) or (isinstance(node.value, ast.Name) and node.value.id in items)
            if is_item or HISTORY in examined.factories.resolver.eval(node.value, scope):
                yield f"{ast.unparse(node)} is read, which may be the model of an earlier iteration"
                return


def _goes_on(fit: ast.Call, home: Home, syntax: Syntax) -> bool:
    """Whether the history of a fit goes anywhere but to a name whose attributes are read."""
    parent = syntax.parents[fit]
    if isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Name):
        reads_of_it = syntax.reads(parent.targets[0].id, home.function)
        return any(not isinstance(syntax.parents[read], ast.Attribute) for read in reads_of_it)
    return not isinstance(parent, (ast.Expr, ast.Attribute))


def _callbacks(fits: list[ast.Call], region: ast.AST, home: Home, syntax: Syntax) -> Iterator[str]:
    """A callback has its model as long as it lives."""
    given = {
        node.id
        for fit in fits
        for keyword in fit.keywords
        if keyword.arg == "callbacks"
        for node in ast.walk(keyword.value)
        if isinstance(node, ast.Name)
    }
    for name in sorted(given):
        for read in syntax.reads(name, home.function):
            if not _is_in(read, region):
                continue
            parent = syntax.parents[read]
            is_kept = isinstance(parent, (ast.Return, ast.Yield)) or (isinstance(parent, ast.Assign) and parent.value is read)
            if isinstance(parent, ast.Call) and callee_name(parent) in ADDERS and isinstance(parent.func, ast.Attribute):
                is_kept = base(parent.func.value) not in given
            if is_kept:
                yield f"{name}, a callback that has the model, is kept"
                break
    for definition in syntax.every(ast.ClassDef):
        if any("Callback" in ast.unparse(parent) for parent in definition.bases):
            for node in ast.walk(definition):
                if isinstance(node, ast.Attribute) and is_same(node, "self.model") and isinstance(node.ctx, ast.Load):
                    parent = syntax.parents[node]
                    is_added = isinstance(parent, ast.Call) and node in parent.args and callee_name(parent) in ADDERS
                    if is_added or isinstance(parent, (ast.Assign, ast.Return, ast.List, ast.Tuple, ast.Dict)):
                        yield f"the callback {definition.name} keeps its model"
                        return


def _optimizers(nodes: list[ast.AST], home: Home, examined: Examined) -> Iterator[str]:
    """An optimizer that is older than the model goes on with what it remembers of the kept one's weights."""
    scope = examined.module.scope_of.get(home.function, examined.module.scope)
    region = home.loop.node if home.loop is not None else home.function
    for node in nodes:
        owner: ast.expr | None = None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _UPDATING:
            owner = node.func.value
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and not any(within(node, c) for c in home.compiles):
            values = examined.factories.resolver.eval(node, scope)
            if any(isinstance(v, Obj) and isinstance(v.of, Api) and v.of.name.startswith("keras.optimizers.") for v in values):
                owner = node
        if owner is None or is_same(owner, f"{home.holder}.optimizer"):
            continue
        bindings = scope.bindings.get(owner.id, []) if isinstance(owner, ast.Name) else []
        if not any(binding.kind != "param" and binding.expr is not None and _is_in(binding.expr, region) for binding in bindings):
            yield f"{ast.unparse(owner)} is not made anew with the model"
            return


def _is_in(node: ast.AST, region: ast.AST) -> bool:
    """Whether a node lies in a loop or function."""
    return isinstance(region, ast.Module) or within(node, region)


def _settings(nodes: list[ast.AST], home: Home, examined: Examined) -> Iterator[str]:
    """``settings.alpha = i``, where a loss or layer reads ``settings``: what was traced goes on with the first value."""
    targets = [t for n in nodes if isinstance(n, ast.Assign) for t in n.targets if isinstance(t, (ast.Attribute, ast.Subscript))]
    changed = {base(target) for target in targets} - {"", "self", home.holder}
    if not changed:
        return
    module = examined.module
    for function in ast.walk(module.tree):
        if not isinstance(function, ast.FunctionDef) or (function.name not in _TRACED and module.calls_named(function.name)):
            continue  # one that is called by name runs in each iteration
        for node in ast.walk(function):
            if isinstance(node, (ast.Attribute, ast.Subscript)) and isinstance(node.ctx, ast.Load) and base(node) in changed:
                if base(node) not in module.scope_of[function].bindings:
                    yield f"{function.name}() reads {base(node)}, which changes in the loop"
                    return


def _keys(nodes: Iterable[ast.AST], names: set[str], examined: Examined) -> Iterator[str]:
    """Metrics and layers that are looked up by a name that differs between iterations."""
    metrics = _unnamed(examined.module)
    computed = _computed(nodes, names)
    for node in nodes:
        key: ast.expr | None = None
        if isinstance(node, ast.Subscript) and "history" in ast.unparse(node.value).lower():
            key = node.slice
        elif isinstance(node, ast.Call) and callee_name(node) == "get_layer" and (node.args or node.keywords):
            key = node.args[0] if node.args else node.keywords[0].value
        elif isinstance(node, ast.keyword) and node.arg == "monitor":
            key = node.value
        if key is None:
            continue
        if any(isinstance(n, ast.Name) and n.id in computed for n in ast.walk(key)) or _is_computed(key, names):
            yield f"{ast.unparse(key)} is looked up, and the names of a kept model do not change"
            return
        numbered = _NUMBERED.fullmatch(key.value) if isinstance(key, ast.Constant) and isinstance(key.value, str) else None
        if numbered and numbered[1] in metrics:
            yield f"{key.value!r} is looked up, and a kept model keeps its names"  # type: ignore[attr-defined]
            return


@lru_cache(maxsize=1)
def _unnamed(module: Module) -> frozenset[str]:
    """The names that Keras gives to the objects that a file makes without one."""
    return frozenset(_snake(site.node) for site in module.calls if not any(k.arg == "name" for k in site.node.keywords))


def _computed(nodes: Iterable[ast.AST], names: set[str]) -> set[str]:
    """Names of texts that are made of what the loop counts."""
    return {
        target.id
        for node in nodes
        if isinstance(node, ast.Assign) and _is_computed(node.value, names)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _is_computed(node: ast.expr, names: set[str]) -> bool:
    """Whether an expression makes a text of what the loop counts."""
    for inner in ast.walk(node):
        is_format = isinstance(inner, ast.Call) and callee_name(inner) in {"format", "str"}
        if is_format or isinstance(inner, (ast.JoinedStr, ast.BinOp)):
            is_text = (
                is_format
                or isinstance(inner, ast.JoinedStr)
                or any(isinstance(part, ast.Constant) and isinstance(part.value, str) for part in ast.walk(inner))
            )
            if is_text and any(reads(inner, names)):
                return True
    return False


def _snake(call: ast.Call) -> str:
    """What Keras calls an unnamed object: ``BinaryAccuracy`` is ``binary_accuracy``."""
    name = callee_name(call)
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower() if name[:1].isupper() else ""
