"""Text in, text out: plan the fixes of one file, apply them, and check the result before anyone writes it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..checks.detection import Detection
from ..examine import AnalysisError, Examined, examine
from ..files.noqa import suppressed
from ..files.project import PARSE_ERRORS, parse
from ..finding import Applicability
from ..rules import selected
from ..semantics.modules import Modules
from .outcome import Outcome, Rewritten, Settings
from .plans import Plan

_MAX_ROUNDS = 4


@dataclass(frozen=True)
class Checked:
    """A new ``text`` that parses, and what the analysis sees in it."""

    text: str
    detections: tuple[Detection, ...] = ()
    examined: Examined | None = None


def rewrite(text: str, path: str, settings: Settings, project: Modules | None = None) -> Rewritten:
    """Fix what may be fixed in one file's text.

    ``text`` as decoded, with its line ends and without byte order mark; ``path``: where it is, absolute, to follow its imports.
    Raises :class:`~flake8_keras_loops.AnalysisError`.
    """
    project = project or Modules(settings.options.src)
    plans = _plans(text, path, settings, project)
    wanted = _wanted(plans, settings)
    if not wanted:
        return Rewritten(text, tuple(_outcome(plan, False) for plan in plans))
    best, accepted, abandoned = _apply(text, path, plans, wanted, settings, project)
    for _ in range(_MAX_ROUNDS):  # what one fix lays open
        if not accepted or best.examined is None or not best.detections:
            break
        further = _planned(best.examined, best.detections, settings)
        again = _wanted(further, settings)
        newer, taken, _ = _apply(best.text, path, further, again, settings, project)
        if not taken:
            break
        best = newer
    return Rewritten(best.text, tuple(_outcome(plan, plan in accepted) for plan in plans), tuple(abandoned))


def _plans(text: str, path: str, settings: Settings, project: Modules) -> list[Plan]:
    examined = examine(text, path, settings.options, project)
    detections = _selected(examined, text, settings)
    return _planned(examined, detections, settings) if examined is not None and detections else []


def _planned(examined: Examined, detections: Sequence[Detection], settings: Settings) -> list[Plan]:
    from .planner import make_plans  # most files have nothing to plan

    return make_plans(examined, detections, settings)


def _selected(examined: Examined | None, text: str, settings: Settings) -> list[Detection]:
    """Detections of the rules asked for, but for lines with ``# noqa``."""
    if examined is None or not examined.detections:
        return []
    is_silenced = suppressed(text)
    found = [detection for detection in examined.detections if selected(detection.finding.code, settings.select, settings.ignore)]
    return [detection for detection in found if not is_silenced(detection.finding.line, detection.finding.code)]


def _wanted(plans: Iterable[Plan], settings: Settings) -> list[Plan]:
    allowed = {Applicability.SAFE, Applicability.UNSAFE} if settings.unsafe else {Applicability.SAFE}
    return [plan for plan in plans if plan.edits and plan.applicability in allowed]


def _outcome(plan: Plan, applied: bool) -> Outcome:
    return Outcome(plan.finding, plan.strategy, plan.objections, applied)


def _apply(
    text: str, path: str, plans: list[Plan], wanted: list[Plan], settings: Settings, project: Modules
) -> tuple[Checked, list[Plan], list[str]]:
    """All wanted fixes that hold up: the new text, those fixes, and what was abandoned.

    Where they do not hold up all at once, the halves are tried, so that one bad fix among many costs few attempts.
    """
    best = Checked(text)
    accepted: list[Plan] = []
    abandoned: list[str] = []
    stack = [wanted] if wanted else []
    while stack:
        group = stack.pop()
        try:
            best = _checked(text, path, plans, [*accepted, *group], settings, project)
            accepted += group
        except _AbandonError as error:
            if len(group) == 1:
                abandoned.append(f"line {group[0].finding.line}: {error}")
            else:
                half = len(group) // 2
                stack += [group[half:], group[:half]]
    return best, accepted, abandoned


class _AbandonError(Exception):
    """What a fix would write does not hold up."""


def _checked(text: str, path: str, plans: list[Plan], chosen: list[Plan], settings: Settings, project: Modules) -> Checked:
    """The text with some fixes made. Raises :class:`_AbandonError` where it does not parse or lint as it should."""
    from .splice import apply

    try:
        new = apply(text, [edit for plan in chosen for edit in plan.edits])
    except ValueError as error:
        raise _AbandonError(str(error)) from None
    try:
        examined = examine(new, path, settings.options, project, parse(new))
    except (*PARSE_ERRORS, AnalysisError) as error:
        raise _AbandonError(f"the fixed text does not parse: {str(error).splitlines()[0]}") from None
    expected = Counter(plan.finding.code for plan in plans)
    for plan in chosen:
        expected[plan.finding.code] -= 1
        expected.update(plan.leaves)
    detections = _selected(examined, new, settings)
    left = Counter(detection.finding.code for detection in detections)
    more = sorted(code for code in left if left[code] > expected[code])
    if more:
        raise _AbandonError(f"the fixed text would still have, or newly get, {', '.join(more)}")
    return Checked(new, tuple(detections), examined)
