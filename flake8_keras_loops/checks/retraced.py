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
from ..dataflow.tracers import Making, Tracers, names_of_tracers
from ..dataflow.variance import Read, reads, rebound, sets_what_is_read
from ..knowledge import arrays, attributes, effects, mentions, tracing
from ..semantics.binding import arguments, given, is_plain
from ..semantics.interpreter import Interpreter
from ..semantics.scopes import Binding, CallSite, Loop, Module, Scope, callee_name, extent, inside, parameters, start
from ..semantics.syntax import is_same
from ..semantics.values import MODEL, NO_ENV, Api, Cls, Func, Obj
from . import cures
from .detection import Detection, Subject


def retraced(subject: Subject) -> Iterator[Detection]:
    """The traced functions that the loops of a file make again and again. Those of a new model are not counted."""
    if not _can_trace(subject):
        return
    tracers = Tracers(subject.factories.interpreter)
    for site in _sites(subject.module, tracers):
        with tracers.interpreter.next_site():
            yield from _looked_at(site, subject, tracers)


def _can_trace(subject: Subject) -> bool:
    """Whether a file can have anything to do with traced functions and Keras, judged by words in it and what it imports."""
    source, path, project = subject.source, subject.module.path, subject.factories.interpreter.project
    if not mentions.names_tracer(source) and not (path and project.imports_tracer(source, path)):
        return False
    return mentions.imports_keras(source) or project.leads_to_keras(path)


def _sites(module: Module, tracers: Tracers) -> Iterator[CallSite]:
    """The calls in the loops of a module, and those that stand for decorators there."""
    yield from (site for site in module.calls if site.loop is not None)
    for decorator, scope, node, loop in module.decorated:
        if loop is not None and not isinstance(node, ast.ClassDef) and not isinstance(decorator, ast.Call):
            yield CallSite(tracers.applied(decorator), scope, loop)


@dataclass(frozen=True, eq=False)
class _Remade:
    """A traced function that ``loop`` makes again and again, at ``site``; where that ``leads_away``, in what is called there."""

    site: CallSite
    loop: Loop
    making: Making
    leads_away: bool
    interpreter: Interpreter

    @property
    def holder(self) -> str:
        """The name that the function has in the loop, where a decorator makes it."""
        return "" if self.leads_away else getattr(self.making.traced, "name", "")


def _looked_at(site: CallSite, subject: Subject, tracers: Tracers) -> Iterator[Detection]:
    made = tracers.of_call(site.node, site.scope)
    if not made.builds or _is_traced_itself(site.scope, tracers.interpreter):
        return
    iteration = repeating(tracers, site, made)
    if iteration is None:
        return
    loop, making = iteration.loop, made.sites[0]
    assert isinstance(making, Making)
    remade = _Remade(site, loop, making, not made.direct, tracers.interpreter)
    changing = [] if remade.leads_away else _changing(remade)
    if changing is None or (remade.leads_away and not _is_same_each_time(remade)) or _is_for_new_model(remade):
        return
    names = [remade.holder] if remade.holder else []
    is_kept = Carried(tracers, site.node, site.scope, loop, True, names).is_kept()  # for later, under a key of its own
    if is_kept or subject.factories.of_call(site.node, site.scope).builds:
        return
    yield subject.detection("KL202", site, loop, cures.make_once(changing), made, making.name if made.direct else "")


def _is_traced_itself(scope: Scope, interpreter: Interpreter) -> bool:
    """Whether a function is traced itself: its body runs once."""
    current: Scope | None = scope.function()
    while current is not None and current.parent is not None:
        for decorator in getattr(current.node, "decorator_list", ()):
            if any(names_of_tracers(interpreter.eval(decorator, current.parent))):
                return True
        current = current.parent
    return False


def _is_for_new_model(remade: _Remade) -> bool:
    """Whether a model, or the like, that the loop binds is handed over: a traced function has a trace for each."""
    site, loop, holder = remade.site, remade.loop, remade.holder
    calls = [site] if remade.leads_away else site.scope.module.calls_named(holder) if holder else []
    handed = (each for call in calls if inside(start(call.node), extent(loop.node)) for each in arguments(call.node))
    for read in (read for argument in handed for read in rebound(reads(argument, site.scope), loop)):
        values = remade.interpreter.eval(read.node, site.scope)
        is_object = MODEL in values or any(isinstance(value, Obj) and isinstance(value.of, Cls) for value in values)
        if is_object or tracing.sounds_like_model(read.node.id):
            return True
    return False


# -- must every iteration make its own?


