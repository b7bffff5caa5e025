"""Can anybody tell the kept model from a new one, without holding it: by a history, a callback, an older optimizer, or a name?"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import islice

from ..dataflow.carried import Carried
from ..dataflow.construction import Construction
from ..dataflow.kinds import Use
from ..dataflow.leftovers import building, is_made_for_call
from ..dataflow.loops import around, targets
from ..dataflow.objects.holders import class_of
from ..dataflow.parts import is_part
from ..dataflow.variance import names_bound, names_read, set_and_read, writes
from ..knowledge import effects, keras, modes, tracing
from ..knowledge.effects import LOOKS, REWORKS, RUNS, SAVES, STORES
from ..semantics import callgraph
from ..semantics.binding import arguments, given, keyword
from ..semantics.classes import is_metric, is_traced_class
from ..semantics.scopes import Binding, CallSite, Loop, Scope, callee_name
from ..semantics.syntax import base, is_same, method_calls, scoped, variable, walk, within
from ..semantics.values import NO_ENV, Api, Cls, Func, Mod, Obj, Value, Values, leaves
from . import naming
from .escape import uses_of_model
from .plans import Case

_CHANGES = "which changes in the loop"


def keeps_models(case: Case) -> bool:
    """Whether the models themselves are kept, rather than their histories: that numbers outlive the iteration is no harm."""
    site, is_model = case.detection.site, case.detection.effects.direct
    if isinstance(case.loop.node, ast.Call):
        return True
    return Carried(case.examined.factories, site.node, site.scope, case.loop, is_model, histories=False).is_kept()


def tells(place: Construction, names: set[str], case: Case) -> Iterator[str]:
    """What makes it uncertain that nobody can tell. ``names``: hold what the loop counts."""
    loops, cls = list(around(place.loop)), class_of(place)
    nodes = list(ast.walk(cls.node if cls is not None else loops[-1].node if loops else place.function))
    fits = [
        call for call, receiver, name in method_calls(nodes) if effects.gives_history(name) and is_same(receiver, place.holder)
    ]
    yield from islice(_shown(place, case), 1)
    are_kept = not fits or cls is not None or any(_goes_on(fit, case) for fit in fits)
    views = case.views if cls is not None or (fits and are_kept) else []
    yield from islice((reason for view in views for reason in _histories(view)), 1)
    is_held = (fits and are_kept) or any(keyword(fit, "callbacks") for fit in fits)
    yield from islice((reason for view in case.views for reason in _models_of_others(place, view)) if is_held else (), 1)
    yield from _given_callbacks(fits, set(nodes), place, case)
    yield from islice((reason for view in case.views for reason in _own_callbacks(view)), 1)
    yield from islice(_older(list(ast.walk(loops[0].node)) if loops else nodes, place, case), 1)
    yield from naming.readers(place, names, case, are_kept)
    yield from islice(_reloaded(place, case), 1)
    yield from islice(_settings(place, case), 1)


def _shown(place: Construction, case: Case) -> Iterator[str]:
    """A model that is printed tells its name, which Keras counts up; compared with another one, which it is."""
    for read in case.syntax.reads(place.holder, place.function) if place.holder else ():
        parent = case.syntax.parents[read]
        is_shown = isinstance(parent, ast.Call) and read in parent.args and effects.tells_apart(callee_name(parent))
        others = [parent.left, *parent.comparators] if isinstance(parent, ast.Compare) else []
        is_compared = bool(others) and not any(isinstance(other, ast.Constant) for other in others)
        if is_shown or is_compared or isinstance(parent, ast.FormattedValue):
            yield f"{ast.unparse(parent)} shows which model it is"


def _histories(case: Case) -> Iterator[str]:
    """``history.model`` may be asked of a history, or ``callback.model`` of a callback, that was kept."""
    syntax, module = case.syntax, case.module
    targets = [*(loop.target for loop in syntax.every(ast.For)), *(loop.target for loop in syntax.every(ast.comprehension))]
    items = set[str]().union(*map(names_bound, targets))
    for node in syntax.every(ast.Attribute):
        if node.attr == "model" and isinstance(node.ctx, ast.Load):
            is_item = isinstance(node.value, ast.Subscript) or (isinstance(node.value, ast.Name) and node.value.id in items)
            scope = module.scope_of.get(syntax.function(node), module.scope)
            if is_item or any(map(_is_callback, case.interpreter.eval(node.value, scope))):
                yield f"{ast.unparse(node)} is read, which may be the model of an earlier iteration"


def _is_callback(value: Value) -> bool:
    """Whether a value is a history or another callback of Keras, which has the model that it was made or called for."""
    return isinstance(value, Obj) and isinstance(value.of, Api) and value.of.name.startswith("keras.callbacks.")


def _goes_on(fit: ast.Call, case: Case) -> bool:
    """Whether the history of a fit goes anywhere but to a name whose attributes are read."""
    parents = case.syntax.parents
    parent = parents[fit]
    if isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Name):
        reads = case.syntax.reads(parent.targets[0].id, case.syntax.function(fit))
        return any(not isinstance(parents[read], ast.Attribute) for read in reads)
    return not isinstance(parent, (ast.Expr, ast.Attribute))


def _models_of_others(place: Construction, case: Case) -> Iterator[str]:
    """``stop.model``, ``getattr(history, "model")``: of a history or callback, and perhaps one of an earlier iteration."""
    for node in case.syntax.every(ast.Attribute):
        is_of_other = isinstance(node.value, ast.Name) and node.value.id != "self" and isinstance(node.ctx, ast.Load)
        if node.attr == "model" and is_of_other and not is_same(node, place.holder) and not _is_own_object(node.value, case):
            yield f"{ast.unparse(node)} is read, which may be the model of an earlier iteration"
    for site in case.module.calls_named("getattr"):
        yield f"{ast.unparse(site.node)} may be the model of an earlier iteration"


def _is_own_object(node: ast.expr, case: Case) -> bool:
    """Whether something is an object of a class of the project that is no callback."""
    values = case.interpreter.eval(node, case.module.scope_of.get(case.syntax.function(node), case.module.scope))
    classes = [value.of for value in values if isinstance(value, Obj) and isinstance(value.of, Cls)]
    bases = (base for cls in classes for base in cls.scope.node.bases)  # type: ignore[attr-defined]
    return bool(classes) and len(classes) == len(values) and not any("Callback" in ast.unparse(base) for base in bases)


def _given_callbacks(fits: list[ast.Call], nodes: set[ast.AST], place: Construction, case: Case) -> Iterator[str]:
    """A callback has its model as long as it lives."""
    handed = [keyword(fit, "callbacks") for fit in fits]
    given = set[str]().union(*(names_read(value) for value in handed if value is not None))

    def is_kept(read: ast.expr) -> bool:
        parent = case.syntax.parents[read]
        if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Attribute) and effects.does(parent.func.attr, STORES):
            return base(parent.func.value) not in given
        return isinstance(parent, (ast.Return, ast.Yield)) or (isinstance(parent, ast.Assign) and parent.value is read)

    functions = dict.fromkeys((place.function, *map(case.syntax.function, fits)))
    for name in sorted(given):
        if any(read in nodes and is_kept(read) for function in functions for read in case.syntax.reads(name, function)):
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


# -- models that are saved, and meet again


def _reloaded(place: Construction, case: Case) -> Iterator[str]:
    """Saved models carry their names, and those of one model cannot be joined with each other."""
    is_loaded = any(map(_is_loader, case.interpreter.callees(place.call, place.scope, NO_ENV)))  # and has the name in its file
    if is_loaded or not any(_is_saved(use, case) for use in uses_of_model(place, case.examined)):
        return
    loads = [site for view in case.views for site in _loads(view)]
    kept = [site for site in loads if site.loop is not None and _is_kept(site, site.loop, case)]
    if kept:
        yield f"saved models are loaded together in line {kept[0].node.lineno}, and those of a kept model have one name"
    elif len(loads) > 1 and any(_joins(site, case) for view in case.views for site in view.module.calls):
        yield "saved models are loaded to be joined, and those of a kept model have one name"


def _is_saved(use: Use, case: Case) -> bool:
    """Whether a use writes the whole model to a file, itself or by a callback."""
    if isinstance(use.at, ast.Call) and effects.does(use.name, RUNS) and keyword(use.at, "callbacks") is not None:
        modules, savers = [view.module for view in case.views], effects.names_with(SAVES)
        return any(name[:1].isupper() and module.calls_named(name) for name in savers for module in modules)
    return effects.does(use.name, SAVES) and effects.does(use.name, LOOKS)


def _is_kept(site: CallSite, loop: Loop, case: Case) -> bool:
    """Whether a loop puts what it loads together."""
    is_model = any(map(_is_loader, case.interpreter.callees(site.node, site.scope, NO_ENV)))
    return Carried(case.examined.factories, site.node, site.scope, loop, is_model, histories=False).is_kept()


def _loads(case: Case) -> list[CallSite]:
    """The calls that load a whole model, themselves or in a function of the file."""
    named = (site for site in case.module.calls if keras.sounds_loading(callee_name(site.node)))
    found = [s for s in named if any(map(_is_loader, case.interpreter.callees(s.node, s.scope, NO_ENV)))]
    names = {getattr(site.scope.function().node, "name", "") for site in found} - {""}
    return [*found, *(site for name in sorted(names) for site in case.module.calls_named(name))]


def _is_loader(value: Value) -> bool:
    return isinstance(value, Api) and keras.loads_weights(value.name)


def _joins(site: CallSite, case: Case) -> bool:
    callees = case.interpreter.callees(site.node, site.scope, NO_ENV)
    return any(isinstance(value, Api) and keras.joins(value.name) for value in callees)


# -- optimizers and metrics that serve several models


def _older(nodes: list[ast.AST], place: Construction, case: Case) -> Iterator[str]:
    """An optimizer that is older than the model goes on with what it remembers of the kept one's weights."""
    read = [node for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]
    updating: list[ast.expr] = [receiver for _, receiver, name in method_calls(nodes) if effects.updates(name)]
    updating += [node for node in read if any(map(_is_optimizer, case.interpreter.eval(node, place.owner)))]
    asked = [(node, place.owner) for node in updating if not any(within(node, call) for call in place.compiles)]
    asked += [(node, scope) for node, scope in _compiled_with(place, case) if _has_state(node, scope, case)]
    for node, scope in asked:
        if not _is_made_anew(node, scope, place, case) and not is_same(node, f"{place.holder}.optimizer"):
            yield f"{ast.unparse(node)} is not made anew with the model"


