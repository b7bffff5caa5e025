"""Finding to fix: which strategy, whether it is safe, and why not. This is where "safe" is decided.

*Safe*: every precondition is proved, or the helper checks it as it runs. *Unsafe*: something is not known. No fix: it would be
wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..analysis.detect import Detection, Examined
from ..finding import Applicability
from . import clear, clone, hoist, nojit, reuse
from .draft import Draft, Plan, Taken
from .home import NoFixError
from .outcome import Settings
from .surroundings import is_graph_mode
from .syntax import Syntax

_STRATEGIES: dict[str, Callable[[Detection, Examined, Syntax, Settings, Taken], Draft]] = {
    "reuse": reuse.draft,
    "hoist": hoist.draft,
    "clear": clear.draft,
    "clone": clone.draft,
    "nojit": nojit.draft,
}


def make_plans(examined: Examined, detections: Iterable[Detection], settings: Settings) -> list[Plan]:
    """Plan the fix of each finding of a file."""
    syntax = Syntax(examined.module)
    taken = Taken()
    return [_make_plan(detection, examined, syntax, settings, taken) for detection in detections]


def _make_plan(detection: Detection, examined: Examined, syntax: Syntax, settings: Settings, taken: Taken) -> Plan:
    strategy = settings.strategy if settings.strategy != "auto" else _choose(detection, examined)
    try:
        draft = _STRATEGIES[strategy](detection, examined, syntax, settings, taken)
    except NoFixError as error:
        return Plan(detection.finding, "", Applicability.DISPLAY, str(error))
    applicability = Applicability.UNSAFE if draft.doubts else Applicability.SAFE
    reason = "; ".join(dict.fromkeys(draft.doubts))
    return Plan(detection.finding, strategy, applicability, reason, draft.edits, draft.leaves)


def _choose(detection: Detection, examined: Examined) -> str:
    """``auto``: keep the compiled model. Where clearing misses a path, mend that; in graph mode clearing is the fast fix."""
    if detection.finding.code == "KL104" or is_graph_mode(examined.module):
        return "clear"
    return "reuse"
