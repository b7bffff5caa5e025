"""Functions that are traced again in every iteration: a ``tf.function`` that a loop makes anew (KL202).

A traced function keeps its traces to itself. Made again, it traces again, even of the same Python function. ``jax.jit`` is
different: it finds the traces of the same function object, so only new objects count (a ``def`` or ``lambda`` in the loop, a
bound method, what ``jax.grad`` returns). ``torch.compile`` keeps what it compiled with the function's code: it is not reported.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..dataflow.closures import Read, bound_in, is_data, owner_of, reads, rebound, sets_what_is_read
from ..dataflow.escape import Carried
from ..dataflow.loops import repeating
from ..dataflow.paths import BUILT
from ..dataflow.summaries import Effects, Factories, Site
from ..knowledge import keras
from ..semantics.interpreter import BudgetError, Resolver
from ..semantics.scopes import CallSite, Loop, Module, Scope, callee_name, extent, inside, parameters, start
from ..semantics.values import MODEL, NO_ENV, Api, Args, Cls, Env, Func, Method, Obj, Partial, Value, Values
from . import messages

_NONE = Effects()
_MODEL_NAME = re.compile(
    r"model|net(?:work)?s?\b|agent|policy|generator|discriminator|encoder|decoder|optimizer|critic|actor", re.I
)
_FUNCTION = ("func", "fun", "f", "function", "fn")
_HARMLESS = ("keras.losses.", "keras.metrics.", "tensorflow.", "numpy.", "jax.")
Traced = ast.expr | ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, eq=False)
class Making:
    """A call that makes a traced function; for ``@tf.function`` one that stands for the decorator.

    ``traced``: what it is made of. ``caches``: the same function is traced only once. ``name``: how it is spelled.
    """

    call: ast.Call
    scope: Scope
    traced: Traced
    caches: bool
    name: str


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
        return self.making.name if self.effects.direct else messages.spelling(self.site.node)

    @property
    def made_at(self) -> tuple[str, int] | None:
        """File and line where a call leads to."""
        site = self.effects.sites[0]
        return None if self.effects.direct else (site.path, site.line)


class Tracers(Factories):
    """Sums up calls by whether they make a traced function."""

    def __init__(self, resolver: Resolver) -> None:
        super().__init__(resolver, frozenset(), frozenset())
        self.makings: dict[Site, Making] = {}
        self._applications: dict[ast.expr, ast.Call] = {}
        self._decorators: dict[Module, dict[ast.expr, ast.FunctionDef | ast.AsyncFunctionDef]] = {}

    def matters(self, name: str) -> bool:
        """Whether calling a public function can have an effect."""
        return keras.is_mapper(name)

    def applied(self, decorator: ast.expr) -> ast.expr:
        """What a decorator does to its function: ``@f`` is a call of ``f``; ``@f(x)`` stays the call that it is."""
        return decorator if isinstance(decorator, ast.Call) else self.application(decorator)

    def application(self, decorator: ast.expr) -> ast.Call:
        """A call that stands for a decorator."""
        if decorator not in self._applications:
            call = ast.copy_location(ast.Call(decorator, [], []), decorator)
            self._applications[decorator] = call
        return self._applications[decorator]

    def decorators(self, module: Module) -> dict[ast.expr, ast.FunctionDef | ast.AsyncFunctionDef]:
        """The functions of a module by their decorators."""
        if module not in self._decorators:
            self._decorators[module] = {
                decorator: node
                for decorator, _, node, _ in module.decorated
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
            }
        return self._decorators[module]

    def making(self, call: ast.Call, scope: Scope, env: Env = NO_ENV) -> Making | None:
        """What a call makes, if it makes a traced function."""
        decorators = self.decorators(scope.module)
        function = decorators.get(call) or (decorators.get(call.func) if self._applications.get(call.func) is call else None)
        values = self.resolver.callees(call, scope, env)
        names = list(_tracers(v for v in values if not isinstance(v, Obj)))
        if isinstance(call.func, ast.Call) and not call.func.args:  # tf.function(jit_compile=True)(f)
            names = list(_tracers(self.resolver.callees(call.func, scope, env)))
        if function is not None and not names:  # @partial(jax.jit, static_argnums=0)
            names = list(_tracers(v for v in self.resolver.eval(call, scope, env) if isinstance(v, Partial)))
        if not names:
            return _step(call, scope, values)
        traced: Traced | None = function
        if traced is None:
            named = [keyword.value for keyword in call.keywords if keyword.arg in _FUNCTION]
            traced = next(iter((*call.args, *named)), None)
        if traced is None or isinstance(traced, ast.Starred):
            return None
        caches = all(keras.traces_once(name) for name in names)
        spelled = messages.spelling(_named(call))
        return Making(call, scope, traced, caches, f"@{spelled[:-2]}" if function is not None else spelled)

    def _of_callees(self, call: ast.Call, scope: Scope, env: Env, callees: Values | None) -> Effects:
        making = self.making(call, scope, env)
        if making is None:
            return super()._of_callees(call, scope, env, callees)
        if making.caches and not self._may_be_new(making, env):
            return _NONE
        site = Site(scope.module.path, call.lineno, making.name)
        self.makings[site] = making
        return Effects(BUILT, (site,), direct=True)

    def _may_be_new(self, making: Making, env: Env) -> bool:
        """Whether what is traced may be another object each time."""
        traced, scope = making.traced, making.scope
        if isinstance(traced, ast.Name):
            owner = owner_of(traced.id, scope)
            if owner is None or owner not in (scope, scope.function()):
                return False
            return any(b.kind == "def" or isinstance(b.expr, (ast.Lambda, ast.Call)) for b in owner.bindings[traced.id])
        if isinstance(traced, ast.Attribute):
            values = self.resolver.eval(traced, scope, env)
            return any(isinstance(value, Func) and value.receiver is not None for value in values)
        if isinstance(traced, ast.Call):
            return any(isinstance(value, (Api, Func)) for value in self.resolver.callees(traced, scope, env))
        return True

    def _of_api(self, name: str, args: Args, here: Site | None) -> Effects:
        return super()._of_api(name, args, here) if keras.is_mapper(name) else _NONE

    def _of_method(self, method: Method, here: Site | None) -> Effects:
        return _NONE

    def _of_class(self, cls: Cls, args: Args, here: Site | None) -> Effects:
        return _NONE  # a new object has traced functions of its own


def _tracers(values: Iterator[Value] | Values) -> Iterator[str]:
    """The public names among some values that make a traced function."""
    for value in values:
        called = value.func if isinstance(value, Partial) else value.of if isinstance(value, Obj) else value
        if isinstance(called, Api) and keras.traces(called.name):
            yield called.name


def _named(call: ast.Call) -> ast.Call:
    """``partial(jax.jit, static_argnums=0)`` goes by the name of ``jax.jit``."""
    inner = call.func if isinstance(call.func, ast.Call) else call
    if callee_name(inner) == "partial" and inner.args:
        return ast.copy_location(ast.Call(inner.args[0], [], []), call)
    return call


def _step(call: ast.Call, scope: Scope, values: Values) -> Making | None:
    """``model.make_train_function(force=True)``"""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in keras.MAKERS_OF_STEPS:
        return None
    forced = [*call.args[:1], *(keyword.value for keyword in call.keywords if keyword.arg == "force")]
    if not any(isinstance(value, ast.Constant) and value.value is True for value in forced):
        return None
    return Making(call, scope, call.func.value, False, messages.spelling(call))


def remade(module: Module, factories: Factories) -> Iterator[Remade]:
    """The traced functions that the loops of a module make again and again. Those of a new model are not counted."""
    resolver = factories.resolver
    tracers = Tracers(resolver)
    sites = [site for site in module.calls if site.loop is not None]
    for decorator, scope, node, loop in module.decorated:
        if loop is not None and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if not isinstance(decorator, ast.Call):
                sites.append(CallSite(tracers.application(decorator), scope, loop))
    for site in sites:
        resolver.next_site()
        try:
            found = _looked_at(site, tracers)
            if found is not None and not factories.of_call(site.node, site.scope).builds:
                yield found
        except BudgetError:
            continue


def _looked_at(site: CallSite, tracers: Tracers) -> Remade | None:
    effects = tracers.of_call(site.node, site.scope)
    if not effects.builds or _is_traced_itself(site.scope, tracers):
        return None
    iteration = repeating(tracers, site, effects)
    if iteration is None:
        return None
    making, loop = tracers.makings[effects.sites[0]], iteration.loop
    changing = _changing(making, loop, tracers) if effects.direct else _changing_in(making, site, loop, tracers)
    if changing is None or _is_for_new_model(site, making, loop, effects, tracers.resolver):
        return None
    if _is_kept(site, making, loop, effects, tracers):
        return None
    return Remade(site, loop, effects, making, tuple(dict.fromkeys(changing)))


def _is_traced_itself(scope: Scope, tracers: Tracers) -> bool:
    """Whether a function is traced itself: its body runs once."""
    current: Scope | None = scope.function()
    while current is not None and current.parent is not None:
        for decorator in getattr(current.node, "decorator_list", ()):
            if any(_tracers(tracers.resolver.eval(decorator, current.parent))):
                return True
        current = current.parent
    return False


def _is_kept(site: CallSite, making: Making, loop: Loop, effects: Effects, tracers: Tracers) -> bool:
    """Whether each iteration's function is kept for later, under a key of its own."""
    function = making.traced if effects.direct and making.name.startswith("@") else None
    names = [function.name] if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) else []
    return Carried(tracers, site.node, site.scope, loop, True, names).is_kept()