def _compiled_with(place: Construction, case: Case) -> Iterator[tuple[ast.expr, Scope]]:
    """The names and attributes that are handed over where the model is made or compiled, each with its scope."""
    calls: list[tuple[ast.Call, Scope]] = [(call, place.owner) for call in (place.call, *place.compiles)]
    inner = callgraph.calls(calls, case.interpreter)
    calls += [(site.node, site.scope.function()) for site in inner if callee_name(site.node) == "compile"]
    for call, scope in dict.fromkeys(calls):
        for node in walk(arguments(call)):
            if isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load):
                yield node, scope


def _is_made_anew(node: ast.expr, scope: Scope, place: Construction, case: Case) -> bool:
    """Whether what a name or attribute holds is made in the iteration, as far as is known."""
    region = place.loop.node if place.loop is not None else place.function
    if not isinstance(node, ast.Name):
        stores = (n for n in ast.walk(region) if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store))
        return any(is_same(store, ast.unparse(node)) for store in stores)
    owner = scope.owner(node.id)
    bindings = owner.bindings[node.id] if owner is not None else []
    if owner is scope and scope is not place.owner:  # of a function that is called for each model
        defaults = getattr(getattr(scope.node, "args", None), "defaults", [])
        is_default = any(_has_state(default, scope, case) for default in defaults)
        return any(binding.kind != "param" for binding in bindings) or not is_default
    if place.loop is None and owner is scope and is_made_for_call(scope, node.id):
        return True
    made = [binding.expr for binding in bindings if binding.kind != "param" and binding.expr is not None]
    return any(region in case.syntax.above(expr) for expr in made)


