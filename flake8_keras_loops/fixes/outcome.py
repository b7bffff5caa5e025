"""What a run is asked to do, and what became of each finding."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..checks.detect import Options
from ..finding import Applicability, Finding

STRATEGIES = ("reuse", "hoist", "clear", "clone", "nojit")


@dataclass(frozen=True)
class Settings:
    """``strategy``: ``auto`` or one of :data:`STRATEGIES`. ``unsafe``: apply unsafe fixes too. ``same_weights``: every iteration
    may start from the same weights. ``helper_module``: import the helper from this module instead of writing it into the
    file. ``select``/``ignore``: prefixes of codes, the longest that matches decides; an empty ``select`` stands for the rules
    that are on by default. ``options``: those of the analysis.
    """

    strategy: str = "auto"
    unsafe: bool = False
    same_weights: bool = False
    helper_module: str = ""
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    options: Options = field(default_factory=Options)


@dataclass(frozen=True)
class Outcome:
    """A finding and what became of it.

    ``strategy``: the fix there is for it, ``""`` for none. ``applicability``: of that fix. ``reason``: one line, why the fix is
    not safe or why there is none; ``""`` for a safe fix. ``applied``: the fix is in the new text.
    """

    finding: Finding
    strategy: str
    applicability: Applicability
    reason: str
    applied: bool


@dataclass(frozen=True)
class Rewritten:
    """A file's new ``text``, equal to the old where nothing was fixed; its findings; fixes that were begun and ``abandoned``
    because what they wrote did not hold up (one line each)."""

    text: str
    outcomes: tuple[Outcome, ...] = ()
    abandoned: tuple[str, ...] = ()
