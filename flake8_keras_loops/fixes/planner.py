"""Finding to fix: which strategy, whether it is safe, and why not. This is where "safe" is decided.

*Safe*: every precondition is proved, or the helper checks it as it runs. *Unsafe*: something is not known. No fix: it would be
wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..checks.detection import Detection
from ..examine import Examined
from ..rules import RULES
from ..semantics.syntax import syntax_of
from .outcome import Objection, Settings, Severity
from .plans import Case, Draft, Plan, RefusedError, Taken
from .strategies import clear, clone, hoist, nojit, recompile, retrace, reuse

#: What each fix is called that a rule may have (:class:`..rules.Rule`): the strategy that the user knows, and what drafts it.
_FIXES: dict[str, tuple[str, Callable[[Case, Taken], Draft]]] = {
    "reuse": ("reuse", reuse.draft),
    "hoist": ("hoist", hoist.draft),
    "clear": ("clear", clear.draft),
    "clone": ("clone", clone.draft),
    "nojit": ("nojit", nojit.draft),
    "recompile": ("hoist", recompile.draft),
    "retrace": ("hoist", retrace.draft),
}


def make_plans(examined: Examined, detections: Iterable[Detection], settings: Settings) -> list[Plan]:
    """Plan the fix of each finding of a file."""
    taken = Taken()
    syntax = syntax_of(examined.module)
    return [_make_plan(Case(detection, examined, syntax, settings), taken) for detection in detections]


def _make_plan(case: Case, taken: Taken) -> Plan:
    finding, asked = case.detection.finding, case.settings.strategy
    rule = RULES[case.code]
    fixes = {_FIXES[name][0]: name for name in rule.fixes}
    if not fixes:
        return _refused(case, rule.why_no_fix)
    if asked not in ("auto", *fixes):
        return _refused(case, f"{asked} is about models that are built again")
    strategy = asked if asked != "auto" else _choose(case, taken) if len(fixes) > 1 else next(iter(fixes))
    try:
        draft = _FIXES[fixes[strategy]][1](case, taken)
    except RefusedError as error:
        return Plan(finding, "", (error.objection,))
    return Plan(finding, strategy, draft.doubts, draft.edits, draft.leaves)


def _refused(case: Case, reason: str) -> Plan:
    return Plan(case.detection.finding, "", (Objection(reason, Severity.REFUSED),))


def _choose(case: Case, taken: Taken) -> str:
    """``auto``: keep the compiled model. Where clearing misses a path, mend that; in graph mode clearing is the fast fix.

    A model that is loaded again and only run is loaded before the loop instead.
    """
    if case.code == "KL104" or case.is_graph_mode:
        return "clear"
    if case.code == "KL106":
        hoisted = _try(hoist.draft, case, taken)
        if hoisted is not None and (not hoisted.doubts or _try(reuse.draft, case, taken) is None):
            return "hoist"
    return "reuse"


def _try(drafter: Callable[[Case, Taken], Draft], case: Case, taken: Taken) -> Draft | None:
    """What a strategy would do, without taking the names that it would give."""
    try:
        return drafter(case, taken.apart())
    except RefusedError:
        return None