def _is_optimizer(value: Value) -> bool:
    return isinstance(value, Obj) and isinstance(value.of, Api) and keras.OPTIMIZER.match(value.of.name) is not None


def _has_state(node: ast.expr, scope: Scope, case: Case) -> bool:
    """Whether an expression may be an optimizer or a metric, or hold one."""
    for value in leaves(case.interpreter.eval(node, scope)):
        if isinstance(value, Obj):
            is_own = isinstance(value.of, Cls) and is_metric(case.interpreter, value.of)
            if is_own or _is_optimizer(value) or (isinstance(value.of, Api) and keras.is_metric_class(value.of.name)):
                return True
    return False


# -- what was traced goes on with what it read then


def _settings(place: Construction, case: Case) -> Iterator[str]:
    """``settings.alpha = i`` or ``settings.step()``, where a loss or layer reads ``settings``."""
    changed = _changed(place, case)
    for read, reader in _read_by_traced(place, case):
        if isinstance(read, ast.Name) and (owner := reader.owner(read.id)) is not None:
            how = changed.get((owner, read.id), "")
            if how and not _is_compared(case.interpreter.eval(read, reader), case, is_new=how != _CHANGES):
                yield f"{_called(reader.function().node)} reads {read.id}, {how}"
            elif case.others and owner.kind == "module" and not all(map(_stays, owner.bindings[read.id])):
                yield f"{_called(reader.function().node)} reads {read.id}, which the file of the loop may change"
    for call in place.compiles:
        for loop in dict.fromkeys((*around(place.loop), case.loop)):
            for owner_name, attribute in sorted(set_and_read(loop, call, place.scope, case.interpreter)):
                if f"{owner_name}.{attribute}" != place.holder:
                    yield f"what is compiled reads {owner_name}.{attribute}, which changes in the loop"


