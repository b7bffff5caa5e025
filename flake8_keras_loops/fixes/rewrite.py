"""Text in, text out: plan the fixes of one file, apply them, and check the result before anyone writes it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace

from ..checks.detection import Detection
from ..examine import Examined, examine
from ..files.noqa import suppressed
from ..rules import selected
from ..semantics.modules import Modules
from ..semantics.scopes import Module
from .helpers import imported
from .outcome import Objection, Outcome, Rewritten, Settings, Severity
from .plans import Plan
from .rounds import Round, Seen, Tools, all_rounds, safe_rounds


def rewrite(
    text: str,
    path: str,
    settings: Settings,
    project: Modules | None = None,
    check: Callable[[str], object] = str,
    why_not_imported: Callable[[str, Module], str] = lambda name, file: "",
) -> Rewritten:
    """Fix what may be fixed in one file's text.

    ``text`` as decoded, with its line ends and without byte order mark; ``path``: where it is, absolute, to follow its imports.
    ``check``: raises :class:`~.files.encoding.SourceError` for a new text that the file cannot hold.
    ``why_not_imported``: why the indexed file cannot import a helper function from the helper module, ``""`` where it can; the
    caller sees to that. Every fix that the outcomes name was tried and holds up, also an unsafe one that is not asked for.
    Raises :class:`~flake8_keras_loops.AnalysisError`.
    """
    modules = project or Modules(settings.options.src)

    def look(text: str, tree: ast.Module | None) -> Seen:
        examined = examine(text, path, settings.options, modules, tree)
        return Seen(text, examined, _selected(examined, text, settings))

    seen = look(text, None)
    if not seen.detections:
        return Rewritten(text)
    tools = Tools(look, lambda seen: _plans(seen, settings, why_not_imported), check)
    safe = safe_rounds(seen, tools)
    everything = all_rounds(safe, tools)
    plans = _verdicts(everything, _fixed(safe))
    applied = everything if settings.unsafe else safe
    fixed = _fixed(applied)
    outcomes = (Outcome(plan.finding, plan.strategy, plan.objections, number in fixed) for number, plan in enumerate(plans))
    return Rewritten(applied[-1].best.text, tuple(outcomes), frozenset(_imported(applied)))


def _selected(examined: Examined | None, text: str, settings: Settings) -> list[Detection]:
    if examined is None or not examined.detections:
        return []
    is_silenced = suppressed(text)
    found = [detection for detection in examined.detections if selected(detection.finding.code, settings.select, settings.ignore)]
    return [detection for detection in found if not is_silenced(detection.finding.line, detection.finding.code)]


def _plans(seen: Seen, settings: Settings, why_not_imported: Callable[[str, Module], str]) -> list[Plan]:
    if seen.examined is None or not seen.detections:
        return []
    from .planner import make_plans  # most files have nothing to plan

    return make_plans(seen.examined, seen.detections, settings, why_not_imported)


def _imported(rounds: list[Round]) -> Iterator[str]:
    """The helper functions that the fixes of some rounds need from the helper module."""
    for each in rounds:
        if each.made and each.seen.examined is not None:
            yield from imported((edit for number in each.made for edit in each.plans[number].edits), each.seen.examined.module)


def _fixed(rounds: list[Round]) -> dict[int, Plan]:
    """What is fixed of a file's findings, by their numbers."""
    return {number: plan for each in rounds for number, plan in each.fixed.items()}


def _verdicts(rounds: list[Round], safely: dict[int, Plan]) -> list[Plan]:
    """What is reported of each finding of the file: a fix if one was made in some round, or why there is none."""
    fixed, verdicts = _fixed(rounds), list(rounds[0].plans)
    for number, plan in enumerate(verdicts):
        final = fixed.get(number)
        if final is None:
            later = [each.plans[each.origins.index(number)] for each in rounds if number in each.origins]
            refused = [other for other in later if not other.strategy]
            objections = refused[0].objections if refused else (Objection(_CHANGED, Severity.REFUSED),)
            verdicts[number] = Plan(plan.finding, "", objections)
        else:
            needs = () if number in safely or final.objections else (Objection(_AFTER_OTHERS, Severity.UNSAFE),)
            verdicts[number] = replace(final, finding=plan.finding, objections=(*final.objections, *needs))
    return verdicts


_AFTER_OTHERS = "it can be fixed once the unsafe fixes of this file are made"
_CHANGED = "the other fixes of this file change what it is about"
