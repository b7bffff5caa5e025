"""Is a model built again in every iteration of a loop? One look at each call for all rules about that (KL101 to KL107)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from ..dataflow.carried import Carried, holds_model
from ..dataflow.keepers import kept_calls
from ..dataflow.loops import Iteration, is_mapping, repeating, targets
from ..dataflow.objects.destinations import Destinations
from ..dataflow.paths import BUILT, CLEARS
from ..dataflow.summaries import Effects
from ..dataflow.unknown import is_abstract, is_unknown, looks_like_keras
from ..knowledge import mentions, searches
from ..semantics import classes
from ..semantics.scopes import CallSite, Loop, extent, inside
from ..semantics.values import NO_ENV, Cls, Estimator, Func, Method, Obj, Value, Values, fresh, union
from .cures import cure
from .detection import Detection, Subject
from .evidence import is_evident
from .registries import is_registry
from .reloaded import loads_the_same
from .searched import Search, Searches
from .submodels import is_part


def rebuilt(subject: Subject) -> Iterator[Detection]:
    """The calls of a file that build a model on every iteration of a loop, or every call of a search."""
    for detection in _Rebuilt(subject).detections():
        if detection.finding.code != "KL107" or not subject.is_graph_mode:  # there clearing is what makes it fast
            yield detection


class _Rebuilt:
    """Looks at the calls of one file."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.module = subject.module
        self.factories = subject.factories
        self.interpreter = subject.factories.interpreter
        self.trains = mentions.trains(subject.source)
        self.searches = Searches(subject.module, subject.factories)

    def detections(self) -> Iterator[Detection]:
        """In the order in which they are found."""
        for site in self.module.calls:
            search = self.searches.inside.get(site.scope.function())
            with self.interpreter.next_site():
                if is_mapping(site, self.factories):
                    yield from self._mapped(site)
                elif site.loop is not None or search is not None:
                    yield from self._repeated(site, search)
        for search in self.searches.elsewhere:
            with self.interpreter.next_site():
                effects = replace(self.factories.of_value(search.function, search.args), direct=False)
                if effects.builds:
                    yield self._detection(search.site, effects, Iteration(search.loop, effects.mask), False, search)

    def _mapped(self, site: CallSite) -> Iterator[Detection]:
        """``map(build, xs)``: in ``list(...)``, the models are kept if ``build`` returns one."""
        effects = replace(self.factories.of_call(site.node, site.scope), direct=False)
        if effects.builds:
            lists = (each.node for name in ("list", "tuple") for each in self.module.calls_named(name))
            is_list = any(site.node in each.args for each in lists)
            kept = is_list and holds_model(self.factories, self.interpreter.eval(site.node, site.scope))
            loop = Loop(site.node, site.scope, site.loop)
            yield self._detection(site, effects, Iteration(loop, effects.mask), kept)

    def _repeated(self, site: CallSite, search: Search | None) -> Iterator[Detection]:
        if search is not None and site.loop is None:
            site = site._replace(loop=search.loop)
        callees = self._callees(site)
        effects = self.factories.of_call(site.node, site.scope, NO_ENV, callees)
        if search is not None and not effects.builds:  # given what is known of the function's arguments, it may
            effects = self.factories.of_call(site.node, site.scope, search.env)
        is_guess = not effects.builds or (effects.is_guess and is_unknown(callees))
        if not effects.builds:
            if site.node in kept_calls(self.module) or not self.trains or not is_unknown(callees):
                return
            if not looks_like_keras(self.interpreter, site):
                return
        if is_guess:
            effects = Effects(BUILT)
        iteration = repeating(self.factories, site, effects, search.loop if search is not None else None)
        if iteration is None or not is_evident(self.factories, site, effects, callees, iteration.loop):
            return
        fits = any(isinstance(value, Method) and isinstance(value.owner, Estimator) for value in callees)  # it holds the model
        carried = Carried(self.factories, site.node, site.scope, iteration.loop, effects.direct or is_guess or fits)
        to = Destinations(self.interpreter, site, iteration.loop.node)
        if not is_guess and is_part(self.factories, site, carried, to):
            return
        kept = carried.is_kept()
        if kept and is_registry(self.interpreter, site, effects, carried, to):
            return
        if search is not None and iteration.loop is not search.loop:
            search = None
        if search is not None and search.keeps_returned:
            kept = kept or any(map(carried.in_value, site.scope.function().returns))
        yield self._detection(site, effects, iteration, kept, search, carried, callees)

    def _callees(self, site: CallSite) -> Values:
        """What a call may call; a receiver that the loop makes anew has nothing cached."""
        callees = self.interpreter.callees(site.node, site.scope, NO_ENV)
        func = site.node.func
        if not isinstance(func, ast.Attribute):
            return callees
        method = func.value
        if func.attr == searches.REMOTE_CALL and isinstance(method, ast.Attribute) and self._is_of_loop(method.value, site):
            return ()  # each iteration's actor has a process of its own
        if all(isinstance(value, Func) and is_abstract(value) for value in callees):
            receivers = [v for v in self.interpreter.eval(func.value, site.scope) if isinstance(v, Obj)]
            hooks = [classes.overrides(self.interpreter, v.of, func.attr) for v in receivers if isinstance(v.of, Cls)]
            callees = union(hooks) or callees
        if any(isinstance(v, Func) and isinstance(v.receiver, Obj) for v in callees) and self._is_made_in_loop(func.value, site):
            return tuple(map(fresh, callees))
        return callees

    def _is_of_loop(self, actor: ast.expr, site: CallSite) -> bool:
        """Whether each iteration has another actor: the loop makes it, or goes through several."""
        is_target = site.loop is not None and isinstance(actor, ast.Name) and actor.id in targets(site.loop)
        return is_target or self._is_made_in_loop(actor, site)

    def _is_made_in_loop(self, receiver: ast.expr, site: CallSite) -> bool:
        """Whether the loop around a call constructs the receiver."""
        if isinstance(receiver, ast.Call):
            return True
        if not isinstance(receiver, ast.Name) or site.loop is None:
            return False
        bindings = site.scope.function().bindings.get(receiver.id, ())
        values = (b.expr for b in bindings if b.kind == "value" and inside(b.position, extent(site.loop.node)))
        calls = (value for value in values if isinstance(value, ast.Call))
        made = (callee for call in calls for callee in self.interpreter.callees(call, site.scope, NO_ENV))
        return any(isinstance(v, Cls) or _makes_actor(v) or (isinstance(v, Func) and v.receiver is None) for v in made)

    def _detection(
        self,
        site: CallSite,
        effects: Effects,
        iteration: Iteration,
        kept: bool,
        search: Search | None = None,
        carried: Carried | None = None,
        callees: Values | None = None,
    ) -> Detection:
        if callees is None:
            callees = self.interpreter.callees(site.node, site.scope, NO_ENV)
        carried = carried or Carried(self.factories, site.node, site.scope, iteration.loop, effects.direct)
        is_cleared, is_missed = iteration.mask & CLEARS, iteration.mask & BUILT
        if kept:
            code = "KL105"
        elif is_cleared:
            code = "KL104" if is_missed else "KL107"
        elif search is not None:
            code = "KL103"
        elif not effects.direct:
            code = "KL102"
        else:
            code = "KL106" if loads_the_same(self.interpreter, site, iteration.loop) else "KL101"
        helps = cure(code, site, effects, callees, carried, search)
        name = search.function_name if search is not None and site.node is search.site.node else ""
        return self.subject.detection(code, site, iteration.loop, helps, effects, name, search)


def _makes_actor(value: Value) -> bool:
    """Whether a value is ``Actor.remote``."""
    return isinstance(value, Method) and isinstance(value.owner, Obj) and isinstance(value.owner.of, Cls)