def _stays(binding: Binding) -> bool:
    """Whether a binding of a module gives what has no state of its own."""
    return binding.kind in {"import", "def", "class"} or isinstance(binding.expr, ast.Constant)


def _changed(place: Construction, case: Case) -> dict[tuple[Scope, str], str]:
    """The variables that an iteration binds anew, or whose objects it changes, and how."""
    found: dict[tuple[Scope, str], str] = {}
    for loop in dict.fromkeys((*around(place.loop), *around(case.loop))):
        seen = {*loop.scope.outward(), *place.owner.outward()}
        if _bound_or_changed not in loop.cache:
            loop.cache[_bound_or_changed] = tuple(_bound_or_changed(loop, case))
        for name, scope, how in loop.cache[_bound_or_changed]:
            owner = scope.owner(name)
            if owner in seen and name not in {"self", place.holder}:
                found.setdefault((owner, name), how)
    return found


def _bound_or_changed(loop: Loop, case: Case) -> Iterator[tuple[str, Scope, str]]:
    for name, nodes in writes(loop).names.items():
        if name in targets(loop) or not all(isinstance(node, (ast.FunctionDef, ast.ClassDef)) for node in nodes):
            yield name, loop.scope, "which every iteration binds"
    yield from ((name, scope, _CHANGES) for name, scope in _objects_changed(loop.node, loop.scope, case))
    for function in callgraph.called([(loop.node, loop.scope)], case.interpreter):
        yield from ((name, function.module.scope, "a global that the loop binds") for name in function.outer_names)
        yield from ((name, scope, _CHANGES) for name, scope in _objects_changed(function.node, function, case))


