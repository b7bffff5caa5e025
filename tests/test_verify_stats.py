"""Statistics: known distributions give known verdicts, and nothing measured makes them fail."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from generated import examples
from hypothesis import strategies as st

from flake8_keras_loops.verify.judge.estimate import Estimate, is_apart, p_value, ratio, slope
from flake8_keras_loops.verify.judge.verdicts import (
    DIFFERENT,
    FAILED,
    FASTER,
    INCONCLUSIVE,
    NONE,
    SAME,
    SLOWER,
    CaseResult,
    Comparison,
    exit_status,
    summarise,
)
from flake8_keras_loops.verify.measurement import CRASHED, OK, OUT_OF_MEMORY, TIMED_OUT, Iteration, Judging, Measurement, Run

JUDGING = Judging()


def run(arm: str, seconds: Sequence[float], **changes: Any) -> Run:
    """A process whose resident memory grows by 1000 bytes an iteration, and that recorded one loss in each."""
    iterations = tuple(Iteration(each, 10_000 + 1000 * at) for at, each in enumerate(seconds))
    results = {f"{at}/0/fit/loss": np.array([0.5]) for at in range(len(seconds))}
    return replace(Run(arm, 0, OK, iterations, startup=2.0, results=results), **changes)


def measured(*runs: Run, arms: tuple[str, ...] = ("before", "after"), **changes: Any) -> CaseResult:
    """The result; a warning is an error."""
    measurement = replace(Measurement("case", "A case", "train.py:3", "jax", "cpu", arms, runs), **changes)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return summarise(measurement, JUDGING)


def after(result: CaseResult) -> Comparison:
    found = result.comparison("after")
    assert found is not None
    return found


def noisy(middle: float, number: int = 30, spread: float = 0.05, seed: int = 0) -> list[float]:
    """A slow first iteration and warm ones that are ``middle`` seconds at the median."""
    draws = np.random.default_rng(seed).lognormal(0, spread, number)
    return [20 * middle, *(middle * draws / np.median(draws))]


# -- verdicts


def test_a_known_ratio_lies_in_its_interval() -> None:
    result = measured(*twice("before", 3.0), *twice("after", 1.5))
    found = after(result)
    assert (found.verdict, found.speed, found.note, result.verdict) == (FASTER, FASTER, "", FASTER)
    assert found.ratio is not None
    assert found.ratio.low is not None
    assert found.ratio.high is not None
    assert found.ratio.value == pytest.approx(2.0)
    assert 1.9 < found.ratio.low < 2.0 < found.ratio.high < 2.1
    assert found.p is not None
    assert found.p < 1e-6


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    random = np.random.default_rng(0)
    hits = 0
    for seed in range(60):
        found = ratio([random.lognormal(0, 0.1, 25)], [random.lognormal(0, 0.1, 25)], 0.95, seed)
        assert found is not None
        hits += (found.low or 0) <= 1.0 <= (found.high or 0)
    assert hits >= 52


@pytest.mark.parametrize("seed", range(12))
def test_no_effect_is_not_called_one(seed: int) -> None:
    random = np.random.default_rng(seed)
    before, later = ([1.0, *random.lognormal(0, 0.1, 20)] for _ in range(2))
    assert after(measured(run("before", before), run("after", later))).verdict in {SAME, INCONCLUSIVE}


def test_a_significant_effect_may_be_too_small_to_count() -> None:
    found = after(measured(run("before", noisy(1.02, 60, 0.002)), run("after", noisy(1.0, 60, 0.002, 1))))
    assert found.verdict == SAME
    assert found.p is not None
    assert found.p < 0.05


def twice(arm: str, middle: float) -> list[Run]:
    """Two processes of an arm."""
    return [run(arm, noisy(middle, seed=seed), round=seed) for seed in (0, 1)]


def test_slower_and_unclear() -> None:
    assert after(measured(*twice("before", 1.0), *twice("after", 1.3))).verdict == SLOWER
    assert after(measured(run("before", noisy(1.0, 8, 0.5)), run("after", noisy(1.0, 8, 0.5, 1)))).verdict == INCONCLUSIVE


@pytest.mark.parametrize(("later", "verdict"), [(0.6, INCONCLUSIVE), (0.3, FASTER), (1.5, INCONCLUSIVE), (3.0, SLOWER)])
def test_one_process_for_each_arm_tells_only_large_differences(later: float, verdict: str) -> None:
    found = after(measured(run("before", noisy(1.0)), run("after", noisy(later, seed=1))))
    assert found.verdict == verdict
    assert ("--repeats" in found.note) == (verdict == INCONCLUSIVE)


def test_too_few_iterations() -> None:
    found = after(measured(run("before", noisy(3.0)), run("after", [9, 1, 1])))
    assert (found.verdict, found.note) == (INCONCLUSIVE, "after: 2 warm iterations, 3 are needed")
    assert after(measured(run("before", [9, 3]), run("after", []))).note == "before: 1 warm iteration, 3 are needed"
    found = after(measured(run("before", [9, 3, 3.1, 3.2]), run("after", [9, 1, 1.1, 1.2])))
    assert (found.verdict, found.note) == (INCONCLUSIVE, "too few iterations for the difference to be significant")


def test_an_arm_that_did_not_run_is_inconclusive() -> None:
    result = measured(run("before", noisy(1.0)))
    assert (result.verdict, result.note) == (INCONCLUSIVE, "after: did not run")
    assert result.summary("after") is not None
    assert measured().verdict == INCONCLUSIVE


def test_processes_that_overlap_are_not_faster() -> None:
    """Each is steady, but the machine was not: 30 iterations say less than they seem to."""
    old = [run("before", noisy(1.0, seed=1)), run("before", noisy(1.6, seed=2), round=1)]
    new = [run("after", noisy(0.8, seed=3)), run("after", noisy(1.2, seed=4), round=1)]
    found = after(measured(*old, *new))
    assert (found.verdict, found.note) == (SAME, "the processes of the two arms overlap")
    assert found.ratio is not None
    assert (found.ratio.low or 0) > 1.05
    new[1] = run("after", noisy(0.7, seed=4), round=1)
    assert after(measured(*old, *new)).verdict == FASTER


def test_other_results_win_over_speed() -> None:
    new = run("after", noisy(1.0, seed=1))
    other = replace(new, results={**new.results, "4/0/fit/loss": np.array([0.7])})
    found = after(measured(run("before", noisy(3.0)), other))
    assert (found.verdict, found.speed) == (DIFFERENT, FASTER)
    assert found.note == "iteration 4, fit, loss[0]: 0.5 against 0.7"


def test_nothing_recorded_proves_nothing() -> None:
    found = after(measured(run("before", noisy(3.0), results={}), run("after", noisy(1.0), results={})))
    assert (found.verdict, found.note) == (INCONCLUSIVE, "faster, but nothing was recorded that could be compared")


def test_failed_runs_win_over_all() -> None:
    bad = run("after", [9.0], outcome=OUT_OF_MEMORY, detail="Resource exhausted\nOOM when allocating\n", round=1)
    worse = run("after", [], outcome=CRASHED, detail="Segmentation fault", startup=None)
    new = run("after", noisy(1.0), results={"0/0/fit/loss": np.array([9.0])})
    found = after(measured(run("before", noisy(3.0)), new, bad))
    assert (found.verdict, found.note) == (FAILED, "after: out of memory\nResource exhausted\nOOM when allocating")
    result = measured(run("before", noisy(3.0)), bad, worse)
    assert result.note == "after: crashed\nSegmentation fault"
    summary = result.summary("after")
    assert summary is not None
    assert (summary.outcome, dict(summary.outcomes), summary.total) == (CRASHED, {OUT_OF_MEMORY: 1, CRASHED: 1}, None)
    assert measured(run("before", [], outcome=TIMED_OUT), run("after", noisy(1.0))).note == "before: timed out"


def test_without_a_fix_there_is_no_verdict() -> None:
    result = measured(run("before", noisy(1.0)), arms=("before",), left_out={"after": "no fix: the model escapes"})
    assert (result.verdict, result.note, result.comparisons) == (NONE, "no fix: the model escapes", ())
    assert result.comparison("after") is None


# -- summaries


def test_the_summary_of_an_arm() -> None:
    first = run("before", [10, 1, 2, 3], startup=4.0)
    second = run("before", [20, 5, 6, 7, 8], startup=6.0, round=1)
    short = run("after", [1, 1, 1])
    found = measured(first, second, short).summary("before")
    assert found is not None
    assert (found.outcome, dict(found.outcomes), found.processes, found.iterations) == (OK, {OK: 2}, 2, 7)
    assert (found.median, found.low, found.high, found.first, found.startup) == (5, 2, 6.5, 15, 5)
    assert (found.total, found.total_iterations) == ((13 + 31) / 2, 3)
    assert found.time == Estimate(1.0, 1.0, 1.0)  # though the second process went on one iteration longer
    assert found.rss is not None
    assert found.rss.value == pytest.approx(1000)
    assert found.gpu is None
    assert found.allocated is None


def test_totals_count_the_compilation() -> None:
    found = after(measured(run("before", [4, 3, 3, 3]), run("after", [10, 1, 1, 1])))
    assert found.total_ratio == 1.0
    assert found.ratio is not None
    assert found.ratio.value == 3.0


def test_a_slope_is_found_beside_levels_and_outliers() -> None:
    random = np.random.default_rng(3)
    processes = [level + 0.02 * np.arange(30) + random.normal(0, 0.01, 30) for level in (1.0, 5.0)]
    processes[0][7] = 99.0
    found = slope(processes, 0.95)
    assert found is not None
    assert found.value == pytest.approx(0.02, rel=0.05)
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0.02 < found.high
    flat = slope([random.normal(1, 0.01, 40)], 0.95)
    assert flat is not None
    assert (flat.low or 0) < 0 < (flat.high or 0)
    assert slope([[5.0] * 9, [7.0] * 8 + [8.0], [3.0] * 9], 0.95) == Estimate(0.0, 0.0, 0.0)
    assert slope([[1, 2, 3]], 0.95) == Estimate(1.0)
    assert slope([[math.nan, 1, math.nan]], 0.95) is None
    assert slope([[0, math.nan, 2, 3, 4, 5]], 0.95) == Estimate(1.0, 1.0, 1.0)


def test_single_values_and_zeros() -> None:
    assert ratio([[2.0]], [[1.0]], 0.95, 0) == Estimate(2.0)
    assert ratio([[0.0] * 3], [[0.0] * 3], 0.95, 0) == Estimate(1.0, 1.0, 1.0)
    assert ratio([[]], [[1.0]], 0.95, 0) is None
    assert p_value([[1.0, 1.0]], [[1.0]]) == 1.0
    assert p_value([], [[1.0]]) is None
    assert is_apart([[2.0], [3.0]], [[1.0]])
    assert not is_apart([[2.0], [1.0]], [[1.5]])
    assert not is_apart([[2.0]], [[math.nan]])


anything = st.lists(st.sampled_from([0.0, 1.0, 1.5, 1e-12, 1e12, math.nan, math.inf]) | st.floats(0, 100), max_size=8)


@examples(30, 300, st.lists(anything, max_size=3), st.lists(anything, max_size=3))
def test_nothing_measured_makes_it_fail(before: list[list[float]], later: list[list[float]]) -> None:
    runs = [run(arm, seconds) for arm, side in (("before", before), ("after", later)) for seconds in side]
    result = measured(*runs)
    assert result.verdict in {FASTER, SLOWER, SAME, INCONCLUSIVE}
    for each in (*[after(result).ratio], *[found.time for found in result.arms]):
        if each is not None:
            assert math.isfinite(each.value)


@examples(20, 200, st.floats(0.01, 100), st.integers(0, 99))
def test_units_do_not_matter(unit: float, seed: int) -> None:
    old, new = noisy(2.0, 12, 0.3, seed), noisy(1.5, 12, 0.3, seed + 1)
    one = after(measured(run("before", old), run("after", new)))
    other = after(measured(run("before", [unit * each for each in old]), run("after", [unit * each for each in new])))
    assert one.ratio is not None
    assert other.ratio is not None
    assert other.ratio.value == pytest.approx(one.ratio.value)
    assert other.p == pytest.approx(one.p)


def test_the_same_records_give_the_same_figures() -> None:
    runs = [run("before", noisy(1.1, 9)), run("after", noisy(1.0, 9, seed=5))]
    assert measured(*runs) == measured(*runs)


# -- exit status


@pytest.mark.parametrize(
    ("verdicts", "status"),
    [
        ([FASTER], 0),
        ([FASTER, SAME, NONE], 0),
        ([FASTER, SLOWER], 1),
        ([DIFFERENT, INCONCLUSIVE], 1),
        ([FASTER, INCONCLUSIVE], 3),
        ([SLOWER, FAILED, INCONCLUSIVE], 2),
        ([NONE], 3),
        ([], 3),
    ],
)
def test_exit_status(verdicts: list[str], status: int) -> None:
    result = measured()
    assert exit_status([replace(result, verdict=verdict) for verdict in verdicts]) == status


@pytest.mark.parametrize(("verdict", "status"), [(SLOWER, 0), (DIFFERENT, 1), (INCONCLUSIVE, 3), (FAILED, 2), (FASTER, 0)])
def test_a_fix_for_memory_may_be_slower(verdict: str, status: int) -> None:
    result = measured()
    expecting = replace(result, verdict=verdict, measurement=replace(result.measurement, expected=SLOWER))
    assert exit_status([expecting]) == status
    assert exit_status([expecting, replace(result, verdict=SLOWER)]) == max(1, 2 * (verdict == FAILED))


def test_only_after_counts_for_the_exit_status() -> None:
    runs = [*twice("before", 2.0), *twice("after", 1.0), *twice("clear", 9.0)]
    result = measured(*runs, arms=("before", "after", "clear"))
    assert [each.verdict for each in result.comparisons] == [FASTER, SLOWER]
    assert exit_status([result]) == 0


def test_deterministic_runs_decide_on_the_results_and_count_for_no_time() -> None:
    slow, quick = [9.0, 1.0, 1.0, 1.0, 1.0], [9.0, 0.1, 0.1, 0.1, 0.1]
    timed = [
        run(arm, seconds, round=round, results=loss(value))
        for round in (0, 1)
        for arm, seconds, value in (("before", slow, 0.0), ("after", quick, 50.0))
    ]
    assert after(measured(*timed)).verdict == DIFFERENT
    for value, verdict, kind in ((0.0, FASTER, "bit for bit"), (1.0, DIFFERENT, "different")):
        checks = [
            replace(run(arm, [99.0] * 5, results=loss(each)), check=True) for arm, each in (("before", 0.0), ("after", value))
        ]
        found = after(measured(*timed, *checks))
        assert (found.verdict, found.equality.kind, found.equality.deterministic) == (verdict, kind, True)
        assert found.ratio.value == pytest.approx(10)
    unclear = after(measured(*timed[:2], device="gpu"))
    assert (unclear.verdict, unclear.equality.kind) == (INCONCLUSIVE, "different, noise unknown")
    crashed = replace(run("after", [1.0], outcome=CRASHED), check=True)
    assert after(measured(*timed, crashed)).equality.deterministic is False


def loss(value: float) -> dict[str, Any]:
    return {"0/0/fit/loss": np.array([value])}
