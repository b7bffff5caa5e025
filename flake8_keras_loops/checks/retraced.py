"""Functions that are traced again in every iteration: a ``tf.function`` that a loop makes anew (KL202).

A traced function keeps its traces to itself. Made again, it traces again, even of the same Python function. ``jax.jit`` is
different: it finds the traces of the same function object, so only new objects count (a ``def`` or ``lambda`` in the loop, a
bound method, what ``jax.grad`` returns). ``torch.compile`` keeps what it compiled with the function's code: it is not reported.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from ..dataflow.carried import Carried
from ..dataflow.loops import repeating
from ..dataflow.summaries import Effects
from ..dataflow.tracers import Making, Tracers, names_of_tracers
from ..dataflow.variance import Read, reads, rebound, sets_what_is_read
from ..knowledge import arrays, attributes, effects, mentions, tracing
from ..semantics.binding import arguments, given, is_plain
from ..semantics.interpreter import BudgetError, Interpreter
from ..semantics.scopes import Binding, CallSite, Loop, Scope, callee_name, extent, inside, parameters, start
from ..semantics.syntax import spelling
from ..semantics.values import MODEL, NO_ENV, Api, Cls, Func, Obj
from . import messages
from .detection import Detection, Subject


@dataclass(frozen=True, eq=False)
class Remade:
    """A traced function that a loop makes again and again, by the call (or decorator) ``site``.

    ``changing``: the numbers or arrays that the loop binds and it reads, in the order of the text.
    """

    site: CallSite
    loop: Loop
    effects: Effects
    making: Making
    changing: tuple[str, ...]

    @property
    def name(self) -> str:
        """How the call is spelled."""
        return self.making.name if self.effects.direct else spelling(self.site.node)

    @property
    def made_at(self) -> tuple[str, int] | None:
        """File and line where a call leads to."""
        site = self.effects.sites[0]
        return None if self.effects.direct else (site.path, site.line)


def retraced(subject: Subject) -> Iterator[Detection]:
    """The traced functions that the loops of a file make again and again. Those of a new model are not counted."""
    if not _can_trace(subject):
        return
    module, factories = subject.module, subject.factories
    interpreter = factories.interpreter
    tracers = Tracers(interpreter)
    sites = [site for site in module.calls if site.loop is not None]
    for decorator, scope, node, loop in module.decorated:
        if loop is not None and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if not isinstance(decorator, ast.Call):
                sites.append(CallSite(tracers.application(decorator), scope, loop))
    for site in sites:
        interpreter.next_site()
        try:
            found = _looked_at(site, tracers)
            if found is not None and not factories.of_call(site.node, site.scope).builds:
                says = messages.retraced(found.name, found.made_at, module.path, found.changing)
                yield subject.detection("KL202", site, found.loop, says, found.name, found.made_at, found.effects)
        except BudgetError:
            continue


def _can_trace(subject: Subject) -> bool:
    """Whether a file can have anything to do with traced functions and Keras, judged by words in it and what it imports."""
    source, path = subject.source, subject.module.path
    if not mentions.names_tracer(source) and not (path and subject.project.imports_tracer(source, path)):
        return False
    return mentions.imports_keras(source) or subject.project.leads_to_keras(path)


def _looked_at(site: CallSite, tracers: Tracers) -> Remade | None:
    effects = tracers.of_call(site.node, site.scope)
    if not effects.builds or _is_traced_itself(site.scope, tracers):
        return None
    iteration = repeating(tracers, site, effects)
    if iteration is None:
        return None
    making, loop = tracers.makings[effects.sites[0]], iteration.loop
    changing = _changing(making, loop, tracers) if effects.direct else _changing_in(making, site, loop, tracers)
    if changing is None or _is_for_new_model(site, making, loop, effects, tracers.interpreter):
        return None
    if _is_kept(site, making, loop, effects, tracers):
        return None
    return Remade(site, loop, effects, making, tuple(dict.fromkeys(changing)))


def _is_traced_itself(scope: Scope, tracers: Tracers) -> bool:
    """Whether a function is traced itself: its body runs once."""
    current: Scope | None = scope.function()
    while current is not None and current.parent is not None:
        for decorator in getattr(current.node, "decorator_list", ()):
            if any(names_of_tracers(tracers.interpreter.eval(decorator, current.parent))):
                return True
        current = current.parent
    return False


def _is_kept(site: CallSite, making: Making, loop: Loop, effects: Effects, tracers: Tracers) -> bool:
    """Whether each iteration's function is kept for later, under a key of its own."""
    function = making.traced if effects.direct and making.name.startswith("@") else None
    names = [function.name] if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) else []
    return Carried(tracers, site.node, site.scope, loop, True, names).is_kept()