def _is_for_new_model(site: CallSite, making: Making, loop: Loop, effects: Effects, resolver: Resolver) -> bool:
    """Whether a model, or the like, that the loop binds is handed over: a traced function has a trace for each."""
    name = making.traced.name if isinstance(making.traced, (ast.FunctionDef, ast.AsyncFunctionDef)) else ""
    calls = [site.node] if not effects.direct else [] if not name else site.scope.module.calls_named(name)
    for call in (other.node if isinstance(other, CallSite) else other for other in calls):
        if not inside(start(call), extent(loop.node)):
            continue
        for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
            for read in rebound(reads(argument, site.scope), loop):
                values = resolver.eval(read.node, site.scope)
                if _MODEL_NAME.search(read.node.id) or any(isinstance(v, Obj) and isinstance(v.of, Cls) for v in values):
                    return True
                if MODEL in values:
                    return True
    return False


# -- must every iteration make its own?


def _changing(making: Making, loop: Loop, tracers: Tracers) -> list[str] | None:
    """The data of the loop that a traced function reads, or ``None`` where it is about something that each iteration makes."""
    traced, scope = making.traced, making.scope
    if making.caches and isinstance(traced, ast.Name):
        owner = owner_of(traced.id, scope)
        if owner is None or not bound_in(Read(traced, owner), loop):
            return None  # the same function each time
    if sets_what_is_read(loop, traced, scope, tracers.resolver):
        return None
    others = [*making.call.args, *(keyword.value for keyword in making.call.keywords)]
    if any(rebound(reads(other, scope), loop) for other in others if other is not traced):
        return None
    changing = rebound(reads(traced, scope), loop, traced)
    if not all(is_data(read, traced, loop) for read in changing):
        return None
    return [read.node.id for read in sorted(changing, key=lambda read: start(read.node))]


