"""Equality of results: how far two arms agree, and where they first do not."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from generated import examples
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from flake8_keras_loops.verify.judge.equality import (
    BIT_FOR_BIT,
    DIFFERENT,
    NOT_COMPARABLE,
    NOTHING_RECORDED,
    WITHIN_NOISE,
    WITHIN_TOLERANCE,
    Equality,
    compare,
)
from flake8_keras_loops.verify.measurement import CRASHED, OK, Iteration, Run

TOLERANCE = 1e-4


def run(results: Mapping[str, Any], iterations: int = 9, outcome: str = OK) -> Run:
    arrays = {key: np.asarray(value) for key, value in results.items()}
    return Run("any", 0, outcome, tuple(Iteration(0.1, 1000) for _ in range(iterations)), results=arrays)


def compared(before: Any, arm: Any, tolerance: float = TOLERANCE) -> Equality:
    """Two arms of one run each, or of several."""
    sides = [side if isinstance(side, list) else [side] for side in (before, arm)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return compare(*[[each if isinstance(each, Run) else run(each) for each in side] for side in sides], tolerance)


def test_equal_results_are_counted() -> None:
    results = {"0/0/fit/loss": [0.5, 0.25], "0/1/predict/0": np.ones((4, 3)), "1/0/fit/loss": [0.5, np.nan]}
    assert compared(results, results) == Equality(BIT_FOR_BIT, iterations=9, values=16)


def test_the_first_difference_is_named() -> None:
    before = {"2/0/fit/loss": [0.1, 0.2], "3/0/fit/val_loss": [1.0, 1.0, 0.6931], "4/0/fit/loss": [8.0]}
    arm = {"2/0/fit/loss": [0.1, 0.2], "3/0/fit/val_loss": [1.0, 1.0, 0.7012], "4/0/fit/loss": [9.0]}
    found = compared(before, arm)
    assert found.kind == DIFFERENT
    assert found.is_equal is False
    assert found.first == "iteration 3, fit, val_loss[2]: 0.6931 against 0.7012"
    assert found.absolute == pytest.approx(1.0)
    assert found.relative == found.difference == pytest.approx(1 / 9)
    assert found.noise is None


def test_later_calls_of_an_iteration_and_axes_are_named() -> None:
    before = {"1/2/predict/0": np.zeros((2, 2), np.float32)}
    arm = {"1/2/predict/0": np.array([[0, 0], [0.5, 0]], np.float32)}
    assert compared(before, arm).first == "iteration 1, predict (call 3), 0[1, 0]: 0.0 against 0.5"
    assert compared({"1/0/evaluate/0": 1.5}, {"1/0/evaluate/0": 2.5}).first == "iteration 1, evaluate, 0: 1.5 against 2.5"


def test_the_tolerance_is_relative_and_absolute_below_one() -> None:
    for value, change in ((1000.0, 0.09), (1e-7, 9e-5)):
        assert compared({"0/0/fit/loss": [value]}, {"0/0/fit/loss": [value + change]}).kind == WITHIN_TOLERANCE
        assert compared({"0/0/fit/loss": [value]}, {"0/0/fit/loss": [value + 2 * change]}).kind == DIFFERENT


def test_what_before_differs_by_itself_is_allowed_three_times() -> None:
    before = [{"0/0/fit/loss": [0.50]}, {"0/0/fit/loss": [0.51]}]
    found = compared(before, {"0/0/fit/loss": [0.52]})
    assert found.kind == WITHIN_NOISE
    assert found.is_equal
    assert found.noise == pytest.approx(0.01)
    assert found.difference == pytest.approx(0.02)
    assert compared(before, {"0/0/fit/loss": [0.55]}).kind == DIFFERENT
    assert compared(before, [{"0/0/fit/loss": [0.50]}, {"0/0/fit/loss": [0.55]}]).kind == DIFFERENT
    assert compared(before, before).kind == WITHIN_NOISE


def test_a_program_that_differs_from_itself_without_bounds_excuses_nothing() -> None:
    before = [{"0/0/fit/loss": [0.5]}, {"0/0/fit/loss": [np.nan]}]
    assert compared(before, {"0/0/fit/loss": [0.7]}).kind == DIFFERENT
    before = [{"0/0/fit/loss": [0.5]}, {"0/0/predict/0": [0.5]}]
    assert compared(before, {"0/0/fit/loss": [0.7]}).kind == DIFFERENT


@pytest.mark.parametrize(
    ("before", "arm", "first"),
    [
        ({"0/0/fit/loss": [1.0]}, {"0/0/predict/0": [1.0]}, "iteration 0: fit, loss against predict, 0"),
        ({"0/0/fit/loss": [1.0]}, {"0/0/fit/accuracy": [1.0]}, "iteration 0: fit, loss against fit, accuracy"),
        ({"0/0/fit/loss": [1.0], "1/0/fit/loss": [1.0]}, {"0/0/fit/loss": [1.0]}, "iteration 1: fit, loss against nothing more"),
        ({}, {"2/0/fit/loss": [1.0]}, "iteration 2: nothing more against fit, loss"),
        (
            {"0/0/fit/loss": [1.0], "1/0/fit/loss": [1.0]},
            {"0/0/fit/loss": [1.0], "0/1/fit/loss": [1.0], "1/0/fit/loss": [1.0]},
            "iteration 0: nothing more against fit (call 2), loss",
        ),
    ],
)
def test_other_calls_are_different(before: dict[str, Any], arm: dict[str, Any], first: str) -> None:
    found = compared(before, arm, tolerance=np.inf)
    assert (found.kind, found.first) == (DIFFERENT, first)


def test_a_difference_before_other_calls_is_the_first() -> None:
    found = compared({"0/0/fit/loss": [1.0], "0/1/fit/loss": [1.0]}, {"0/0/fit/loss": [1.00001]})
    assert (found.kind, found.first) == (DIFFERENT, "iteration 0, fit, loss[0]: 1.0 against 1.00001")


def test_other_types_and_shapes_are_different() -> None:
    found = compared({"0/0/predict/0": np.ones(2, np.float32)}, {"0/0/predict/0": np.ones(2, np.float64)})
    assert found.kind == DIFFERENT
    assert found.first == "iteration 0, predict, 0: float32 of shape (2,) against float64 of shape (2,)"
    assert compared({"0/0/fit/loss": [1.0, 1.0]}, {"0/0/fit/loss": [1.0]}).kind == DIFFERENT


def test_only_iterations_that_both_completed_are_compared() -> None:
    long = {f"{i}/0/fit/loss": [float(i)] for i in range(5)}
    short = {f"{i}/0/fit/loss": [float(i)] for i in range(3)} | {"3/0/fit/loss": [99.0]}  # died in iteration 3
    assert compared(run(long, 5), run(short, 3)) == Equality(BIT_FOR_BIT, iterations=3, values=3)


def test_a_hash_stands_for_what_was_cut_off() -> None:
    def cut(value: float, digest: int) -> dict[str, Any]:
        return {"0/0/predict/0/sha256": np.full(32, digest, np.uint8), "0/0/predict/0": np.full(4, float(value))}

    assert compared(cut(1, 7), cut(1, 7)) == Equality(BIT_FOR_BIT, iterations=9, values=4)
    found = compared(cut(1, 7), cut(1, 8))
    assert found.kind == WITHIN_TOLERANCE
    assert found.first == "iteration 0, predict, 0: differs behind the first 4 values, which are all that was kept"
    assert compared(cut(1, 7), cut(2, 8)).first == "iteration 0, predict, 0[0]: 1.0 against 2.0"
    assert compared(cut(1, 7), {"0/0/predict/0": np.ones(4)}).kind == WITHIN_TOLERANCE


def test_a_metric_may_be_called_sha256() -> None:
    assert compared({"0/0/fit/sha256": [1.0]}, {"0/0/fit/sha256": [2.0]}).kind == DIFFERENT


def test_nothing_to_say() -> None:
    assert compared({}, {}).kind == NOTHING_RECORDED
    assert compared({}, {}).is_equal is None
    crashed = run({"0/0/fit/loss": [1.0]}, outcome=CRASHED)
    assert compared(crashed, {"0/0/fit/loss": [1.0]}) == Equality(NOT_COMPARABLE)
    assert compared({"0/0/fit/loss": [1.0]}, []).kind == NOT_COMPARABLE
    assert compared([crashed, run({})], {}).kind == NOTHING_RECORDED


def test_numbers_of_any_type() -> None:
    assert compared({"0/0/fit/a": [True]}, {"0/0/fit/a": [False]}).difference == 1.0
    assert compared({"0/0/fit/a": np.array([3], np.uint8)}, {"0/0/fit/a": np.array([5], np.uint8)}).absolute == 2.0
    assert compared({"0/0/fit/a": [1 + 1j]}, {"0/0/fit/a": [1 + 1j]}).kind == BIT_FOR_BIT
    assert compared({"0/0/fit/a": ["x"]}, {"0/0/fit/a": ["y"]}).difference == np.inf
    assert compared({"0/0/fit/a": [np.inf]}, {"0/0/fit/a": [np.inf]}).kind == BIT_FOR_BIT
    for value in (0.0, np.nan, -np.inf):
        found = compared({"0/0/fit/a": [value]}, {"0/0/fit/a": [np.inf]})
        assert (found.kind, found.difference) == (DIFFERENT, np.inf)


values = arrays.arrays(np.float32, st.integers(1, 5), elements=st.floats(width=32))


@examples(100, 1000, values)
def test_everything_equals_itself(value: Any) -> None:
    assert compared({"0/0/fit/loss": value}, {"0/0/fit/loss": value.copy()}).kind == BIT_FOR_BIT


@examples(100, 1000, values, values)
def test_comparing_is_symmetric(one: Any, other: Any) -> None:
    there, back = (compared({"0/0/fit/loss": a}, {"0/0/fit/loss": b}) for a, b in ((one, other), (other, one)))
    assert (there.kind, there.absolute, there.relative, there.difference) == (
        back.kind,
        back.absolute,
        back.relative,
        back.difference,
    )
