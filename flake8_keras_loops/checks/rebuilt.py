"""Is a model built again in every iteration of a loop? One look at each call for all rules about that (KL101 to KL107)."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import replace

from ..dataflow.carried import Carried, holds_model
from ..dataflow.keepers import kept_calls
from ..dataflow.loops import MAPPERS, Iteration, is_mapping, repeating
from ..dataflow.paths import BUILT, CLEARS
from ..dataflow.summaries import Effects
from ..dataflow.unknown import is_abstract, is_unknown, looks_like_keras
from ..knowledge import mentions
from ..semantics import classes
from ..semantics.interpreter import BudgetError
from ..semantics.scopes import CallSite, Loop, callee_name, extent, inside
from ..semantics.syntax import spelling
from ..semantics.values import NO_ENV, Cls, Func, Obj, Values, fresh, union
from . import messages
from .detection import Detection, Subject
from .reloaded import loads_the_same
from .searched import Search, Searches, effects_in
from .submodels import is_part


def rebuilt(subject: Subject) -> Iterator[Detection]:
    """The calls of a file that build a model on every iteration of a loop, or every call of a search."""
    yield from _Rebuilt(subject).detections()


class _Rebuilt:
    """Looks at the calls of one file."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.module = subject.module
        self.factories = subject.factories
        self.trains = mentions.trains(subject.source)
        self.searches = Searches(subject.module, subject.factories)

    def detections(self) -> list[Detection]:
        """In the order in which they are found; of an estimator that a search goes over only where it is made."""
        found: list[Detection] = []
        searched = self.searches.inside
        for site in self.module.calls:
            search = searched.get(site.scope.function()) if searched else None
            if site.loop is None and search is None and callee_name(site.node) not in MAPPERS:
                continue
            detection = self._looked_at(site, search)
            if detection is not None:
                found.append(detection)
        found += filter(None, map(self._elsewhere, self.searches.elsewhere))
        return [detection for detection in found if not self._is_told_twice(detection, found)]

    def _is_told_twice(self, detection: Detection, others: Iterable[Detection]) -> bool:
        """Whether a search goes over an estimator that is reported itself, where it is made."""
        wrapper = detection.search.wrapper if detection.search is not None else None
        return wrapper is not None and any(other.site.node is wrapper for other in others)

    def _looked_at(self, site: CallSite, search: Search | None) -> Detection | None:
        self.factories.interpreter.next_site()
        try:
            if is_mapping(site, self.factories):
                return self._mapped(site)
            return self._site(site, search) if site.loop is not None or search is not None else None
        except BudgetError:
            return None

    def _site(self, site: CallSite, search: Search | None) -> Detection | None:
        if search is not None and site.loop is None:
            if site.node in self.searches.wrappers:
                return None  # what it builds is reported with the search over it
            site = site._replace(loop=search.loop)
        callees = self._callees(site)
        effects = self.factories.of_call(site.node, site.scope, NO_ENV, callees)
        if search is not None and not effects.builds:
            effects = effects_in(self.factories, site, search)
        guessed = False
        if not effects.builds:
            assert site.loop is not None
            if site.node in kept_calls(self.module):
                return None
            if not self.trains or not is_unknown(callees) or not looks_like_keras(self.factories.interpreter, site, site.loop):
                return None
            effects = Effects(BUILT)
            guessed = True
        iteration = repeating(self.factories, site, effects, search.loop if search is not None else None)
        if iteration is None:
            return None
        carried = Carried(self.factories, site.node, site.scope, iteration.loop, effects.direct or guessed)
        if not guessed and is_part(self.factories, site, iteration.loop, carried):
            return None
        if search is None or iteration.loop is not search.loop:
            return self._detection(site, effects, iteration, carried.is_kept(), carried.returns_model)
        kept = carried.is_kept() or (search.keeps_returned and any(map(carried.in_value, site.scope.function().returns)))
        return self._detection(site, effects, iteration, kept, carried.returns_model, search)

    def _elsewhere(self, search: Search) -> Detection | None:
        """The search of a function that stands in another file."""
        self.factories.interpreter.next_site()
        try:
            effects = replace(self.factories.of_value(search.function, search.args), direct=False)
            if not effects.builds:
                return None
            return self._detection(search.site, effects, Iteration(search.loop, effects.mask), False, False, search)
        except BudgetError:
            return None

    def _callees(self, site: CallSite) -> Values:
        """What a call may call; a receiver that the loop makes anew has nothing cached."""
        interpreter = self.factories.interpreter
        callees = interpreter.callees(site.node, site.scope, NO_ENV)
        func = site.node.func
        if isinstance(func, ast.Attribute) and all(isinstance(value, Func) and is_abstract(value) for value in callees):
            receivers = interpreter.eval(func.value, site.scope)
            hooks = [
                classes.overrides(interpreter, v.of, func.attr) for v in receivers if isinstance(v, Obj) and isinstance(v.of, Cls)
            ]
            callees = union(hooks) or callees
        if isinstance(func, ast.Attribute) and any(isinstance(v, Func) and isinstance(v.receiver, Obj) for v in callees):
            if isinstance(func.value, ast.Call) or self._is_made_in_loop(func.value, site):
                return tuple(fresh(value) for value in callees)
        return callees

    def _is_made_in_loop(self, receiver: ast.expr, site: CallSite) -> bool:
        """Whether the loop around a call constructs the receiver."""
        if not isinstance(receiver, ast.Name) or site.loop is None:
            return False
        where = extent(site.loop.node)
        for binding in site.scope.function().bindings.get(receiver.id, ()):
            if binding.kind == "value" and isinstance(binding.expr, ast.Call) and inside(binding.position, where):
                made = self.factories.interpreter.callees(binding.expr, site.scope, NO_ENV)
                if any(isinstance(value, Cls) or (isinstance(value, Func) and value.receiver is None) for value in made):
                    return True
        return False

    def _mapped(self, site: CallSite) -> Detection | None:
        effects = self.factories.of_call(site.node, site.scope)
        if not effects.builds:
            return None
        loop = Loop(site.node, site.scope, site.loop)
        kept = any(self._is_list(other.node, site.node) for other in self.module.calls)
        return self._detection(site, replace(effects, direct=False), Iteration(loop, effects.mask), kept, False)

    def _is_list(self, call: ast.Call, argument: ast.Call) -> bool:
        """``list(map(build, xs))``: the models are kept if ``build`` returns one."""
        if callee_name(call) not in {"list", "tuple"} or argument not in call.args:
            return False
        values = self.factories.interpreter.eval(argument, self.module.scope)
        return holds_model(self.factories, values)

    def _detection(
        self,
        site: CallSite,
        effects: Effects,
        iteration: Iteration,
        kept: bool,
        returns_model: bool,
        search: Search | None = None,
    ) -> Detection:
        cleared, missed = iteration.mask & CLEARS, iteration.mask & BUILT
        if kept:
            code = "KL105"
        elif cleared and missed:
            code = "KL104"
        elif cleared:
            code = "KL107"
        elif search is not None:
            code = "KL103"
        else:
            code = "KL101" if effects.direct else "KL102"
        if code == "KL101" and loads_the_same(self.factories.interpreter, site, iteration.loop):
            code = "KL106"
        is_search = search is not None and site.node is search.site.node
        name = search.function_name if search is not None and is_search else spelling(site.node)
        built_at = effects.sites[0] if effects.sites and not effects.direct else None
        where = (built_at.path, built_at.line) if built_at else None
        called_by = (search.name, search.site.node.lineno) if search is not None else None
        message = messages.rebuilt(code, name, where, self.module.path, called_by)
        return self.subject.detection(code, site, iteration.loop, message, name, where, effects, returns_model, search)
