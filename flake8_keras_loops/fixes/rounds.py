"""Which planned fixes hold up: they are made, and the new text is parsed and analysed, before anyone says that there is a fix.

A *round* is the plans for the findings of one text. What its fixes lay open is for the next round, until one changes nothing.
Safe fixes are tried first and by themselves, then the unsafe ones with them: what holds up, and so what is reported, is the same
whether unsafe fixes are asked for or not.
"""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace

from ..checks.detection import Detection
from ..examine import AnalysisError, Examined
from ..files.encoding import SourceError
from ..files.project import PARSE_ERRORS, parse
from ..finding import Finding
from ..rules import RULES
from .outcome import Objection, Severity
from .plans import Plan

_MAX_ROUNDS = 5
_LINE_END = re.compile("\r\n|\r|\n")  # as ast counts lines


@dataclass(frozen=True)
class Seen:
    """A ``text``, and what the analysis sees in it: the detections of the rules asked for, but for lines with ``# noqa``.

    ``callers``: what it sees in the files whose loops call functions of this one.
    """

    text: str
    examined: Examined | None
    detections: list[Detection]
    callers: tuple[Seen, ...] = ()

    @property
    def files(self) -> tuple[Seen, ...]:
        """The file itself, and its callers."""
        return (self, *self.callers)

    @property
    def findings(self) -> list[Finding]:
        """Those of all the files: of the file itself first."""
        return [detection.finding for seen in self.files for detection in seen.detections]


@dataclass(frozen=True)
class Tools:
    """``look`` at a text, whose tree may be known; ``plan`` for what is seen; ``check`` raises :class:`SourceError` for a text
    that the file cannot hold."""

    look: Callable[[str, ast.Module | None], Seen]
    plan: Callable[[Seen], list[Plan]]
    check: Callable[[str], object]


@dataclass(frozen=True)
class Round:
    """``plans`` for what is ``seen`` in a text. ``origins``: for each the number of the finding of the file that it is about,
    ``None`` where that is not known. ``made``: the numbers of the plans that hold up together; ``best``: the text with them."""

    seen: Seen
    plans: tuple[Plan, ...]
    origins: tuple[int | None, ...]
    best: Seen
    made: frozenset[int] = field(default_factory=frozenset)

    @property
    def fixed(self) -> dict[int, Plan]:
        """The plans that hold up, by the number of their finding in the file."""
        found = ((self.origins[number], self.plans[number]) for number in self.made)
        return {origin: plan for origin, plan in found if origin is not None}


class _AbandonError(Exception):
    """What a fix would write does not hold up."""


def _is_safe(plan: Plan) -> bool:
    """Whether a fix may be made without being asked for."""
    return bool(plan.strategy) and not plan.objections


def _is_fix(plan: Plan) -> bool:
    """Whether there is a fix at all."""
    return bool(plan.strategy)


def safe_rounds(seen: Seen, tools: Tools) -> list[Round]:
    """The rounds of the safe fixes alone, from a file's text on; the last makes none, unless there were too many."""
    plans = tuple(tools.plan(seen))
    return _rounds(Round(seen, plans, tuple(range(len(plans))), seen), _is_safe, tools)


def all_rounds(safe: list[Round], tools: Tools) -> list[Round]:
    """The rounds of the unsafe fixes too: those go into the same text as the last safe ones, and the rounds go on from there."""
    last = max((number for number, each in enumerate(safe) if each.made), default=0)
    for number in range(last, len(safe)):
        if _pending(safe[number], _is_fix):
            return [*safe[:number], *_rounds(safe[number], _is_fix, tools, number)]
    return safe


def _rounds(first: Round, may: Callable[[Plan], bool], tools: Tools, number: int = 0) -> list[Round]:
    rounds = [_made(first, may, tools)]
    while rounds[-1].made and number + len(rounds) < _MAX_ROUNDS:
        best = rounds[-1].best
        following = Round(best, tuple(tools.plan(best)), tuple(_origins(rounds[-1])), best)
        rounds.append(_made(following, may, tools))
    return rounds


def _pending(this: Round, may: Callable[[Plan], bool]) -> list[int]:
    return [number for number, plan in enumerate(this.plans) if number not in this.made and may(plan)]


def _made(this: Round, may: Callable[[Plan], bool], tools: Tools) -> Round:
    """The round with all its fixes that may be made and hold up. Of the others, the plans are now refusals, with the reason.

    Where they do not hold up all at once, the halves are tried, so that one bad fix among many costs few attempts.
    """
    stack = [group] if (group := _pending(this, may)) else []
    while stack:
        group = stack.pop()
        made = this.made.union(group)
        try:
            this = replace(this, best=_checked(this, made, tools), made=made)
        except _AbandonError as error:
            if len(group) > 1:
                half = len(group) // 2
                stack += [group[half:], group[:half]]
                continue
            (number,) = group
            plan = _instead(this.plans[number], str(error))
            this = replace(this, plans=(*this.plans[:number], plan, *this.plans[number + 1 :]))
            if may(plan):
                stack.append(group)
    return this


def _instead(plan: Plan, reason: str) -> Plan:
    """What becomes of a finding whose fix does not hold up: the next best fix, or none."""
    other = plan.otherwise() if plan.otherwise is not None else None
    if other is not None and other.strategy:
        return other
    return Plan(plan.finding, "", (Objection(reason, Severity.REFUSED),), elsewhere=plan.elsewhere)


def _checked(this: Round, made: frozenset[int], tools: Tools) -> Seen:
    """The text with some fixes made. Raises :class:`_AbandonError` where it does not parse or lint as it should."""
    from .edit import apply

    chosen = [this.plans[number] for number in sorted(made)]
    try:
        new = apply(this.seen.text, [edit for plan in chosen for edit in plan.edits])
        tools.check(new)
    except (ValueError, SourceError) as error:
        raise _AbandonError(str(error)) from None
    try:
        seen = tools.look(new, parse(new))
    except (*PARSE_ERRORS, AnalysisError) as error:
        raise _AbandonError(f"the fixed text does not parse: {str(error).splitlines()[0]}") from None
    expected = Counter((plan.finding.path, plan.finding.code) for plan in this.plans)
    for plan in chosen:
        expected[plan.finding.path, plan.finding.code] -= 1
        expected.update((plan.finding.path, code) for code in plan.leaves)
    # what no rule fixes was there all along, behind what is fixed: predict() on the loaded model
    found = Counter((finding.path, finding.code) for finding in seen.findings if RULES[finding.code].fixes)
    more = found - expected
    if more:
        codes = sorted({code for _, code in more})
        raise _AbandonError(f"the fixed text would still have, or newly get, {', '.join(codes)}")
    return seen


def _origins(this: Round) -> list[int | None]:
    """For each finding of the new text, which one of the file it is: by the code and the text of its line, in order."""
    left: dict[Hashable, list[int | None]] = defaultdict(list)
    for number, key in enumerate(_keys(this.seen)):
        if number not in this.made:
            left[key].append(this.origins[number])
    keys = _keys(this.best)
    known = {key: iter(left[key]) for key, count in Counter(keys).items() if len(left[key]) == count}
    return [next(known[key]) if key in known else None for key in keys]


def _keys(seen: Seen) -> list[Hashable]:
    lines = {id(each): _LINE_END.split(each.text) for each in seen.files}
    found = [(detection.finding, lines[id(each)]) for each in seen.files for detection in each.detections]
    return [(finding.path, finding.code, finding.construction, text[finding.line - 1].strip()) for finding, text in found]
