"""Finding to fix: which strategy, whether it is safe, and why not. This is where "safe" is decided.

*Safe*: every precondition is proved, or the helper checks it as it runs. *Unsafe*: something is not known. No fix: it would be
wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..checks.detect import Detection, Examined
from ..finding import Applicability
from ..semantics.syntax import Syntax
from .construction_site import NoFixError
from .context import is_graph_mode
from .draft import Draft, Plan, Taken
from .outcome import Settings
from .strategies import clear, clone, hoist, nojit, recompile, retrace, reuse

_Drafter = Callable[[Detection, Examined, Syntax, Settings, Taken], Draft]
_STRATEGIES: dict[str, _Drafter] = {
    "reuse": reuse.draft,
    "hoist": hoist.draft,
    "clear": clear.draft,
    "clone": clone.draft,
    "nojit": nojit.draft,
}
#: Findings that are not about building a model, with the one strategy that there is for them.
_OTHERS: dict[str, tuple[str, _Drafter]] = {
    "KL201": ("hoist", recompile.draft),
    "KL202": ("hoist", retrace.draft),
    "KL203": ("hoist", retrace.no_draft),
}


def make_plans(examined: Examined, detections: Iterable[Detection], settings: Settings) -> list[Plan]:
    """Plan the fix of each finding of a file."""
    syntax = Syntax(examined.module)
    taken = Taken()
    return [_make_plan(detection, examined, syntax, settings, taken) for detection in detections]


def _make_plan(detection: Detection, examined: Examined, syntax: Syntax, settings: Settings, taken: Taken) -> Plan:
    strategy = settings.strategy if settings.strategy != "auto" else _choose(detection, examined, syntax, settings, taken)
    drafter = _STRATEGIES[strategy]
    if detection.finding.code in _OTHERS:
        only, drafter = _OTHERS[detection.finding.code]
        if settings.strategy not in ("auto", only):
            return Plan(detection.finding, "", Applicability.DISPLAY, f"{settings.strategy} is about models that are built again")
        strategy = only
    try:
        draft = drafter(detection, examined, syntax, settings, taken)
    except NoFixError as error:
        return Plan(detection.finding, "", Applicability.DISPLAY, str(error))
    applicability = Applicability.UNSAFE if draft.doubts else Applicability.SAFE
    reason = "; ".join(dict.fromkeys(draft.doubts))
    return Plan(detection.finding, strategy, applicability, reason, draft.edits, draft.leaves)


def _choose(detection: Detection, examined: Examined, syntax: Syntax, settings: Settings, taken: Taken) -> str:
    """``auto``: keep the compiled model. Where clearing misses a path, mend that; in graph mode clearing is the fast fix.

    A model that is loaded again and only run is loaded before the loop instead.
    """
    if detection.finding.code == "KL104" or is_graph_mode(examined.module):
        return "clear"
    if detection.finding.code == "KL106":
        hoisted = _try("hoist", detection, examined, syntax, settings, taken)
        if hoisted is not None and not hoisted.doubts:
            return "hoist"
        if hoisted is not None and _try("reuse", detection, examined, syntax, settings, taken) is None:
            return "hoist"
    return "reuse"


def _try(
    strategy: str, detection: Detection, examined: Examined, syntax: Syntax, settings: Settings, taken: Taken
) -> Draft | None:
    """What a strategy would do, without taking the names that it would give."""
    apart = Taken({name: list(uses) for name, uses in taken.names.items()}, dict(taken.edits))
    try:
        return _STRATEGIES[strategy](detection, examined, syntax, settings, apart)
    except NoFixError:
        return None
