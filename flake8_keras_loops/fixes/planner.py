"""Finding to fix: which strategy, whether it is safe, and why not. This is where "safe" is decided.

*Safe*: every precondition is proved, or the helper checks it as it runs. *Unsafe*: something is not known. No fix: it would be
wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from ..checks.detection import Detection
from ..examine import Examined
from ..rules import RULES
from ..semantics.scopes import Module
from ..semantics.syntax import syntax_of
from .edits import Helper
from .helpers import imported
from .outcome import Settings
from .plans import Case, Draft, Plan, RefusedError, Taken
from .strategies import clear, clone, hoist, nojit, recompile, retrace, reuse, spawn

#: What each fix is called that a rule may have (:class:`..rules.Rule`): the strategy that the user knows, and what drafts it.
_FIXES: dict[str, tuple[str, Callable[[Case, Taken], Draft]]] = {
    "reuse": ("reuse", reuse.draft),
    "hoist": ("hoist", hoist.draft),
    "clear": ("clear", clear.draft),
    "clone": ("clone", clone.draft),
    "nojit": ("nojit", nojit.draft),
    "process": ("process", spawn.draft),
    "recompile": ("hoist", recompile.draft),
    "retrace": ("hoist", retrace.draft),
}


def make_plans(
    examined: Examined, detections: Iterable[Detection], settings: Settings, why_not_imported: Callable[[str, Module], str]
) -> list[Plan]:
    """Plan the fix of each finding of a file. ``why_not_imported``: see :func:`.rewrite.rewrite`."""
    taken = Taken()
    syntax = syntax_of(examined.module)
    return [_make_plan(Case(each, examined, syntax, settings, why_not_imported), taken) for each in detections]


def _make_plan(case: Case, taken: Taken) -> Plan:
    asked, rule = case.settings.strategy, RULES[case.code]
    fixes = dict(_FIXES[name] for name in rule.fixes)
    try:
        if not fixes:
            raise RefusedError(rule.why_no_fix)
        if asked not in ("auto", *fixes):
            raise RefusedError(f"{asked} is about models that are built again")
        if asked == "auto" and len(fixes) > 1:
            return _choose(case, taken)
        strategy = asked if asked != "auto" else next(iter(fixes))
        return _plan(strategy, case, fixes[strategy](case, taken))
    except RefusedError as error:
        return Plan(case.detection.finding, "", (error.objection,))


def _plan(strategy: str, case: Case, draft: Draft) -> Plan:
    """Raises ``RefusedError`` for a draft that imports what cannot be imported."""
    for name in imported(draft.edits, case.module):
        if reason := case.why_not_imported(name, case.module):
            raise RefusedError(reason)
    return Plan(case.detection.finding, strategy, draft.doubts, draft.edits, draft.leaves)


def _choose(case: Case, taken: Taken) -> Plan:
    """``auto``: the simplest fix first. Where clearing misses a path, mend that; in graph mode clearing is the fast fix.

    Building before the loop comes next, and keeping the compiled model last. Raises ``RefusedError``.
    """
    if case.code == "KL104" or case.is_graph_mode:
        return _plan("clear", case, clear.draft(case, taken))
    hoisted = _try(hoist.draft, case, taken)
    if hoisted is not None and (_is_simple(hoisted, case) or _is_all_there_is(hoisted, case, taken)):
        return replace(_plan("hoist", case, hoist.draft(case, taken)), otherwise=partial(_reuse, case, taken))
    return _plan("reuse", case, reuse.draft(case, taken))


def _is_simple(hoisted: Draft, case: Case) -> bool:
    """Building before the loop is safe, needs no helper, and leaves no loop around that builds the model again.

    With ``--same-weights`` it is safe where it is not the same, and is taken only where it was asked for, or for loading again.
    """
    if hoisted.doubts:
        return False
    if case.code == "KL106":
        return True
    is_plain = not hoisted.leaves and not any(isinstance(edit, Helper) for edit in hoisted.edits)
    return is_plain and not case.settings.same_weights


def _is_all_there_is(hoisted: Draft, case: Case, taken: Taken) -> bool:
    """A model that is loaded again is at least loaded before the loop."""
    return case.code == "KL106" and _try(reuse.draft, case, taken) is None


def _reuse(case: Case, taken: Taken) -> Plan:
    """Keeping the compiled model, after all: with names of its own, and edits of its own."""
    try:
        return _plan("reuse", case, reuse.draft(case, Taken(taken.names)))
    except RefusedError as error:
        return Plan(case.detection.finding, "", (error.objection,))


def _try(drafter: Callable[[Case, Taken], Draft], case: Case, taken: Taken) -> Draft | None:
    """What a strategy would do, without taking the names that it would give."""
    try:
        return drafter(case, taken.apart())
    except RefusedError:
        return None
