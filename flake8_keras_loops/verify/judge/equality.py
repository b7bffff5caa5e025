"""Whether two arms computed the same: what their runs recorded in, how far they agree and where they first do not out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product, zip_longest
from typing import Any

import numpy as np
import numpy.typing as npt

from ..measurement import Results, Run

#: How far the results of two arms agree, the best first.
BIT_FOR_BIT = "bit for bit"
WITHIN_TOLERANCE = "within tolerance"
WITHIN_NOISE = "within run-to-run differences"
DIFFERENT = "different"
#: Not equal, on a device on which a program need not repeat itself, and nothing to tell by how much.
UNREPEATED = "different, noise unknown"
#: Nothing can be said: neither arm called anything that is recorded, or one of them has no run that ended well.
NOTHING_RECORDED = "nothing recorded"
NOT_COMPARABLE = "not comparable"

#: An arm may differ from ``before`` by this many times what the runs of ``before`` differ by among themselves.
NOISE_FACTOR = 3.0

_HASH = "/sha256"


@dataclass(frozen=True)
class Equality:
    """How the results of an arm compare with those of ``before``.

    ``iterations``, ``values``: how many were compared, those of one run. ``absolute``, ``relative``: the largest differences,
    the latter in shares of the larger of the two values. ``difference``: the largest difference that is relative, but absolute
    for values below 1: what is held against the tolerance. ``noise``: the same between the runs of ``before`` themselves,
    ``None`` with fewer than two. ``first``: where the arms first differ, one line, ``""`` if nowhere; iterations count from 0.
    ``deterministic``: the runs compared were run with deterministic operations, since ordinary ones differed.
    """

    kind: str
    iterations: int = 0
    values: int = 0
    absolute: float = 0.0
    relative: float = 0.0
    difference: float = 0.0
    noise: float | None = None
    first: str = ""
    deterministic: bool = False

    @property
    def is_equal(self) -> bool | None:
        """Whether the results are equal as far as can be asked, ``None`` if nothing can be said."""
        if self.kind in {UNREPEATED, NOTHING_RECORDED, NOT_COMPARABLE}:
            return None
        return self.kind != DIFFERENT


@dataclass(frozen=True)
class _Difference:
    """Something that two runs recorded differently.

    ``place``: sorts in the order of the program. ``text``: where and what, one line. ``sizes``: absolute, relative, as for the
    tolerance; ``None`` where these were other calls, types or shapes.
    """

    place: tuple[int, int]
    text: str
    sizes: tuple[float, float, float] | None = None


def compare(before_runs: Sequence[Run], arm_runs: Sequence[Run], tolerance: float, repeats: bool = True) -> Equality:
    """Compare what the runs recorded in the iterations that both completed, each run of the arm with each of ``before``.

    Runs that did not end well count for nothing. NaN equals NaN, and 0.0 equals -0.0. ``tolerance``: of the ``difference`` that
    :class:`Equality` has. A program need not repeat itself on a GPU: what the runs of ``before`` differ by among themselves is
    the noise, and an arm is equal if it differs by no more than :data:`NOISE_FACTOR` times that; where a program does not
    always repeat itself (``repeats``) and the noise is not known, nothing is said. Other calls, types or shapes are always
    different.
    """
    before, arm = ([run for run in runs if run.is_complete] for runs in (before_runs, arm_runs))
    if not before or not arm:
        return Equality(NOT_COMPARABLE)
    compared = [_compare_runs(*pair) for pair in product(before, arm)]
    differences = [each for _, found in compared for each in found]
    iterations, values = min(len(run.iterations) for run in (*before, *arm)), min(values for values, _ in compared)
    noise = max((_noise(*pair) for pair in combinations(before, 2)), default=None)
    first = min(differences, key=lambda each: each.place).text if differences else ""
    equality = Equality(DIFFERENT, iterations, values, *_largest(differences), noise, first)
    return replace(equality, kind=_kind(equality, _is_comparable(differences), tolerance, repeats))


def differ(before_runs: Sequence[Run], arm_runs: Sequence[Run]) -> bool:
    """Whether both arms have runs that ended well, and these recorded other results, by however little."""
    return compare(before_runs, arm_runs, tolerance=0.0).kind in {DIFFERENT, WITHIN_NOISE}


def _kind(found: Equality, is_comparable: bool, tolerance: float, repeats: bool) -> str:
    if not is_comparable:
        return DIFFERENT
    if not found.first:
        return BIT_FOR_BIT if found.values else NOTHING_RECORDED
    if found.difference <= tolerance:
        return WITHIN_TOLERANCE
    if found.noise is None:
        return DIFFERENT if repeats else UNREPEATED
    # A program that differs from itself without bounds has no noise to measure by.
    return WITHIN_NOISE if np.isfinite(found.noise) and found.difference <= NOISE_FACTOR * found.noise else DIFFERENT


def _noise(one: Run, other: Run) -> float:
    """What two runs of the same program differ by; without bounds if they did different things."""
    _, found = _compare_runs(one, other)
    return _largest(found)[2] if _is_comparable(found) else np.inf


def _is_comparable(differences: Sequence[_Difference]) -> bool:
    """Whether the same calls gave arrays of the same types and shapes."""
    return all(each.sizes is not None for each in differences)


def _largest(differences: Sequence[_Difference]) -> tuple[float, float, float]:
    sizes = [(0.0, 0.0, 0.0), *(each.sizes for each in differences if each.sizes)]
    absolute, relative, difference = map(max, zip(*sizes))
    return absolute, relative, difference


def _compare_runs(one: Run, other: Run) -> tuple[int, list[_Difference]]:
    """How many values two runs have in the iterations that both completed, and in what they differ there."""
    values, found = 0, []
    iterations = min(len(one.iterations), len(other.iterations))
    mine, theirs = (_recorded(run.results, iterations) for run in (one, other))
    for at, (key, other_key) in enumerate(zip_longest(mine, theirs)):
        if key is None or key != other_key:
            found.append(_other_calls(key, other_key, at))
            break
        a, b = one.results[key], other.results[key]
        values += a.size
        if a.dtype != b.dtype or a.shape != b.shape:
            what = f"{a.dtype} of shape {a.shape} against {b.dtype} of shape {b.shape}"
            found.append(_difference(key, at, "", what, None))
        elif differences := _differences(a, b):
            index, sizes = differences
            named = f"[{', '.join(map(str, index))}]" if index else ""
            found.append(_difference(key, at, named, f"{_shown(a[index])} against {_shown(b[index])}", sizes))
        elif not _same_rest(one.results, other.results, key):
            what = f"differs behind the first {a.size} values, which are all that was kept"
            found.append(_difference(key, at, "", what, (0.0, 0.0, 0.0)))
    return values, found


def _recorded(results: Results, iterations: int) -> Iterator[str]:
    """The keys of the first iterations, in the order of the calls, without the hashes of arrays that were cut short."""
    for key in results:
        is_hash = key.endswith(_HASH) and key.removesuffix(_HASH) in results
        if int(key.partition("/")[0]) < iterations and not is_hash:
            yield key


def _same_rest(one: Results, other: Results, key: str) -> bool:
    """Whether what was cut off is equal too, going by the hashes."""
    mine, theirs = one.get(key + _HASH), other.get(key + _HASH)
    if mine is None or theirs is None:
        return mine is theirs
    return np.array_equal(mine, theirs)


def _differences(a: npt.NDArray[Any], b: npt.NDArray[Any]) -> tuple[tuple[int, ...], tuple[float, float, float]] | None:
    """Where two arrays of one type and shape first differ, and by how much at most: absolute, relative, as for the tolerance."""
    unequal = a != b
    if a.dtype.kind in "fc":
        unequal &= ~(np.isnan(a) & np.isnan(b))
    if not unequal.any():
        return None
    index = tuple(int(axis) for axis in np.argwhere(unequal)[0])
    if a.dtype.kind not in "biufc":
        return index, (np.inf, np.inf, np.inf)
    wide = np.complex128 if a.dtype.kind == "c" else np.float64
    mine, theirs = (values[unequal].astype(wide) for values in (a, b))
    with np.errstate(all="ignore"):
        absolute = np.abs(mine - theirs)
        size = np.maximum(np.abs(mine), np.abs(theirs))
        # NaN or infinity against a number is as far away as can be.
        sizes = [np.nan_to_num(each, nan=np.inf, posinf=np.inf) for each in (absolute, absolute / size, absolute / size.clip(1))]
    largest = [float(each.max()) for each in sizes]
    return index, (largest[0], largest[1], largest[2])


def _difference(key: str, at: int, index: str, what: str, sizes: tuple[float, float, float] | None) -> _Difference:
    iteration, where = _told(key)
    return _Difference((iteration, at), f"iteration {iteration}, {where}{index}: {what}", sizes)


def _other_calls(mine: str | None, theirs: str | None, at: int) -> _Difference:
    """Two runs that from here on called other things."""
    found = [_told(key) if key else None for key in (mine, theirs)]
    iteration = min(each[0] for each in found if each)
    said = [each[1] if each and each[0] == iteration else "nothing more" for each in found]
    return _Difference((iteration, at), f"iteration {iteration}: {said[0]} against {said[1]}")


def _told(key: str) -> tuple[int, str]:
    """The iteration of a key, and its call and name in words: ``(3, "predict (call 2), 0")``."""
    iteration, number, call, name = key.split("/", 3)
    return int(iteration), f"{call}{f' (call {int(number) + 1})' if number != '0' else ''}, {name}"


def _shown(value: Any) -> str:
    """A value with as many digits as tell it from its neighbours."""
    return str(value.item() if value.dtype.kind in "biuSU" else value)
