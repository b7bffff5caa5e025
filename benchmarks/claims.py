"""The claims that are made about Keras models in loops, and by what rule reports make them true or false."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from flake8_keras_loops.verify.judge.equality import DIFFERENT as NOT_EQUAL
from flake8_keras_loops.verify.judge.estimate import Estimate
from flake8_keras_loops.verify.judge.verdicts import FAILED, FASTER, ArmSummary, CaseResult, Comparison
from flake8_keras_loops.verify.measurement import AFTER, BEFORE, Judging
from flake8_keras_loops.verify.show.units import MISSING, interval, seconds, size

TRUE, FALSE, NOT_SHOWN, NOT_MEASURED = "true", "false", "not shown", "not measured here"

#: A loop gets slower if a hundred iterations add more than this share of the median.
SLOWER_BY = 0.10
#: An arm that gains less gains nothing.
GAIN = Judging().minimum_effect
#: Memory grows if an iteration adds more than so many bytes.
GROWS_BY = 100_000
#: The program of the article, and the beginning of the names of those in TensorFlow 1's graph mode.
CONSTRUCT, GRAPH_MODE = "construct_in_loop", "graph_mode"
#: Fewer warm iterations say nothing about a trend.
FEWEST = 15


@dataclass(frozen=True)
class Place:
    """One backend on one device in one report. ``stem``: of the report's file name; ``folder``: where that is."""

    stem: str
    folder: Path
    backend: str
    device: str
    cases: tuple[CaseResult, ...]

    @property
    def name(self) -> str:
        """``h100: jax, gpu``."""
        return f"{self.stem}: {self.backend}, {self.device}"


@dataclass(frozen=True)
class Said:
    """What one case says of a claim. ``figures``: that which was measured."""

    case: str
    figures: str
    verdict: str


@dataclass(frozen=True)
class Claim:
    """``title``: the claim. ``rule``: what makes it true or false. ``judge``: what the cases of a place say of it."""

    title: str
    rule: str
    judge: Callable[[Place], list[Said]]


def _gets_slower(cases: Iterable[CaseResult]) -> list[Said]:
    """Whether the loop as written gets slower, where there are iterations enough to say."""
    said = []
    for case in cases:
        before = case.summary(BEFORE)
        if before.iterations >= FEWEST:
            said.append(Said(case.measurement.case, _slope(before), _slower(before)))
    return said


def _slower(arm: ArmSummary) -> str:
    if arm.time is None or arm.time.low is None or arm.time.high is None or not arm.median:
        return NOT_SHOWN
    return _beyond(arm.time, SLOWER_BY * arm.median / 100)


def _slope(arm: ArmSummary) -> str:
    return f"{_per_iteration(arm.time, seconds)} at a median of {seconds(arm.median)}, {arm.iterations} iterations"


def _is_faster(cases: Iterable[CaseResult], *arms: str) -> list[Said]:
    """Whether the first of the arms that a case has is faster than the loop as written."""
    said = []
    for case in cases:
        compared = next((found for arm in arms if (found := case.comparison(arm))), None)
        if compared is not None:
            said.append(Said(case.measurement.case, _ratio(case, compared), gain(compared)))
    return said


def gain(compared: Comparison) -> str:
    """Whether an arm is faster, whatever it computes; false if it gains at most the smallest effect that counts."""
    if compared.verdict == FAILED or compared.ratio is None or compared.ratio.high is None:
        return NOT_SHOWN
    if compared.speed == FASTER:
        return TRUE
    return FALSE if compared.ratio.high <= 1 + GAIN else NOT_SHOWN


def _ratio(case: CaseResult, compared: Comparison) -> str:
    before, arm = case.summary(BEFORE), case.summary(compared.arm)
    medians = f"{seconds(before.median)} as written, {seconds(arm.median)} {compared.arm}"
    different = ", results differ" if compared.equality.kind == NOT_EQUAL else ""
    return f"{medians}: {interval(compared.ratio)}{different}{', failed' if compared.verdict == FAILED else ''}"


def _is_fastest(cases: Iterable[CaseResult]) -> list[Said]:
    """Whether changing the weights of one model is faster than every other arm."""
    said = []
    for case in cases:
        weights = case.comparison("weights")
        if weights is None:
            continue
        others = [each for each in case.comparisons if each is not weights and each.verdict != FAILED and each.ratio]
        verdicts = [gain(weights), *(_beats(weights.ratio, each.ratio) for each in others)]
        verdict = FALSE if FALSE in verdicts else NOT_SHOWN if NOT_SHOWN in verdicts else TRUE
        beside = [f"{each.arm} {interval(each.ratio)}" for each in others]
        said.append(Said(case.measurement.case, "; ".join([_ratio(case, weights), *beside]), verdict))
    return said


