"""Text in, text out: plan the fixes of one file, apply them, and check the result before anyone writes it."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable
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
class _Seen:
    """A ``text``, and what the analysis sees in it: the detections of the rules asked for, but for lines with ``# noqa``."""

    text: str
    examined: Examined | None
    detections: list[Detection]


#: Looks at a text, whose tree may be known.
_Look = Callable[[str, ast.Module | None], _Seen]


class _AbandonError(Exception):
    """What a fix would write does not hold up."""


def rewrite(text: str, path: str, settings: Settings, project: Modules | None = None) -> Rewritten:
    """Fix what may be fixed in one file's text.

    ``text`` as decoded, with its line ends and without byte order mark; ``path``: where it is, absolute, to follow its imports.
    Raises :class:`~flake8_keras_loops.AnalysisError`.
    """
    modules = project or Modules(settings.options.src)

    def look(text: str, tree: ast.Module | None) -> _Seen:
        examined = examine(text, path, settings.options, modules, tree)
        return _Seen(text, examined, _selected(examined, text, settings))

    seen = look(text, None)
    plans = _plans(seen, settings)
    best, accepted, abandoned = _apply(seen, plans, settings, look)
    rounds = _MAX_ROUNDS if accepted else 0
    for _ in range(rounds):  # what one fix lays open
        best, taken, _ = _apply(best, _plans(best, settings), settings, look)
        if not taken:
            break
    outcomes = (Outcome(plan.finding, plan.strategy, plan.objections, plan in accepted) for plan in plans)
    return Rewritten(best.text, tuple(outcomes), tuple(abandoned))


def _selected(examined: Examined | None, text: str, settings: Settings) -> list[Detection]:
    if examined is None or not examined.detections:
        return []
    is_silenced = suppressed(text)
    found = [detection for detection in examined.detections if selected(detection.finding.code, settings.select, settings.ignore)]
    return [detection for detection in found if not is_silenced(detection.finding.line, detection.finding.code)]


def _plans(seen: _Seen, settings: Settings) -> list[Plan]:
    if seen.examined is None or not seen.detections:
        return []
    from .planner import make_plans  # most files have nothing to plan

    return make_plans(seen.examined, seen.detections, settings)


def _apply(seen: _Seen, plans: list[Plan], settings: Settings, look: _Look) -> tuple[_Seen, list[Plan], list[str]]:
    """All fixes that may be made and hold up: the new text, those fixes, and what was abandoned.

    Where they do not hold up all at once, the halves are tried, so that one bad fix among many costs few attempts.
    """
    best = seen
    accepted: list[Plan] = []
    abandoned: list[str] = []
    wanted = [plan for plan in plans if plan.edits and (settings.unsafe or plan.applicability is Applicability.SAFE)]
    stack = [wanted] if wanted else []
    while stack:
        group = stack.pop()
        try:
            best = _checked(seen.text, plans, [*accepted, *group], look)
            accepted += group
        except _AbandonError as error:
            if len(group) == 1:
                abandoned.append(f"line {group[0].finding.line}: {error}")
            else:
                half = len(group) // 2
                stack += [group[half:], group[:half]]
    return best, accepted, abandoned


def _checked(text: str, plans: list[Plan], chosen: list[Plan], look: _Look) -> _Seen:
    """The text with some fixes made. Raises :class:`_AbandonError` where it does not parse or lint as it should."""
    from .edit import apply

    try:
        new = apply(text, [edit for plan in chosen for edit in plan.edits])
    except ValueError as error:
        raise _AbandonError(str(error)) from None
    try:
        seen = look(new, parse(new))
    except (*PARSE_ERRORS, AnalysisError) as error:
        raise _AbandonError(f"the fixed text does not parse: {str(error).splitlines()[0]}") from None
    expected = Counter(plan.finding.code for plan in plans)
    for plan in chosen:
        expected[plan.finding.code] -= 1
        expected.update(plan.leaves)
    more = Counter(detection.finding.code for detection in seen.detections) - expected
    if more:
        raise _AbandonError(f"the fixed text would still have, or newly get, {', '.join(sorted(more))}")
    return seen