def _is_for_new_model(site: CallSite, making: Making, loop: Loop, effects: Effects, interpreter: Interpreter) -> bool:
    """Whether a model, or the like, that the loop binds is handed over: a traced function has a trace for each."""
    name = making.traced.name if isinstance(making.traced, (ast.FunctionDef, ast.AsyncFunctionDef)) else ""
    calls = [site.node] if not effects.direct else [] if not name else site.scope.module.calls_named(name)
    for call in (other.node if isinstance(other, CallSite) else other for other in calls):
        if not inside(start(call), extent(loop.node)):
            continue
        for argument in arguments(call):
            for read in rebound(reads(argument, site.scope), loop):
                values = interpreter.eval(read.node, site.scope)
                if tracing.sounds_like_model(read.node.id) or any(isinstance(v, Obj) and isinstance(v.of, Cls) for v in values):
                    return True
                if MODEL in values:
                    return True
    return False


# -- must every iteration make its own?


def _changing(making: Making, loop: Loop, tracers: Tracers) -> list[str] | None:
    """The data of the loop that a traced function reads, or ``None`` where it is about something that each iteration makes."""
    traced, scope = making.traced, making.scope
    if making.caches and isinstance(traced, ast.Name):
        owner = scope.owner(traced.id)
        if owner is None or not Read(traced, owner).bound_in(loop):
            return None  # the same function each time
    if sets_what_is_read(loop, traced, scope, tracers.interpreter):
        return None
    if any(rebound(reads(other, scope), loop) for other in arguments(making.call) if other is not traced):
        return None
    changing = rebound(reads(traced, scope), loop, traced)
    if not all(_is_data(read, traced, loop) for read in changing):
        return None
    return [read.node.id for read in sorted(changing, key=lambda read: start(read.node))]


def _changing_in(making: Making, site: CallSite, loop: Loop, tracers: Tracers) -> list[str] | None:
    """The same for a function that the loop calls: what it closes over must be what the loop hands in unchanged."""
    function = making.scope.function()
    if sets_what_is_read(loop, site.node, site.scope, tracers.interpreter):
        return None
    if function.kind == "class" or (making.caches and not _is_made_in(making, function)):
        return None
    for read in reads(making.traced, making.scope):
        if not _is_settled(read, function, site, loop, tracers, 0):
            return None
    return []


def _is_made_in(making: Making, function: Scope) -> bool:
    """Whether what JAX traces is made by the same function."""
    traced = making.traced
    return not isinstance(traced, ast.Name) or making.scope.owner(traced.id) is function


def _is_settled(read: Read, function: Scope, site: CallSite, loop: Loop, tracers: Tracers, depth: int) -> bool:
    """Whether a name that a called function, or a function in it, reads is the same in every iteration."""
    if read.owner is not function:
        return read.owner.kind == "module" and not rebound([read], loop)
    if depth > 4:
        return False
    for binding in read.bindings:
        if binding.kind == "param":
            if not _is_handed_in(read.node.id, function, site, loop, tracers):
                return False
        elif binding.kind != "import":
            if binding.kind != "value" or binding.expr is None or not _is_harmless(binding.expr, function, tracers):
                return False
            for inner in reads(binding.expr, function):
                if not _is_settled(inner, function, site, loop, tracers, depth + 1):
                    return False
    return True