def _beats(one: Estimate | None, other: Estimate | None) -> str:
    """Whether one ratio is above another, going by their intervals."""
    ends = [end for each in (one, other) for end in ((each.low, each.high) if each else (None, None))]
    if one is None or other is None or None in ends:
        return NOT_SHOWN
    if (one.low or 0) > (other.high or 0):
        return TRUE
    return FALSE if (one.high or 0) < (other.low or 0) else NOT_SHOWN


def _keeps_flat(cases: Iterable[CaseResult]) -> list[Said]:
    """Whether ``clear_session()`` stops the growth of memory where there is any."""
    said = []
    for case in cases:
        before, clear = case.summary(BEFORE), case.summary("clear")
        if not clear.iterations:
            continue
        pairs = [(name, getattr(before, name), getattr(clear, name)) for name in ("rss", "gpu")]
        figures = [
            f"{name.upper()} {_per_iteration(one, size)} as written, {_per_iteration(other, size)} clear"
            for name, one, other in pairs
            if one
        ]
        growing = [_beyond(other, GROWS_BY) for _, one, other in pairs if _beyond(one, GROWS_BY) == TRUE]
        if not growing:
            figures.append("does not grow as written")
        verdict = FALSE if TRUE in growing else TRUE if growing and set(growing) == {FALSE} else NOT_SHOWN
        said.append(Said(case.measurement.case, "; ".join(figures), verdict))
    return said


def _beyond(found: Estimate | None, limit: float) -> str:
    """Whether an estimate is above a limit with all of its interval, or below it."""
    if found is None or found.low is None or found.high is None:
        return NOT_SHOWN
    return TRUE if found.low > limit else FALSE if found.high <= limit else NOT_SHOWN


def _per_iteration(found: Estimate | None, unit: Callable[[float | None], str]) -> str:
    if found is None:
        return MISSING
    ends = f" [{unit(found.low)}, {unit(found.high)}]" if found.low is not None and found.high is not None else ""
    return f"{unit(found.value)}{ends} per iteration"


def _construct(place: Place) -> list[CaseResult]:
    return [case for case in place.cases if case.measurement.case == CONSTRUCT]


def _graph(place: Place) -> list[CaseResult]:
    return [case for case in place.cases if case.measurement.case.startswith(GRAPH_MODE)]


def _eager(place: Place) -> list[CaseResult]:
    return [case for case in place.cases if not case.measurement.case.startswith(GRAPH_MODE)]


def _training(place: Place) -> list[CaseResult]:
    return [case for case in _eager(place) if case.measurement.case != CONSTRUCT]


_SLOWER = (
    f"Of loops with {FEWEST} warm iterations or more: true if a hundred iterations add more than {SLOWER_BY:.0%} of the median "
    "with all of the interval, false if less."
)
_FASTER = f"True if the arm is faster by the rule of the verifier, false if it gains {GAIN:.0%} at most with all of the interval."
CLAIMS = (
    Claim("Creating models gets slower and slower", _SLOWER, lambda place: _gets_slower(_construct(place))),
    Claim("A loop that builds and uses models gets slower and slower", _SLOWER, lambda place: _gets_slower(_training(place))),
    Claim("The same in TensorFlow 1's graph mode", _SLOWER, lambda place: _gets_slower(_graph(place))),
    Claim("Cloning a model is faster than building it", _FASTER, lambda place: _is_faster(place.cases, "clone")),
    Claim(
        "One model with changed weights is fastest",
        "True if it is faster than the loop as written, with an interval above those of all other arms; false if below one.",
        lambda place: _is_fastest(_construct(place)),
    ),
    Claim("`clear_session()` makes the loop fast", _FASTER, lambda place: _is_faster(_eager(place), "clear")),
    Claim(
        "`clear_session()` makes the loop fast in graph mode", _FASTER, lambda place: _is_faster(_graph(place), "clear", AFTER)
    ),
    Claim(
        "`clear_session()` keeps memory flat",
        f"Of the memory that grows by more than {size(GROWS_BY)} per iteration as written: true if none of it does with "
        "`clear_session()`, false if some does.",
        lambda place: _keeps_flat(place.cases),
    ),
)
