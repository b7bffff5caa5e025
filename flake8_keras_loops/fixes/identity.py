"""Can anybody tell the kept model from a new one, without holding it: by a history, a callback, an older optimizer, or a name?"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from ..checks.detection import Detection
from ..dataflow.carried import Carried
from ..dataflow.construction import Construction
from ..dataflow.loops import around
from ..dataflow.variance import deciding
from ..examine import Examined
from ..knowledge import effects, tracing
from ..knowledge.effects import STORES
from ..semantics.scopes import Module, callee_name
from ..semantics.syntax import Syntax, base, is_same, within
from ..semantics.values import HISTORY, Api, Obj

_NUMBERED = re.compile(r"(?:val_)?([a-z_]+)_\d+")


def keeps_models(detection: Detection, examined: Examined) -> bool:
    """Whether the models themselves are kept, rather than their histories: that numbers outlive the iteration is no harm."""
    site, loop = detection.site, detection.loop
    if isinstance(loop.node, ast.Call):
        return True
    return Carried(examined.factories, site.node, site.scope, loop, detection.effects.direct, histories=False).is_kept()


def tells(place: Construction, names: set[str], examined: Examined, syntax: Syntax) -> Iterator[str]:
    """What makes it uncertain that nobody can tell. ``names``: hold what the loop counts."""
    loops = list(around(place.loop))
    outermost = loops[-1].node if loops else place.function
    nodes = list(ast.walk(outermost))
    fits = [node for node in nodes if isinstance(node, ast.Call) and _is_fit(node, place.holder)]
    yield from _histories(fits, place, examined, syntax)
    yield from _callbacks(fits, outermost, place, syntax)
    yield from _optimizers(list(ast.walk(loops[0].node)) if loops else nodes, place, examined)
    yield from _keys(nodes, names, examined)
    yield from _settings(nodes, place, examined)


def _is_fit(call: ast.Call, holder: str) -> bool:
    return isinstance(call.func, ast.Attribute) and effects.gives_history(call.func.attr) and is_same(call.func.value, holder)


def _histories(fits: list[ast.Call], place: Construction, examined: Examined, syntax: Syntax) -> Iterator[str]:
    """``history.model`` may be asked of a history that was kept."""
    if not any(_goes_on(fit, place, syntax) for fit in fits):
        return
    targets = [node.target for node in syntax.every(ast.For)] + [node.target for node in syntax.every(ast.comprehension)]
    items = {name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)}
    for node in syntax.every(ast.Attribute):
        if node.attr == "model" and isinstance(node.ctx, ast.Load):
            scope = examined.module.scope_of.get(syntax.function(node), examined.module.scope)
            is_item = isinstance(node.value, ast.Subscript) or (isinstance(node.value, ast.Name) and node.value.id in items)
            if is_item or HISTORY in examined.factories.interpreter.eval(node.value, scope):
                yield f"{ast.unparse(node)} is read, which may be the model of an earlier iteration"
                return


def _goes_on(fit: ast.Call, place: Construction, syntax: Syntax) -> bool:
    """Whether the history of a fit goes anywhere but to a name whose attributes are read."""
    parent = syntax.parents[fit]
    if isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Name):
        reads = syntax.reads(parent.targets[0].id, place.function)
        return any(not isinstance(syntax.parents[read], ast.Attribute) for read in reads)
    return not isinstance(parent, (ast.Expr, ast.Attribute))


def _callbacks(fits: list[ast.Call], region: ast.AST, place: Construction, syntax: Syntax) -> Iterator[str]:
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
        for read in syntax.reads(name, place.function):
            if not _is_in(read, region):
                continue
            parent = syntax.parents[read]
            is_kept = isinstance(parent, (ast.Return, ast.Yield)) or (isinstance(parent, ast.Assign) and parent.value is read)
            if (
                isinstance(parent, ast.Call)
                and effects.does(callee_name(parent), STORES)
                and isinstance(parent.func, ast.Attribute)
            ):
                is_kept = base(parent.func.value) not in given
            if is_kept:
                yield f"{name}, a callback that has the model, is kept"
                break
    for definition in syntax.every(ast.ClassDef):
        if any("Callback" in ast.unparse(parent) for parent in definition.bases):
            for node in ast.walk(definition):
                if isinstance(node, ast.Attribute) and is_same(node, "self.model") and isinstance(node.ctx, ast.Load):
                    parent = syntax.parents[node]
                    is_added = isinstance(parent, ast.Call) and node in parent.args and effects.does(callee_name(parent), STORES)
                    if is_added or isinstance(parent, (ast.Assign, ast.Return, ast.List, ast.Tuple, ast.Dict)):
                        yield f"the callback {definition.name} keeps its model"
                        return


def _optimizers(nodes: list[ast.AST], place: Construction, examined: Examined) -> Iterator[str]:
    """An optimizer that is older than the model goes on with what it remembers of the kept one's weights."""
    region = place.loop.node if place.loop is not None else place.function
    for node in nodes:
        owner: ast.expr | None = None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and effects.updates(node.func.attr):
            owner = node.func.value
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and not any(within(node, c) for c in place.compiles):
            values = examined.factories.interpreter.eval(node, place.owner)
            if any(isinstance(v, Obj) and isinstance(v.of, Api) and v.of.name.startswith("keras.optimizers.") for v in values):
                owner = node
        if owner is None or is_same(owner, f"{place.holder}.optimizer"):
            continue
        bindings = place.owner.bindings.get(owner.id, []) if isinstance(owner, ast.Name) else []
        if not any(binding.kind != "param" and binding.expr is not None and _is_in(binding.expr, region) for binding in bindings):
            yield f"{ast.unparse(owner)} is not made anew with the model"
            return


def _is_in(node: ast.AST, region: ast.AST) -> bool:
    """Whether a node lies in a loop or function."""
    return isinstance(region, ast.Module) or within(node, region)


def _settings(nodes: list[ast.AST], place: Construction, examined: Examined) -> Iterator[str]:
    """``settings.alpha = i``, where a loss or layer reads ``settings``: what was traced goes on with the first value."""
    targets = [t for n in nodes if isinstance(n, ast.Assign) for t in n.targets if isinstance(t, (ast.Attribute, ast.Subscript))]
    changed = {base(target) for target in targets} - {"", "self", place.holder}
    if not changed:
        return
    module = examined.module
    for function in ast.walk(module.tree):
        if not isinstance(function, ast.FunctionDef) or (
            not tracing.is_traced(function.name) and module.calls_named(function.name)
        ):
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


def _unnamed(module: Module) -> frozenset[str]:
    """The names that Keras gives to the objects that a file makes without one."""
    known = module.cache.get("unnamed")
    if not isinstance(known, frozenset):
        calls = (site.node for site in module.calls if not any(k.arg == "name" for k in site.node.keywords))
        known = module.cache["unnamed"] = frozenset(map(_snake, calls))
    return known


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
            if is_text and any(deciding(inner, names)):
                return True
    return False


def _snake(call: ast.Call) -> str:
    """What Keras calls an unnamed object: ``BinaryAccuracy`` is ``binary_accuracy``."""
    name = callee_name(call)
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower() if name[:1].isupper() else ""
