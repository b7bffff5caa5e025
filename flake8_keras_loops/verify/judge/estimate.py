"""What several processes measured in, estimates with their intervals out: plain numbers, scipy does the mathematics."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import stats

#: Measurements in the order in which they were made. ``None``, NaN: not to be had.
Values: TypeAlias = Sequence[float | None] | npt.NDArray[np.float64]
#: Those of one arm, by process.
Samples: TypeAlias = Sequence[Values]

#: A time of zero counts as the tick of the clock, so that ratios are always defined.
_TICK = 1e-9
_RESAMPLES, _BATCH = 4999, 500  # in batches, for the sake of memory


@dataclass(frozen=True)
class Estimate:
    """``low`` and ``high``: the ends of its confidence interval, ``None`` where there are too few values for one."""

    value: float
    low: float | None = None
    high: float | None = None


def median(*candidates: Values) -> float | None:
    """The median of the first values among which there are numbers, ``None`` if there are none."""
    return next((float(np.median(numbers)) for values in candidates if (numbers := _numbers(values)).size), None)


def ratio(before: Samples, after: Samples, confidence: float, seed: int) -> Estimate | None:
    """Median of all values of ``before`` over that of ``after``; ``None`` if one of them has no values.

    The interval is a bootstrap (percentiles: the jackknife that BCa needs does not work for medians). Values are drawn within
    each process, which keeps every process its weight. How processes differ it does not know: see :func:`is_apart`.
    """
    groups = [_times(side) for side in (before, after)]
    if not all(groups):
        return None
    # A process with a single value has nothing to draw from: then the processes of that side are drawn from as one.
    groups = [side if min(map(len, side)) > 1 else [np.concatenate(side)] for side in groups]
    processes = len(groups[0])
    data = [*groups[0], *groups[1]]

    def medians(*samples: npt.NDArray[np.float64], axis: int = -1) -> npt.NDArray[np.float64]:
        top, bottom = (np.median(np.concatenate(side, axis), axis) for side in (samples[:processes], samples[processes:]))
        return np.asarray(top / bottom)

    value = float(medians(*data))
    if min(map(len, data)) < 2:
        return Estimate(value)
    found = stats.bootstrap(
        data,
        medians,
        n_resamples=_RESAMPLES,
        batch=_BATCH,
        vectorized=True,
        confidence_level=confidence,
        method="percentile",
        random_state=np.random.default_rng(seed),
    )
    return Estimate(value, float(found.confidence_interval.low), float(found.confidence_interval.high))


def p_value(before: Samples, after: Samples) -> float | None:
    """Of the hypothesis that both arms take the same time (Mann-Whitney U, two-sided); ``None`` if one has no values."""
    sides = [_times(side) for side in (before, after)]
    if not all(sides):
        return None
    one, other = (np.concatenate(side) for side in sides)
    if np.ptp(np.concatenate([one, other])) == 0:
        return 1.0
    return float(stats.mannwhitneyu(one, other).pvalue)


def is_apart(before: Samples, after: Samples) -> bool:
    """Whether the medians of all processes of one arm are on one side of those of the other.

    Iterations of one process resemble each other more than those of two, so many of them can look significant where only the
    machine was busy. With one process an arm it says no more than that the medians differ.
    """
    one, other = ([float(np.median(values)) for values in _times(side)] for side in (before, after))
    return bool(one and other) and (min(one) > max(other) or max(one) < min(other))


def slope(samples: Samples, confidence: float) -> Estimate | None:
    """Change from one iteration to the next; ``None`` if there are no two to compare.

    The median of the slopes between all pairs of points (Theil-Sen), because a line of least squares follows single slow
    iterations and the jumps of an allocator. Processes differ in level, so each one's median is taken from its values first. Then
    the processes are averaged iteration by iteration: scipy's interval breaks down where several points share a time and values
    repeat, as those of flat memory do. It is too narrow for memory, where an iteration starts from what the last one left.
    """
    known = [process for process in map(_array, samples) if np.isfinite(process).any()]
    if not known:
        return None
    common = min(map(len, known))
    levelled = [process - (median(process[:common], process) or 0.0) for process in known]
    table = np.array(list(zip_longest(*levelled, fillvalue=np.nan)))  # iterations by processes
    (x,) = np.nonzero(np.isfinite(table).any(axis=1))
    if x.size < 2:
        return None
    y = np.nanmean(table[x], axis=1)
    value, _, low, high = (float(each) for each in stats.theilslopes(y, x, alpha=confidence))
    # With three points scipy returns the extremes for want of better ones.
    return Estimate(value, low, high) if x.size > 3 and math.isfinite(low) and math.isfinite(high) else Estimate(value)


def _array(values: Values) -> npt.NDArray[np.float64]:
    """Values as an array in which what is no finite number is NaN."""
    found = np.asarray(values, dtype=np.float64)
    return np.where(np.isfinite(found), found, np.nan)


def _numbers(values: Values) -> npt.NDArray[np.float64]:
    """The values that are finite numbers."""
    found = _array(values)
    return found[~np.isnan(found)]


def _times(samples: Samples) -> list[npt.NDArray[np.float64]]:
    """The processes that have values, without those that are no numbers."""
    return [np.maximum(numbers, _TICK) for process in samples if (numbers := _numbers(process)).size]
