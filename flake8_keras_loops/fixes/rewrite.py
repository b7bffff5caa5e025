"""Text in, text out: plan the fixes of one file, apply them, and check the result before anyone writes it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

from ..checks.detection import Detection
from ..examine import Examined, examine, without_collections
from ..files.noqa import suppressed
from ..files.project import PARSE_ERRORS, parse
from ..rules import selected
from ..semantics.modules import Modules
from ..semantics.scopes import Module
from .helpers import imported
from .outcome import Caller, Objection, Outcome, Rewritten, Settings, Severity
from .plans import Plan, Taken
from .rounds import Round, Seen, Tools, all_rounds, safe_rounds


def rewrite(
    text: str,
    path: str,
    settings: Settings,
    project: Modules | None = None,
    check: Callable[[str], object] = str,
    why_not_imported: Callable[[str, Module], str] = lambda name, file: "",
    callers: Sequence[Caller] = (),
) -> Rewritten:
    """Fix what may be fixed in one file's text.

    ``text`` as decoded, with its line ends and without byte order mark; ``path``: where it is, absolute, to follow its imports.
    ``check``: raises :class:`~.files.encoding.SourceError` for a new text that the file cannot hold.
    ``why_not_imported``: why the indexed file cannot import a helper function from the helper module, ``""`` where it can; the
    caller sees to that. ``callers``: files with loops that call functions of this one, which is fixed for them too; their own
    texts stay. Every fix that the outcomes name was tried and holds up, also an unsafe one that is not asked for.
    Raises :class:`~flake8_keras_loops.AnalysisError`.
    """
    with without_collections():
        return _rewritten(text, path, settings, project or Modules(settings.options.src), check, why_not_imported, callers)


def _rewritten(
    text: str,
    path: str,
    settings: Settings,
    modules: Modules,
    check: Callable[[str], object],
    why_not_imported: Callable[[str, Module], str],
    callers: Sequence[Caller],
) -> Rewritten:
    def look(text: str, tree: ast.Module | None) -> Seen:
        examined = examine(text, path, settings.options, modules, tree)
        seen = Seen(text, examined, _selected(examined, text, settings))
        return replace(seen, callers=tuple(_callers(path, tree, callers, modules, settings))) if callers and tree else seen

    tree = None
    with suppress(*PARSE_ERRORS):  # which the analysis reports
        tree = parse(text) if callers else None
    seen = look(text, tree)
    if not seen.findings:
        return Rewritten(text)
    tools = Tools(look, lambda seen: _plans(seen, path, settings, why_not_imported), check)
    safe = safe_rounds(seen, tools)
    everything = all_rounds(safe, tools)
    plans = _verdicts(everything, _fixed(safe))
    applied = everything if settings.unsafe else safe
    fixed = _fixed(applied)
    outcomes = [
        Outcome(plan.finding, plan.strategy, plan.objections, number in fixed, plan.elsewhere)
        for number, plan in enumerate(plans)
    ]
    own = len(seen.detections)
    of_callers = (outcome for outcome in outcomes[own:] if outcome.elsewhere == path)
    return Rewritten(applied[-1].best.text, tuple(outcomes[:own]), frozenset(_imported(applied)), tuple(of_callers))


def _callers(path: str, tree: ast.Module, callers: Sequence[Caller], modules: Modules, settings: Settings) -> Iterator[Seen]:
    """What the analysis sees in the files that call functions of another one, given that one's tree."""
    project = modules.with_text(path, tree)
    for caller in callers:
        examined = examine(caller.text, caller.path, settings.options, project)
        yield Seen(caller.text, examined, _selected(examined, caller.text, settings))


def _selected(examined: Examined | None, text: str, settings: Settings) -> list[Detection]:
    if examined is None or not examined.detections:
        return []
    is_silenced = suppressed(text)
    asked = (settings.select, settings.ignore, settings.enable)
    found = [detection for detection in examined.detections if selected(detection.finding.code, *asked)]
    return [detection for detection in found if not is_silenced(detection.finding.line, detection.finding.code)]


def _plans(seen: Seen, path: str, settings: Settings, why_not_imported: Callable[[str, Module], str]) -> list[Plan]:
    if not seen.findings:
        return []
    from .planner import make_plans  # most files have nothing to plan
    from .strategies.elsewhere import Into, agreed

    taken = Taken()
    plans: list[Plan] = []
    if seen.examined is not None:
        plans += make_plans(seen.examined, seen.detections, settings, why_not_imported, taken)
    into = Into(path, taken, suppressed(seen.text)) if seen.callers else None
    for each in seen.callers:
        if each.examined is not None:
            found = make_plans(each.examined, each.detections, settings, why_not_imported, Taken(), into)
            plans += (plan if plan.elsewhere == path else Plan(plan.finding, "") for plan in found)
    return agreed(plans, taken) if seen.callers else plans


def _imported(rounds: list[Round]) -> Iterator[str]:
    """The helper functions that the fixes of some rounds need from the helper module."""
    for each in rounds:
        module = each.seen.examined.module if each.seen.examined is not None else None
        yield from imported((edit for number in each.made for edit in each.plans[number].edits), module)


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
            verdicts[number] = Plan(plan.finding, "", objections, elsewhere=plan.elsewhere)
        else:
            needs = () if number in safely or final.objections else (Objection(_AFTER_OTHERS, Severity.UNSAFE),)
            verdicts[number] = replace(final, finding=plan.finding, objections=(*final.objections, *needs))
    return verdicts


_AFTER_OTHERS = "it can be fixed once the unsafe fixes of this file are made"
_CHANGED = "the other fixes of this file change what it is about"
