"""Made-up measurements for the tests of what reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from flake8_keras_loops.verify.judge.verdicts import CaseResult, summarise
from flake8_keras_loops.verify.measurement import OK, Iteration, Judging, Measurement, Run

ARMS = ("before", "after", "clear")
CLEAR = "nothing to clear"
#: Seconds of a warm iteration in each arm.
SECONDS = {"before": 3.0, "after": 1.0, "clear": 3.3, "clone": 3.0, "weights": 0.03, "hoist": 0.9}


def run(arm: str, seconds: float, grows: float = 0.0, rss: int = 0, gpu: int | None = None, **changes: Any) -> Run:
    """Nine iterations of ``seconds``, the first one twice as long, in a spread of some hundredths. ``grows``: seconds, ``rss``
    and ``gpu``: bytes, each from one iteration to the next."""
    warm = [seconds * (1 + 0.01 * (at * 3 % 8)) + grows * at for at in range(8)]
    iterations = tuple(
        Iteration(round(each, 4), 500_000_000 + rss * at, None if gpu is None else 10**9 + gpu * at)
        for at, each in enumerate([2 * seconds, *warm])
    )
    results = {f"{at}/0/fit/loss": np.array([0.5]) for at in range(9)}
    return replace(Run(arm, 0, OK, iterations, startup=2.5, probe=2e-5, results=results), **changes)


def case(
    *more: Run,
    arms: tuple[str, ...] = ARMS,
    seconds: Mapping[str, float] = SECONDS,
    growth: Mapping[str, Mapping[str, Any]] | None = None,
    results: Mapping[str, Any] | None = None,
    **changes: Any,
) -> CaseResult:
    """A case whose arms ran twice, interleaved, and then ``more``. ``growth``: of each arm, as :func:`run` has it."""
    rounds = [(arm, 0) for arm in arms] + [(arm, 1) for arm in reversed(arms)]
    runs = [run(arm, seconds[arm], **(growth or {}).get(arm, {}), round=number) for arm, number in rounds]
    runs = [replace(each, results=results[each.arm]) if each.arm in (results or {}) else each for each in runs]
    measurement = Measurement("kfold", "k-fold", "before.py:12", "jax", "cpu", arms, (*runs, *more), left_out={"clear": CLEAR})
    return summarise(replace(measurement, **changes), Judging())
