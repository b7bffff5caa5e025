"""Which rules a run reports and fixes: the one place that decides it."""

from __future__ import annotations

from ..rules import RULES
from .outcome import Settings


def selected(code: str, settings: Settings) -> bool:
    """Whether a rule is on.

    The longest prefix in ``select`` or ``ignore`` that matches the code decides, ``ignore`` where both are equally long. A code
    that no prefix matches is on if nothing was selected and the rule is on by default.
    """
    chosen = _longest(code, settings.select)
    ignored = _longest(code, settings.ignore)
    if chosen < 0 and ignored < 0:
        return not settings.select and code in RULES and RULES[code].default
    return chosen > ignored


def unknown(prefixes: tuple[str, ...]) -> list[str]:
    """Those prefixes that stand for no rule at all."""
    return [prefix for prefix in prefixes if not prefix or not any(code.startswith(prefix) for code in RULES)]


def _longest(code: str, prefixes: tuple[str, ...]) -> int:
    """Length of the longest prefix that matches, -1 for none."""
    return max((len(prefix) for prefix in prefixes if code.startswith(prefix)), default=-1)
