"""Which functions, methods and classes build a Keras model, and which clear the session: a summary of every call.

A summary is the set of paths through the callee (see :mod:`.paths`), and where it builds. Summaries depend on the arguments
where these decide: a factory handed in as a parameter, ``compile=False``, the receiver of a method. Recursion ends at the
least fixed point, since a call that is being summed up already contributes no path.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from ..knowledge import keras, searches, tracing
from ..semantics import blocks, branches, calls, classes, collections_
from ..semantics.interpreter import BudgetError, Interpreter
from ..semantics.memo import Memo
from ..semantics.scopes import Loop, Scope, callee_name
from ..semantics.values import MODEL, NO_ENV, Api, Args, Cls, Env, Estimator, Func, Method, Obj, Partial, Value, Values
from . import guards
from .keepers import kept_calls
from .paths import BUILDS, BUILT, CLEARED, CLEARS, NOTHING, Flow, clearing_only, then
from .unknown import is_unknown, trained_calls

_MAX_SITES = 8
_MAX_DEPTH = 40


@dataclass(frozen=True)
class Site:
    """Where a model is constructed: file, line, and how the construction is spelled."""

    path: str
    line: int
    name: str


@dataclass(frozen=True)
class OfEstimator(Site):
    """Where the ``fit`` of an estimator constructs a model, which it has for itself."""


@dataclass(frozen=True)
class OfUnknown(Site):
    """Where what is not known constructs a model, as tells what is done with it."""


@dataclass(frozen=True)
class Effects:
    """What a call does. ``direct``: the call itself is the construction, not a way to it."""

    mask: int = NOTHING
    sites: tuple[Site, ...] = ()
    direct: bool = False

    @property
    def builds(self) -> bool:
        """Whether some path builds a model."""
        return bool(self.mask & BUILDS)

    @property
    def of_estimator(self) -> bool:
        """Whether the ``fit`` of an estimator builds."""
        return any(isinstance(site, OfEstimator) for site in self.sites)

    @property
    def is_guess(self) -> bool:
        """Whether nothing that is known builds, in a function that is."""
        return bool(self.sites) and all(isinstance(site, OfUnknown) for site in self.sites)

    @property
    def leads_to(self) -> tuple[str, int] | None:
        """File and line of the construction that the call leads to, ``None`` where it is the call itself or not known."""
        return (self.sites[0].path, self.sites[0].line) if self.sites and not self.direct else None


_NONE = Effects()
_CLEARS = Effects(CLEARED)
_RECURSION = Effects(0)


class Factories:
    """Sums up calls. ``builders`` and ``clearers``: names that the user declared to build or to clear."""

    def __init__(self, interpreter: Interpreter, builders: frozenset[str], clearers: frozenset[str]) -> None:
        self.interpreter = interpreter
        self.builders = builders
        self.clearers = clearers
        self._calls: dict[ast.Call, Effects] = {}
        #: Of loops, what :mod:`.loops` found of the paths through an iteration, with and without those after a failure.
        self.iterations: dict[tuple[Loop, bool], dict[ast.Call, int]] = {}
        self._memo: Memo[tuple[Scope, Env], Effects] = Memo(_RECURSION)

    def of_call(self, call: ast.Call, scope: Scope, env: Env = NO_ENV, callees: Values | None = None) -> Effects:
        """Sum up a call expression. ``callees``: what it may call, if that is known already."""
        if callees is None and env is NO_ENV and not self._memo.depth:
            if call not in self._calls:
                self.interpreter.next_site()
                try:
                    self._calls[call] = self._sum_up(call, scope, env, None)
                except BudgetError:
                    self._calls[call] = _NONE
            return self._calls[call]
        return self._sum_up(call, scope, env, callees)

    def _sum_up(self, call: ast.Call, scope: Scope, env: Env, callees: Values | None) -> Effects:
        effects = self._of_callees(call, scope, env, callees)
        return Effects(clearing_only(effects.mask)) if call in kept_calls(scope.module) else effects

    def _of_callees(self, call: ast.Call, scope: Scope, env: Env, callees: Values | None) -> Effects:
        if callees is None:
            callees = self.interpreter.callees(call, scope, env)
        declared = self._declared(call, callees)
        if declared is not None:
            return declared
        if call in trained_calls(scope.module) and is_unknown(callees):
            return Effects(BUILT, (OfUnknown(scope.module.path, call.lineno, callee_name(call) or "model"),))
        if not callees:  # only the name of a clearing function speaks for itself
            return _CLEARS if keras.clears(callee_name(call)) else _NONE
        if all(isinstance(callee, Api) and not self.matters(callee.name) for callee in callees):
            return _NONE
        if any(isinstance(callee, Method) and callee.owner == MODEL for callee in callees):  # fitting a model builds none
            callees = tuple(v for v in callees if not isinstance(v, Method) or not isinstance(v.owner, Estimator))
        args = self.interpreter.arguments(call, scope, env)
        here = Site(scope.module.path, call.lineno, callee_name(call) or "model")
        summaries = [(callee, self.of_value(callee, args, here)) for callee in callees]
        return self._merge(summaries)

    def matters(self, name: str) -> bool:
        """Whether calling a public function can have an effect."""
        return keras.clears(name) or keras.builds(name) or keras.is_mapper(name)

    def applied(self, decorator: ast.expr) -> ast.expr:
        """What a decorator does to its function, as an expression."""
        return decorator

    def _declared(self, call: ast.Call, callees: Values) -> Effects | None:
        """Names that the user declared, bare or dotted."""
        if not self.builders and not self.clearers:
            return None
        names = {callee_name(call), ast.unparse(call.func)} | {callee.name for callee in callees if isinstance(callee, Api)}
        if names & self.clearers:
            return _CLEARS
        return Effects(BUILT) if names & self.builders else None

    def _merge(self, summaries: list[tuple[Value, Effects]]) -> Effects:
        """One summary for several possible callees."""
        masks = {effects.mask for _, effects in summaries}
        if len(masks) > 1 and any(mask & CLEARS for mask in masks):
            # which callee runs is not known; those that have nothing to do with Keras don't speak against the others
            summaries = [(value, effects) for value, effects in summaries if self._concerns_keras(value, effects)] or summaries
        mask = 0
        sites: dict[Site, None] = {}
        for _, effects in summaries:
            mask |= effects.mask
            sites.update(dict.fromkeys(effects.sites))
        return Effects(mask, tuple(sites)[:_MAX_SITES], any(effects.direct for _, effects in summaries))

    def _concerns_keras(self, value: Value, effects: Effects) -> bool:
        """Whether a callee builds, or its receiver has built, a model that could be left uncleared."""
        if effects.mask & BUILT or not isinstance(value, Func) or not isinstance(value.receiver, Obj):
            return True
        cls = value.receiver.of
        return not isinstance(cls, Cls) or self.of_value(cls, Args(open=True)).builds

    def of_value(self, value: Value, args: Args, here: Site | None = None) -> Effects:
        """Sum up calling a value. ``here``: the call, for constructions that are the call itself."""
        if isinstance(value, Api):
            return self._of_api(value.name, args, here)
        if isinstance(value, Func):
            return self._of_function(value, args)
        if isinstance(value, Cls):
            return self._of_class(value, args, here)
        if isinstance(value, Partial):
            return self.of_value(value.func, value.args.before(args), here)
        if isinstance(value, Method):
            return self._of_method(value, here)
        if isinstance(value, Obj) and isinstance(value.of, Cls):
            if classes.is_model(self.interpreter, value.of) or classes.is_layer(self.interpreter, value.of):
                return _NONE
            called = self.interpreter.member(value, "__call__")
            return self._merge([(v, self.of_value(v, args)) for v in called]) if called else _NONE
        return _NONE

    def _of_api(self, name: str, args: Args, here: Site | None) -> Effects:
        if not self.matters(name):
            return _NONE
        if keras.clears(name):
            return _CLEARS
        if keras.builds(name):
            return Effects(BUILT, (here,) if here else (), direct=True)
        if args.positional:
            each = Args((collections_.elements(args.get(1, "")),))
            return self._merge([(f, self.of_value(f, each, here)) for f in args.positional[0]]) if args.positional[0] else _NONE
        return _NONE

    def _of_method(self, method: Method, here: Site | None) -> Effects:
        if keras.clears(method.name):
            return _CLEARS
        if isinstance(method.owner, Estimator):
            return self._of_estimator(method.owner, here) if searches.fits(method.name) and method.owner.fits else _NONE
        if not isinstance(method.owner, Obj) or not isinstance(method.owner.of, Api):
            return _NONE
        if keras.makes_model(method.name) and keras.is_model_class(method.owner.of.name):
            return Effects(BUILT, (here,) if here else (), direct=True)
        return _NONE

    def _of_estimator(self, estimator: Estimator, here: Site | None) -> Effects:
        """What fitting an estimator does: it builds, also where it is not known with what."""
        given = [(value, self.of_value(value, Args(open=True), here)) for value in estimator.build]
        inner = self._merge(given) if given else Effects(BUILT, (here,) if here else ())
        if not inner.builds and all(isinstance(value, Func) for value in estimator.build):
            return _NONE  # a function whose model is made elsewhere
        sites = inner.sites or ((here,) if here else ())
        return Effects(
            inner.mask if inner.builds else BUILT, tuple(OfEstimator(site.path, site.line, site.name) for site in sites)
        )

    def _of_class(self, cls: Cls, args: Args, here: Site | None) -> Effects:
        if classes.is_layer(self.interpreter, cls):
            return _NONE
        init = calls.constructor(self.interpreter, cls)
        inner = self._of_function(init, args) if init is not None else _NONE
        if classes.is_model(self.interpreter, cls):
            return Effects(then(BUILT, clearing_only(inner.mask)), (here,) if here else (), direct=True)
        if init is None:
            hooks = self.interpreter.member(Obj(cls), "__post_init__")
            return self._merge([(hook, self.of_value(hook, Args())) for hook in hooks]) if hooks else _NONE
        return inner

    def _of_function(self, func: Func, args: Args) -> Effects:
        if calls.cannot_matter(self.interpreter, func, args) or self.runs_once(func.scope):
            return _NONE
        env = calls.bind(self.interpreter, func, args)
        if self._memo.depth > _MAX_DEPTH:
            return _NONE
        return self._memo.ask((func.scope, env), lambda: self._summarise(func, env))

    def runs_once(self, scope: Scope) -> bool:
        """Cached functions, and functions that are traced: Keras code in them runs once."""
        decorators = getattr(scope.node, "decorator_list", ())
        for func in (each.func if isinstance(each, ast.Call) else each for each in decorators):
            values = self.interpreter.eval(func, scope.parent or scope)
            names = [value.name for value in values if isinstance(value, Api)] or ([] if values else [ast.unparse(func)])
            if any(map(tracing.runs_once, names)):
                return True
        return False

    def _summarise(self, func: Func, env: Env) -> Effects:
        node = func.scope.node
        sites: dict[Site, None] = {}
        elsewhere = func.scope.module is not self.interpreter.root
        is_fresh = isinstance(func.receiver, Obj) and func.receiver.fresh

        def effect(call: ast.Call, scope: Scope, looped: bool) -> int:
            summary = self.of_call(call, scope, env)
            if summary.direct and blocks.only_called(call, node):
                return clearing_only(summary.mask)
            if looped and not elsewhere:  # what a loop of this file repeats is reported there
                return clearing_only(summary.mask)
            if summary.builds:
                sites.update(dict.fromkeys(summary.sites))
            return summary.mask

        def follow(test: ast.If | ast.IfExp, scope: Scope) -> tuple[bool, bool]:
            truth = branches.truth(self.interpreter, test.test, scope, env)
            once = guards.guarded_in_function(test, scope, is_fresh) if isinstance(test, ast.If) else ""
            return truth is not False and once != "body", truth is not True and once != "orelse"

        flow = Flow(effect, follow, applied=self.applied)
        if isinstance(node, ast.Lambda):
            mask = flow.expression(node.body, func.scope, NOTHING)
        else:
            exits = flow.body(node.body, func.scope, NOTHING)  # type: ignore[attr-defined]
            mask = exits.fall | exits.returned
        if not mask and not self._memo.is_circular:  # it always raises, like an abstract method: nothing is known of it
            mask = NOTHING
        return Effects(mask, tuple(sites)[:_MAX_SITES])
