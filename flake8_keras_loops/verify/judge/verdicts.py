"""A measurement in; how long each arm takes, how it grows, and what that says about the fix, out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..measurement import AFTER, BEFORE, CRASHED, OK, OUT_OF_MEMORY, TIMED_OUT, UNUSABLE, Judging, Measurement, Run
from .equality import DIFFERENT as NOT_EQUAL
from .equality import NOT_COMPARABLE, NOTHING_RECORDED, UNREPEATED, Equality, compare
from .estimate import Estimate, Samples, is_apart, median, p_value, ratio, slope

#: Verdicts on an arm.
FASTER, SLOWER, SAME, INCONCLUSIVE = "faster", "slower", "same", "inconclusive"
DIFFERENT, FAILED, NONE = "different", "failed", "none"

#: Outcomes from best to worst: what says less about the arm is worse.
_OUTCOMES = (OK, TIMED_OUT, OUT_OF_MEMORY, CRASHED, UNUSABLE)
#: An arm with fewer warm iterations is not judged.
_FEWEST = 3
#: What two processes of one program may differ by, for all that one process for each arm can tell.
_SINGLE = 2.0


@dataclass(frozen=True)
class ArmSummary:
    """What the runs of one arm come to.

    ``outcome``: the worst of them, ``""`` if none ran; ``outcomes``: how many there were of each. ``processes``: how many came to
    warm iterations, ``iterations``: how many of those there are in all. Seconds: ``median`` of the warm iterations; ``low`` and
    ``high``, the least and the largest median of a process; ``first``, the first iteration; ``startup``; ``total``, the first
    ``total_iterations`` of a process, warm-up included, as many as every run that ended well has. These three are medians over
    the processes. Slopes from one warm iteration to the next: ``time`` in seconds, ``rss``, ``gpu`` and ``allocated`` in bytes.
    ``None``: not to be had.
    """

    arm: str
    outcome: str = ""
    outcomes: Mapping[str, int] = field(default_factory=dict)
    processes: int = 0
    iterations: int = 0
    median: float | None = None
    low: float | None = None
    high: float | None = None
    first: float | None = None
    startup: float | None = None
    total: float | None = None
    total_iterations: int = 0
    time: Estimate | None = None
    rss: Estimate | None = None
    gpu: Estimate | None = None
    allocated: Estimate | None = None


@dataclass(frozen=True)
class Comparison:
    """An arm against ``before``.

    ``ratio``: of the medians of the warm iterations, above 1 if the arm is faster; ``total_ratio``: of the totals, which count
    the compilation. ``p``: that of Mann-Whitney's test. ``speed``: the verdict on the times alone. ``verdict``: on everything.
    ``note``: why, where the figures do not say it; one line or, of a failed run, some more.
    """

    arm: str
    verdict: str
    speed: str = INCONCLUSIVE
    ratio: Estimate | None = None
    p: float | None = None
    total_ratio: float | None = None
    equality: Equality = field(default_factory=lambda: Equality(NOT_COMPARABLE))
    note: str = ""


@dataclass(frozen=True)
class CaseResult:
    """A measurement with a summary for each of its arms, and a comparison for each but ``before``.

    ``verdict``, ``note``: those of ``after``; without that arm, :data:`NONE` and why it was left out.
    """

    measurement: Measurement
    arms: tuple[ArmSummary, ...]
    comparisons: tuple[Comparison, ...]
    verdict: str
    note: str = ""

    def summary(self, arm: str) -> ArmSummary:
        """The summary of an arm, an empty one if it was not to run."""
        return next((each for each in self.arms if each.arm == arm), ArmSummary(arm))

    def comparison(self, arm: str) -> Comparison | None:
        """The comparison of an arm, ``None`` if it was not to run."""
        return next((each for each in self.comparisons if each.arm == arm), None)


def summarise(measurement: Measurement, judging: Judging) -> CaseResult:
    """Summarise every arm, and compare each with ``before``."""
    complete = [run for arm in measurement.arms for run in measurement.of(arm) if run.is_complete]
    common = min((len(run.iterations) for run in complete), default=0)
    arms = tuple(_summary(arm, measurement.of(arm), common, judging) for arm in measurement.arms)
    before = next((each for each in arms if each.arm == BEFORE), ArmSummary(BEFORE))
    comparisons = tuple(_comparison(measurement, before, each, judging) for each in arms if each is not before)
    after = next((each for each in comparisons if each.arm == AFTER), None)
    if after is not None:
        return CaseResult(measurement, arms, comparisons, after.verdict, after.note)
    failure = _failure(measurement.of(BEFORE))
    note = failure or measurement.left_out.get(AFTER, "")
    return CaseResult(measurement, arms, comparisons, FAILED if failure else NONE, note)


def exit_status(results: Sequence[CaseResult]) -> int:
    """What the verdicts on ``after`` come to; other arms only inform.

    2: one could not be run, 1: one is slower or gives other results, 3: one is not conclusive, or nothing was compared at all,
    0: every one is at least as fast and equal. In that order: a run that failed is to be put right before any figure is looked
    at, as it may be the reason of the others; a fix known to be bad stays bad whatever else is unclear; what is unclear proves
    nothing. A case without ``after`` says nothing; 0 if all are expected to have none. A fix for memory may be expected to be
    slower.
    """
    found = (result for result in results if not result.verdict == result.measurement.expected == SLOWER)
    verdicts = {result.verdict for result in found} - {NONE}
    if FAILED in verdicts:
        return 2
    if results and all(result.measurement.expected == NONE for result in results):
        return 0  # there is no fix to judge
    if verdicts & {SLOWER, DIFFERENT}:
        return 1
    is_expected = any(result.verdict == SLOWER for result in results)
    return 3 if INCONCLUSIVE in verdicts or not (verdicts or is_expected) else 0


# -- one arm


def _summary(arm: str, runs: Sequence[Run], common: int, judging: Judging) -> ArmSummary:
    warm = [each for run in runs if (each := run.iterations[judging.warmup :])]
    seconds = _seconds(runs, judging)
    medians = [found for process in seconds if (found := median(process)) is not None]
    outcomes = Counter(run.outcome for run in runs)

    def grows(name: str) -> Estimate | None:
        return slope([[getattr(each, name) for each in process] for process in warm], judging.confidence)

    return ArmSummary(
        arm=arm,
        outcome=max(outcomes, key=_OUTCOMES.index, default=""),
        outcomes={outcome: outcomes[outcome] for outcome in _OUTCOMES if outcomes[outcome]},
        processes=len(warm),
        iterations=sum(map(len, warm)),
        median=median([value for process in seconds for value in process]),
        low=min(medians, default=None),
        high=max(medians, default=None),
        first=median([run.iterations[0].seconds for run in runs if run.iterations]),
        startup=median([run.startup for run in runs]),
        total=median([sum(each.seconds for each in run.iterations[:common]) for run in runs if run.is_complete]),
        total_iterations=common,
        time=grows("seconds"),
        rss=grows("rss"),
        gpu=grows("gpu"),
        allocated=grows("allocated"),
    )


def _seconds(runs: Sequence[Run], judging: Judging) -> Samples:
    """The times of the warm iterations of each process that came to some."""
    return [[each.seconds for each in warm] for run in runs if (warm := run.iterations[judging.warmup :])]


# -- against before


def _comparison(measurement: Measurement, before: ArmSummary, arm: ArmSummary, judging: Judging) -> Comparison:
    old, new = measurement.of(BEFORE), measurement.of(arm.arm)
    one, other = _seconds(old, judging), _seconds(new, judging)
    found, p = ratio(one, other, judging.confidence, judging.seed), p_value(one, other)
    speed, reason = _speed(before, arm, found, p, is_apart(one, other), judging)
    equality = _equality(measurement, arm.arm, judging.tolerance)
    if failure := _failure(old) or _failure(new):
        verdict, note = FAILED, failure
    elif equality.kind == NOT_EQUAL:
        verdict, note = DIFFERENT, equality.first
    elif equality.kind == UNREPEATED:
        verdict, note = INCONCLUSIVE, f"{speed}, but results differ, as two runs of before may too: {equality.first}"
    elif equality.kind == NOTHING_RECORDED and arm.arm == AFTER:
        verdict, note = INCONCLUSIVE, f"{speed}, but nothing was recorded that could be compared"
    else:
        verdict, note = speed, reason
    totals = before.total / arm.total if before.total is not None and arm.total else None
    return Comparison(arm.arm, verdict, speed, found, p, totals, equality, note)


def _equality(measurement: Measurement, arm: str, tolerance: float) -> Equality:
    """How the results of an arm compare with those of ``before``: in deterministic runs, if both arms have one that went well."""
    checked = compare(measurement.of(BEFORE, check=True), measurement.of(arm, check=True), tolerance)
    if checked.kind != NOT_COMPARABLE:
        return replace(checked, deterministic=True)
    return compare(measurement.of(BEFORE), measurement.of(arm), tolerance, repeats=measurement.device != "gpu")


def _speed(
    before: ArmSummary, arm: ArmSummary, found: Estimate | None, p: float | None, apart: bool, judging: Judging
) -> tuple[str, str]:
    """The verdict on the times alone, and its reason where the figures do not say it.

    Faster or slower: the interval lies beyond the smallest effect that counts, the test is significant, and no process of one arm
    reaches into those of the other; with one process for an arm, which tells nothing of how processes differ, the interval
    must lie beyond a factor of two. Same: at worst slower by less than that effect. The interval is not believed where the test
    has too little to go by.
    """
    for each in (before, arm):
        if each.iterations < _FEWEST:
            warm = f"{each.iterations} warm iteration{'' if each.iterations == 1 else 's'}"
            return INCONCLUSIVE, f"{each.arm}: {warm}, {_FEWEST} are needed" if each.outcome else f"{each.arm}: did not run"
    if found is None or found.low is None or found.high is None or p is None:
        return INCONCLUSIVE, "too few times were measured"
    is_faster, is_slower = found.low > 1 + judging.minimum_effect, found.high < 1 - judging.minimum_effect
    reason = ""
    if is_faster or is_slower:
        if p >= 1 - judging.confidence:
            return INCONCLUSIVE, "too few iterations for the difference to be significant"
        if min(before.processes, arm.processes) < 2 and found.high >= 1 / _SINGLE and found.low <= _SINGLE:
            return INCONCLUSIVE, "one process for an arm: --repeats tells whether processes differ by so much anyway"
        if apart:
            return (FASTER if is_faster else SLOWER), ""
        reason = "the processes of the two arms overlap"
    return (SAME if found.low >= 1 - judging.minimum_effect else INCONCLUSIVE), reason


def _failure(runs: Sequence[Run]) -> str:
    """The worst run of an arm that did not end well: which, how, and its last lines."""
    run = max(runs, key=lambda each: _OUTCOMES.index(each.outcome), default=None)
    return f"{run.arm}: {run.outcome}\n{run.detail.strip()}".strip() if run is not None and run.outcome != OK else ""
