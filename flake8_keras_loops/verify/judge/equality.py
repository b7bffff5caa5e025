"""Whether two arms computed the same: what their runs recorded, compared value for value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

import numpy as np
import numpy.typing as npt

from ..measurement import OK, Results, Run

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
class _Place:
    """Where two runs first differ. ``place``: sorts in the order of the program."""

    place: tuple[int, int]
    text: str


@dataclass(frozen=True)
class _Pair:
    """Two runs compared. ``same_shape``: the same calls gave arrays of the same types and shapes."""

    iterations: int = 0
    values: int = 0
    absolute: float = 0.0
    relative: float = 0.0
    difference: float = 0.0
    same_shape: bool = True
    first: _Place | None = None


def compare(before_runs: Sequence[Run], arm_runs: Sequence[Run], tolerance: float, repeats: bool = True) -> Equality:
    """Compare what the runs recorded in the iterations that both completed, each run of the arm with each of ``before``.

    Runs that did not end well count for nothing. NaN equals NaN, and 0.0 equals -0.0. ``tolerance``: of the ``difference`` that
    :class:`Equality` has. A program need not repeat itself on a GPU: what the runs of ``before`` differ by among themselves is
    the noise, and an arm is equal if it differs by no more than :data:`NOISE_FACTOR` times that; where a program does not
    always repeat itself (``repeats``) and the noise is not known, nothing is said. Other calls, types or shapes are always
    different.
    """
    before, arm = ([run for run in runs if run.outcome == OK and run.iterations] for runs in (before_runs, arm_runs))
    if not before or not arm:
        return Equality(NOT_COMPARABLE)
    pairs = [_pair(one, other) for one, other in product(before, arm)]
    noise = max((_noise(one, other) for one, other in combinations(before, 2)), default=None)
    places = [pair.first for pair in pairs if pair.first]
    largest = Equality(
        kind=DIFFERENT,
        iterations=min(pair.iterations for pair in pairs),
        values=min(pair.values for pair in pairs),
        absolute=max(pair.absolute for pair in pairs),
        relative=max(pair.relative for pair in pairs),
        difference=max(pair.difference for pair in pairs),
        noise=noise,
        first=min(places, key=lambda found: found.place).text if places else "",
    )
    kind = _kind(largest, all(pair.same_shape for pair in pairs), tolerance, repeats)
    return Equality(**{**vars(largest), "kind": kind})


def _kind(largest: Equality, same_shape: bool, tolerance: float, repeats: bool) -> str:
    if not same_shape:
        return DIFFERENT
    if not largest.first:
        return BIT_FOR_BIT if largest.values else NOTHING_RECORDED
    if largest.difference <= tolerance:
        return WITHIN_TOLERANCE
    if largest.noise is None and not repeats:
        return UNREPEATED
    # A program that differs from itself without bounds has no noise to measure by.
    if largest.noise is not None and np.isfinite(largest.noise) and largest.difference <= NOISE_FACTOR * largest.noise:
        return WITHIN_NOISE
    return DIFFERENT


def _noise(one: Run, other: Run) -> float:
    """What two runs of the same program differ by; without bounds if they did different things."""
    pair = _pair(one, other)
    return pair.difference if pair.same_shape else np.inf


def _pair(one: Run, other: Run) -> _Pair:
    """Two runs over the iterations that both have."""
    iterations = min(len(one.iterations), len(other.iterations))
    mine, theirs = (list(_recorded(run.results, iterations)) for run in (one, other))
    stop = next((at for at, (a, b) in enumerate(zip(mine, theirs)) if a != b), min(len(mine), len(theirs)))
    values = 0
    absolute = relative = difference = 0.0
    first: _Place | None = None
    same_shape = True
    for at, key in enumerate(mine[:stop]):
        a, b = one.results[key], other.results[key]
        values += a.size
        if a.dtype != b.dtype or a.shape != b.shape:
            same_shape = False
            first = first or _place(key, at, "", f"{_type(a)} against {_type(b)}")
            continue
        differences = _differences(a, b)
        if differences is not None:
            index, largest = differences
            absolute, relative, difference = (max(pair) for pair in zip((absolute, relative, difference), largest))
            first = first or _place(key, at, _index(index), f"{_shown(a[index])} against {_shown(b[index])}")
        elif not _same_rest(one.results, other.results, key):
            first = first or _place(key, at, "", f"differs behind the first {a.size} values, which are all that was kept")
    if len(mine) != len(theirs) or stop < len(mine):
        same_shape = False
        first = first or _other_calls(mine[stop:], theirs[stop:], stop)
    return _Pair(iterations, values, absolute, relative, difference, same_shape, first)


def _recorded(results: Results, iterations: int) -> Iterator[str]:
    """The keys of the first iterations, in the order of the calls, without the hashes of arrays that were cut short."""
    for key in results:
        if int(key.partition("/")[0]) < iterations and not _is_hash(results, key):
            yield key


def _is_hash(results: Results, key: str) -> bool:
    return key.endswith(_HASH) and key[: -len(_HASH)] in results


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
        relative, difference = (
            np.nan_to_num(values, nan=np.inf) for values in (absolute / size, absolute / np.maximum(size, 1.0))
        )
        absolute = np.nan_to_num(absolute, nan=np.inf, posinf=np.inf)
    return index, (float(absolute.max()), float(relative.max()), float(difference.max()))


def _place(key: str, at: int, index: str, what: str) -> _Place:
    iteration, number, call, name = (*key.split("/", 3), "", "", "")[:4]
    return _Place((int(iteration), at), f"iteration {iteration}, {_call(number, call)}, {name}{index}: {what}")


def _call(number: str, call: str) -> str:
    return call if number in {"", "0"} else f"{call} (call {int(number) + 1})"


def _other_calls(mine: Sequence[str], theirs: Sequence[str], at: int) -> _Place:
    """The place from which on the runs called other things."""
    keys = [keys[0].split("/", 3) if keys else None for keys in (mine, theirs)]
    iteration = min(int(key[0]) for key in keys if key)
    said = [f"{_call(key[1], key[2])}, {key[3]}" if key and int(key[0]) == iteration else "nothing more" for key in keys]
    return _Place((iteration, at), f"iteration {iteration}: {said[0]} against {said[1]}")


def _type(values: npt.NDArray[Any]) -> str:
    return f"{values.dtype} of shape {values.shape}"


def _index(index: tuple[int, ...]) -> str:
    return f"[{', '.join(map(str, index))}]" if index else ""


def _shown(value: Any) -> str:
    """A value with as many digits as tell it from its neighbours."""
    return str(value.item() if value.dtype.kind in "biuSU" else value)
