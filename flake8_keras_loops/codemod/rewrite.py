"""Text in, text out: plan the fixes of one file, apply them, and check the result before anyone writes it."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable

from ..analysis.detect import AnalysisError, Detection, Examined, examine
from ..analysis.project import Project
from ..finding import Applicability
from .draft import Plan
from .noqa import suppressed
from .outcome import Outcome, Rewritten, Settings
from .select import selected

_MAX_ROUNDS = 4


def rewrite(text: str, path: str, settings: Settings, project: Project | None = None) -> Rewritten:
    """Fix what may be fixed in one file's text.

    ``text`` as decoded, with its line ends and without byte order mark; ``path``: where it is, absolute, to follow its imports.
    Raises :class:`~flake8_keras_loops.AnalysisError`.
    """
    project = project or Project(settings.options.src)
    plans = _plans(text, path, settings, project)
    wanted = _wanted(plans, settings)
    if not wanted:
        return Rewritten(text, tuple(_outcome(plan, False) for plan in plans))
    new, accepted, abandoned = _apply(text, path, plans, wanted, settings, project)
    for _ in range(_MAX_ROUNDS):  # what one fix lays open
        further = _plans(new, path, settings, project)
        again = [plan for plan in _wanted(further, settings) if plan.edits]
        if not again or not accepted:
            break
        newer, taken, _ = _apply(new, path, further, again, settings, project)
        if not taken:
            break
        new = newer
    return Rewritten(new, tuple(_outcome(plan, plan in accepted) for plan in plans), tuple(abandoned))


def _plans(text: str, path: str, settings: Settings, project: Project) -> list[Plan]:
    examined = examine(text, path, settings.options, project)
    detections = _selected(examined, text, settings)
    if examined is None or not detections:
        return []
    from .plan import make_plans  # imports LibCST

    return make_plans(examined, detections, settings)


def _selected(examined: Examined | None, text: str, settings: Settings) -> list[Detection]:
    """Detections of the rules asked for, but for lines with ``# noqa``."""
    if examined is None or not examined.detections:
        return []
    is_silenced = suppressed(text)
    found = [detection for detection in examined.detections if selected(detection.finding.code, settings)]
    return [detection for detection in found if not is_silenced(detection.finding.line, detection.finding.code)]


def _wanted(plans: Iterable[Plan], settings: Settings) -> list[Plan]:
    allowed = {Applicability.SAFE, Applicability.UNSAFE} if settings.unsafe else {Applicability.SAFE}
    return [plan for plan in plans if plan.edits and plan.applicability in allowed]


def _outcome(plan: Plan, applied: bool) -> Outcome:
    return Outcome(plan.finding, plan.strategy, plan.applicability, plan.reason, applied)


def _apply(
    text: str, path: str, plans: list[Plan], wanted: list[Plan], settings: Settings, project: Project
) -> tuple[str, list[Plan], list[str]]:
    """All wanted fixes at once; where that does not hold up, one after the other. Text, fixes made, what was abandoned."""
    try:
        return _checked(text, path, plans, wanted, settings, project), wanted, []
    except _AbandonError as error:
        if len(wanted) == 1:
            return text, [], [f"line {wanted[0].finding.line}: {error}"]
    new = text
    accepted: list[Plan] = []
    abandoned: list[str] = []
    for plan in wanted:
        try:
            new = _checked(text, path, plans, [*accepted, plan], settings, project)
            accepted.append(plan)
        except _AbandonError as error:
            abandoned.append(f"line {plan.finding.line}: {error}")
    return new, accepted, abandoned


class _AbandonError(Exception):
    """What a fix would write does not hold up."""


def _checked(text: str, path: str, plans: list[Plan], chosen: list[Plan], settings: Settings, project: Project) -> str:
    """The text with some fixes made. Raises :class:`_AbandonError` where it does not parse or lint as it should."""
    from .edits import apply

    try:
        new = apply(text, [edit for plan in chosen for edit in plan.edits])
        ast.parse(new)
        examined = examine(new, path, settings.options, project)
    except (SyntaxError, ValueError, RecursionError, AnalysisError) as error:
        raise _AbandonError(f"the fixed text does not parse: {str(error).splitlines()[0]}") from None
    expected = Counter(plan.finding.code for plan in plans)
    for plan in chosen:
        expected[plan.finding.code] -= 1
        expected.update(plan.leaves)
    left = Counter(detection.finding.code for detection in _selected(examined, new, settings))
    more = sorted(code for code in left if left[code] > expected[code])
    if more:
        raise _AbandonError(f"the fixed text would still have, or newly get, {', '.join(more)}")
    return new
