"""Seconds, bytes and ratios as people read them."""

from __future__ import annotations

import math

from ..judge.estimate import Estimate

#: For what was not to be had.
MISSING = "n/a"


def seconds(value: float | None) -> str:
    """A time: ``12.3 s``, ``266 ms``, ``0.812 ms``."""
    if value is None or not math.isfinite(value):
        return MISSING
    return f"{digits(value, 3)} s" if abs(value) >= 0.9995 else f"{digits(value * 1e3, 3)} ms"


def size(value: float | None) -> str:
    """Memory: ``7.7 MB``, ``12 kB``, in units of a thousand."""
    if value is None or not math.isfinite(value):
        return MISSING
    for unit, name in ((1e9, "GB"), (1e6, "MB")):
        if abs(value) >= 0.9995 * unit:
            return f"{digits(value / unit)} {name}"
    return f"{digits(value / 1e3)} kB"


def times(value: float | None) -> str:
    """A ratio: ``13.4x``."""
    return MISSING if value is None or not math.isfinite(value) else f"{digits(value, 3)}x"


def interval(ratio: Estimate | None) -> str:
    """A ratio with its interval: ``13.4x [12.9, 14.1]``."""
    if ratio is None:
        return MISSING
    if ratio.low is None or ratio.high is None:
        return times(ratio.value)
    return f"{times(ratio.value)} [{digits(ratio.low, 3)}, {digits(ratio.high, 3)}]"


def digits(value: float, number: int = 2) -> str:
    """A number with so many significant digits, three above a hundred; a millionth and less is 0."""
    if abs(value) < 1e-6:
        return "0"
    number = max(number, min(3, len(str(int(abs(value))))))
    exponent = int(f"{value:.{number - 1}e}".partition("e")[2])  # after rounding: 0.9999 is 1.0
    places = max(0, number - 1 - exponent)
    return f"{value:,.{places}f}" if abs(value) >= 1e-3 else f"{value:.{number - 1}e}"