def _changing(remade: _Remade) -> list[str] | None:
    """The data of the loop that a traced function reads, or ``None`` where it is about something that each iteration makes."""
    making, loop = remade.making, remade.loop
    traced, scope = making.traced, making.scope
    if making.caches and isinstance(traced, ast.Name):
        owner = scope.owner(traced.id)
        if owner is None or not Read(traced, owner).bound_in(loop):
            return None  # the same function each time
    if sets_what_is_read(loop, traced, scope, remade.interpreter):
        return None
    if any(rebound(reads(other, scope), loop) for other in arguments(making.call) if other is not traced):
        return None
    changing = sorted(rebound(reads(traced, scope), loop, traced), key=lambda read: start(read.node))
    if not all(_is_data(read, traced, loop) for read in changing):
        return None
    return list(dict.fromkeys(read.node.id for read in changing))


def _is_same_each_time(remade: _Remade) -> bool:
    """Whether a called function makes the same traced function each time: it closes over what the loop hands in unchanged."""
    making, site = remade.making, remade.site
    traced, scope, function = making.traced, making.scope, making.scope.function()
    if function.kind == "class" or sets_what_is_read(remade.loop, site.node, site.scope, remade.interpreter):
        return False
    if making.caches and isinstance(traced, ast.Name) and scope.owner(traced.id) is not function:
        return False
    return all(_is_settled(read, function, remade, 0) for read in reads(traced, scope))


def _is_settled(read: Read, function: Scope, remade: _Remade, depth: int) -> bool:
    """Whether a name that a called function, or a function in it, reads is the same in every iteration."""
    if read.owner is not function:
        return read.owner.kind == "module" and not rebound([read], remade.loop)
    if depth > 4:
        return False
    for binding in read.bindings:
        is_settled = binding.kind == "import"
        if binding.kind == "param":
            is_settled = _is_handed_in(read.node.id, function, remade)
        elif binding.kind == "value" and binding.expr is not None and _is_harmless(binding.expr, function, remade.interpreter):
            is_settled = all(_is_settled(inner, function, remade, depth + 1) for inner in reads(binding.expr, function))
        if not is_settled:
            return False
    return True


def _is_harmless(expr: ast.expr, scope: Scope, interpreter: Interpreter) -> bool:
    """Whether a value is as good as the one of the last call: no model, no optimizer, no object of the project."""
    for node in ast.walk(expr):
        if isinstance(node, ast.Call):
            values = interpreter.callees(node, scope, NO_ENV)
            if not values or not all(isinstance(value, Api) and tracing.makes_values(value.name) for value in values):
                return False
    return not isinstance(expr, (ast.List, ast.Dict, ast.Set))


def _is_handed_in(name: str, function: Scope, remade: _Remade) -> bool:
    """Whether the call in the loop hands in the same value for a parameter each time."""
    node, site = function.node, remade.site
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return False
    callees = remade.interpreter.callees(site.node, site.scope, NO_ENV)
    names = [parameter.arg for parameter in parameters(node.args)]
    if function.parent is not None and function.parent.kind == "class" and names[:1] == [name]:
        is_method = all(isinstance(value, Func) and value.receiver is not None for value in callees)
        return isinstance(site.node.func, ast.Attribute) and is_method and _is_same(site.node.func.value, remade)
    if len(callees) != 1 or not isinstance(callees[0], Func) or callees[0].scope is not function:
        return False
    handed = given(site.node, callees[0])
    return is_plain(site.node) and name in names and (name not in handed or _is_same(handed[name], remade))


def _is_same(value: ast.expr, remade: _Remade) -> bool:
    """Whether an argument is the same object in every iteration."""
    if any(isinstance(node, (ast.Call, ast.List, ast.Dict, ast.Lambda, ast.Await)) for node in ast.walk(value)):
        return False
    return not rebound(reads(value, remade.site.scope), remade.loop)


# -- numbers and arrays, which a traced function may get as an argument


def _is_data(read: Read, root: ast.AST, loop: Loop) -> bool:
    """Whether a name that a loop binds plainly holds numbers or arrays, as it is bound and as ``root`` uses it."""
    bindings = read.bound_in(loop)
    return bool(bindings) and all(map(_is_number, bindings)) and not _is_used_as_object(read.node.id, root)


def _is_used_as_object(name: str, root: ast.AST) -> bool:
    """Whether a name is called, or an attribute of it read that no tensor has."""
    nodes = list(ast.walk(root))
    called = [node.func for node in nodes if isinstance(node, ast.Call)]
    asked = [node.value for node in nodes if isinstance(node, ast.Attribute) and node.attr not in attributes.OF_TENSORS]
    return any(is_same(node, name) for node in (root, *called, *asked))


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
        name, handed = callee_name(iterable), iterable.args
        if not effects.does(name, effects.PASSES):
            return arrays.counts(name)
        return arrays.counts(name) or (bool(handed) and all(_counts(each, scope, depth) for each in handed))
    if isinstance(iterable, ast.Name) and depth < 3:
        bindings = scope.bindings_of(iterable.id)
        return len(bindings) == 1 and bindings[0].expr is not None and _counts(bindings[0].expr, bindings[0].scope, depth + 1)
    return False