def _changing_in(making: Making, site: CallSite, loop: Loop, tracers: Tracers) -> list[str] | None:
    """The same for a function that the loop calls: what it closes over must be what the loop hands in unchanged."""
    function = making.scope.function()
    if sets_what_is_read(loop, site.node, site.scope, tracers.resolver):
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
    return not isinstance(traced, ast.Name) or owner_of(traced.id, making.scope) is function


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
            values = tracers.resolver.callees(node, scope, NO_ENV)
            if not values or not all(isinstance(value, Api) and value.name.startswith(_HARMLESS) for value in values):
                return False
    return not isinstance(expr, (ast.List, ast.Dict, ast.Set))


def _is_handed_in(name: str, function: Scope, site: CallSite, loop: Loop, tracers: Tracers) -> bool:
    """Whether the call in the loop hands in the same value for a parameter each time."""
    node, call = function.node, site.node
    if isinstance(node, ast.Lambda) or not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return False
    order = [parameter.arg for parameter in (*node.args.posonlyargs, *node.args.args)]
    callees = tracers.resolver.callees(call, site.scope, NO_ENV)
    if function.parent is not None and function.parent.kind == "class" and order and name == order[0]:
        receiver = call.func.value if isinstance(call.func, ast.Attribute) else None
        is_method = all(isinstance(value, Func) and value.receiver is not None for value in callees)
        return receiver is not None and is_method and _is_same(receiver, site, loop)
    if len(callees) != 1 or not isinstance(callees[0], Func) or callees[0].scope is not function:
        return False
    if any(isinstance(argument, ast.Starred) for argument in call.args) or any(not k.arg for k in call.keywords):
        return False
    if name not in {parameter.arg for parameter in parameters(node.args)}:
        return False
    order = order[callees[0].receiver is not None :]
    given = dict(zip(order, call.args)) | {keyword.arg or "": keyword.value for keyword in call.keywords}
    return name not in given or _is_same(given[name], site, loop)


def _is_same(value: ast.expr, site: CallSite, loop: Loop) -> bool:
    """Whether an argument is the same object in every iteration."""
    if any(isinstance(node, (ast.Call, ast.List, ast.Dict, ast.Lambda, ast.Await)) for node in ast.walk(value)):
        return False
    return not rebound(reads(value, site.scope), loop)
