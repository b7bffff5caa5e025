"""Finding to fix: which strategy, whether it is safe, and why not. This is where "safe" is decided.

*Safe*: every precondition is proved, or the helper checks it as it runs. *Unsafe*: something is not known. No fix: it would be
wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial

from ..checks.detection import Detection
from ..examine import Examined
from ..rules import RULES
from ..semantics.interpreter import BudgetError
from ..semantics.scopes import Module
from ..semantics.syntax import syntax_of
from .edits import Helper
from .helpers import imported
from .outcome import Objection, Settings
from .plans import Case, Draft, ElsewhereError, NoGainError, Plan, RefusedError, Taken, doubts
from .proving.trials import check_caller
from .strategies import clear, clone, elsewhere, hoist, nojit, recompile, retrace, reuse, spawn
from .strategies.elsewhere import Into

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
    examined: Examined,
    detections: Iterable[Detection],
    settings: Settings,
    why_not_imported: Callable[[str, Module], str],
    taken: Taken,
    into: Into | None = None,
) -> list[Plan]:
    """Plan the fix of each finding of a file. ``why_not_imported``: see :func:`.rewrite.rewrite`.

    ``taken``: what the fixes of that file have agreed on. ``into``: the other file that may be changed for them, if there is one;
    what is fixed in the file itself is then left open.
    """
    syntax = syntax_of(examined.module)
    return [_make_plan(Case(each, examined, syntax, settings, why_not_imported), taken, into) for each in detections]


def _make_plan(case: Case, taken: Taken, into: Into | None) -> Plan:
    asked, rule = case.settings.strategy, RULES[case.code]
    fixes = dict(_FIXES[name] for name in rule.fixes)
    try:
        if not fixes:
            raise RefusedError(rule.why_no_fix)
        check_caller(case.detection)
        if asked not in ("auto", *fixes):
            raise RefusedError(f"{asked} is about models that are built again")
        if asked == "auto" and len(fixes) > 1:
            return _choose(case, taken)
        strategy = asked if asked != "auto" else next(iter(fixes))
        return _plan(strategy, case, fixes[strategy](case, taken))
    except ElsewhereError as error:
        return _plan_elsewhere(case, error, into) if asked in ("auto", "reuse") else _refused(case, error)
    except RefusedError as error:
        return _refused(case, error)


def _refused(case: Case, error: RefusedError) -> Plan:
    return Plan(case.detection.finding, "", (error.objection,))


def _plan_elsewhere(case: Case, error: ElsewhereError, into: Into | None) -> Plan:
    """The plan for the file that the function stands in, if that is the one to change; else a refusal that names it."""
    finding = case.detection.finding
    try:
        there, places = elsewhere.follow(case, error)
    except (RefusedError, BudgetError):
        return _refused(case, error)
    path = there.module.path
    if into is None or into.path != path:
        if case.module.path.endswith(".ipynb"):
            return _refused(case, error)
        return Plan(finding, "", (replace(error.objection, cure=elsewhere.FIX_BOTH),), elsewhere=path)
    calls = tuple(place.call for place in places)
    try:
        draft = reuse.draft_elsewhere(places, there, into.taken)
        elsewhere.check_edits(draft.edits, places, there, into)
        _check_imports(draft, there)
        found = _each_once([*draft.doubts, *doubts(elsewhere.reasons(there))])
    except BudgetError:
        return _refused(case, error)
    except RefusedError as refused:
        reason = f"in {elsewhere.file_name(there.module)}: {refused.objection.reason}"
        spoiled = () if isinstance(refused, NoGainError) else calls
        objection = replace(refused.objection, reason=reason)
        return Plan(finding, "", (objection,), elsewhere=path, calls=spoiled)
    return Plan(finding, "reuse", found, draft.edits, draft.leaves, elsewhere=path, calls=calls)


def _plan(strategy: str, case: Case, draft: Draft) -> Plan:
    _check_imports(draft, case)
    return Plan(case.detection.finding, strategy, _each_once(draft.doubts), draft.edits, draft.leaves)


def _each_once(objections: Sequence[Objection]) -> tuple[Objection, ...]:
    """Objections without those whose reason an earlier one gives."""
    return tuple({objection.reason: objection for objection in reversed(objections)}.values())[::-1]


def _check_imports(draft: Draft, case: Case) -> None:
    """Raises ``RefusedError`` for a draft that imports what cannot be imported."""
    for name in imported(draft.edits, case.module):
        if reason := case.why_not_imported(name, case.module):
            raise RefusedError(reason)


def _choose(case: Case, taken: Taken) -> Plan:
    """``auto``: the simplest fix first. In graph mode clearing is the fast fix, and where it misses a path it is mended, unless
    the compiled model can be kept for certain.

    Building before the loop comes next, and keeping the compiled model last. Raises ``RefusedError``.
    """
    if case.is_graph_mode or (case.code == "KL104" and not _is_safe(_try(reuse.draft, case, taken))):
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


def _is_safe(draft: Draft | None) -> bool:
    return draft is not None and not draft.doubts


def _reuse(case: Case, taken: Taken) -> Plan:
    """Keeping the compiled model, after all: with names of its own, and edits of its own."""
    try:
        return _plan("reuse", case, reuse.draft(case, Taken(taken.names)))
    except RefusedError as error:
        return _refused(case, error)


def _try(drafter: Callable[[Case, Taken], Draft], case: Case, taken: Taken) -> Draft | None:
    """What a strategy would do, without taking the names that it would give."""
    try:
        return drafter(case, taken.apart())
    except RefusedError:
        return None