def _objects_changed(root: ast.AST, scope: Scope, case: Case) -> Iterator[tuple[str, Scope]]:
    """Variables whose objects a part of a module changes, as far as is known, or hands to what may change them."""
    for node, inner in scoped(root, scope):
        if isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
            yield base(node), inner
        elif isinstance(node, ast.Call):
            name = callee_name(node)
            if isinstance(node.func, ast.Attribute) and effects.may_mutate(name):
                if not _is_code(case.interpreter.eval(node.func.value, inner)):
                    yield variable(node.func.value), inner
            callees = case.interpreter.callees(node, inner, NO_ENV)
            is_unknown = not effects.effects(name) and all(isinstance(v, Api) and not modes.is_library(v.name) for v in callees)
            if effects.does(name, REWORKS) or (is_unknown and name[:1].islower()):
                yield from ((value.id, inner) for value in arguments(node) if isinstance(value, ast.Name))
            for func in callees:
                if isinstance(func, Func) and func.scope.node is not root and not isinstance(func.scope.node, ast.Lambda):
                    changed = {base(place) for place in _stored_or_called(func.scope.node)}
                    yield from ((v.id, inner) for p, v in given(node, func).items() if p in changed and isinstance(v, ast.Name))


def _stored_or_called(function: ast.AST) -> Iterator[ast.AST]:
    """What a function stores into, or calls a method of that may change it."""
    for node in ast.walk(function):
        if isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
            yield node
    yield from (receiver for _, receiver, name in method_calls(ast.walk(function)) if effects.may_mutate(name))


def _is_code(values: Values) -> bool:
    """Whether a value is a function, class or module, which calling it does not change."""
    libraries = [value for value in values if isinstance(value, Api) and ("." not in value.name or modes.is_library(value.name))]
    return bool(values) and all(isinstance(value, (Mod, Func, Cls)) or value in libraries for value in values)


def _is_compared(values: Values, case: Case, is_new: bool) -> bool:
    """Whether a value is a part of the model, which is compared with that of the kept one; of the file's own if it ``is_new``."""
    owned = [value.of for value in values if isinstance(value, Obj) and isinstance(value.of, Cls)]
    return is_part(values) and all(is_new and is_traced_class(case.interpreter, of) for of in owned)


def _called(function: ast.AST) -> str:
    if isinstance(function, ast.Lambda):
        return "a lambda"
    return f"{function.name}()" if isinstance(function, ast.FunctionDef) else "what is compiled"


def _read_by_traced(place: Construction, case: Case) -> Iterator[tuple[ast.AST, Scope]]:
    """What the losses, layers and metrics of the file read, and what they are made of, each node with its scope."""
    roots = building(place)
    run_anew = dict.fromkeys(callgraph.called(roots, case.interpreter))
    for scope in callgraph.named(roots, case.interpreter):
        if scope.kind == "class" and is_traced_class(case.interpreter, Cls(scope)):
            methods = [node for node in ast.iter_child_nodes(scope.node) if not _is_set_up(node)]
            yield from ((n, s) for method in methods for n, s in scoped(method, scope))
        elif scope.kind != "class" and scope not in run_anew:
            yield from scoped(scope.node, scope)
    for root, scope in (*roots, *((function.node, function) for function in run_anew)):
        for node, inner in scoped(root, scope):
            if isinstance(node, ast.Lambda):
                yield from scoped(node, inner)
            elif isinstance(node, ast.Call) and _makes_traced(node, inner, case):
                yield from ((name, inner) for name in arguments(node) if isinstance(name, ast.Name))


def _makes_traced(call: ast.Call, scope: Scope, case: Case) -> bool:
    """Whether a call makes an object of a traced class of the file, or compiles: what it is given may be read in the trace."""
    if callee_name(call) == "compile":
        return True
    callees = case.interpreter.callees(call, scope, NO_ENV)
    if any(isinstance(value, Cls) and is_traced_class(case.interpreter, value) for value in callees):
        return True
    parent = case.syntax.parents.get(call)
    return isinstance(parent, (ast.Call, ast.keyword)) and any(isinstance(v, Func) for v in case.interpreter.eval(call, scope))


def _is_set_up(node: ast.AST) -> bool:
    """Whether a method only runs when its object is made."""
    return isinstance(node, ast.FunctionDef) and node.name in tracing.SET_UP