def _is_harmless(expr: ast.expr, scope: Scope, tracers: Tracers) -> bool:
    """Whether a value is as good as the one of the last call: no model, no optimizer, no object of the project."""
    for node in ast.walk(expr):
        if isinstance(node, ast.Call):
            values = tracers.interpreter.callees(node, scope, NO_ENV)
            if not values or not all(isinstance(value, Api) and tracing.makes_values(value.name) for value in values):
                return False
    return not isinstance(expr, (ast.List, ast.Dict, ast.Set))


def _is_handed_in(name: str, function: Scope, site: CallSite, loop: Loop, tracers: Tracers) -> bool:
    """Whether the call in the loop hands in the same value for a parameter each time."""
    node, call = function.node, site.node
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return False
    callees = tracers.interpreter.callees(call, site.scope, NO_ENV)
    first = next(parameters(node.args), None)
    if function.parent is not None and function.parent.kind == "class" and first is not None and name == first.arg:
        receiver = call.func.value if isinstance(call.func, ast.Attribute) else None
        is_method = all(isinstance(value, Func) and value.receiver is not None for value in callees)
        return receiver is not None and is_method and _is_same(receiver, site, loop)
    if len(callees) != 1 or not isinstance(callees[0], Func) or callees[0].scope is not function:
        return False
    if not is_plain(call) or name not in {parameter.arg for parameter in parameters(node.args)}:
        return False
    handed = given(call, callees[0])
    return name not in handed or _is_same(handed[name], site, loop)


def _is_same(value: ast.expr, site: CallSite, loop: Loop) -> bool:
    """Whether an argument is the same object in every iteration."""
    if any(isinstance(node, (ast.Call, ast.List, ast.Dict, ast.Lambda, ast.Await)) for node in ast.walk(value)):
        return False
    return not rebound(reads(value, site.scope), loop)


# -- numbers and arrays, which a traced function may get as an argument


def _is_data(read: Read, root: ast.AST, loop: Loop) -> bool:
    """Whether a name that a loop binds plainly holds numbers or arrays, as it is bound and as ``root`` uses it."""
    bindings = read.bound_in(loop)
    return bool(bindings) and all(map(_is_number, bindings)) and not _is_used_as_object(read.node.id, root)


def _is_used_as_object(name: str, root: ast.AST) -> bool:
    """Whether a name is called, or an attribute of it read that no tensor has."""
    for node in ast.walk(root):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
            return True
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == name:
            if node.attr not in attributes.OF_TENSORS:
                return True
    return isinstance(root, ast.Name) and root.id == name


def _is_number(binding: Binding) -> bool:
    if binding.expr is None:
        return isinstance(binding.node, ast.Name)  # i += 1
    if binding.kind == "element":
        return _counts(binding.expr, binding.scope, 0)
    return binding.kind == "value" and _is_reckoned(binding.expr)


def _is_reckoned(expr: ast.expr) -> bool:
    if isinstance(expr, ast.Constant):
        return isinstance(expr.value, (int, float))
    if isinstance(expr, ast.Call):
        return arrays.makes_number(callee_name(expr))
    return isinstance(expr, (ast.BinOp, ast.UnaryOp, ast.Compare))


def _counts(iterable: ast.expr, scope: Scope, depth: int) -> bool:
    """Whether the elements of what a loop goes through are plainly numbers."""
    if isinstance(iterable, (ast.List, ast.Tuple, ast.Set)):
        return bool(iterable.elts) and all(_is_reckoned(item) or _counts(item, scope, depth) for item in iterable.elts)
    if isinstance(iterable, ast.Call):
        name = callee_name(iterable)
        if arrays.counts(name):
            return True
        return (
            effects.does(name, effects.PASSES)
            and bool(iterable.args)
            and all(_counts(arg, scope, depth) for arg in iterable.args)
        )
    if isinstance(iterable, ast.Name) and depth < 3:
        owner = scope.owner(iterable.id)
        bindings = owner.bindings[iterable.id] if owner is not None else []
        return len(bindings) == 1 and bindings[0].expr is not None and _counts(bindings[0].expr, bindings[0].scope, depth + 1)
    return False
