"""What a run is asked to do, and what became of each finding."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from ..checks import cures
from ..examine import Options
from ..finding import Applicability, Finding
from ..rules import OF_FIXER

STRATEGIES = ("reuse", "hoist", "clear", "clone", "nojit", "process")


@dataclass(frozen=True)
class Settings:
    """``strategy``: ``auto`` or one of :data:`STRATEGIES`. ``unsafe``: apply unsafe fixes too. ``same_weights``: every iteration
    may start from the same weights. ``helper_module``: import helpers from this module instead of writing them into the file.
    ``select``/``ignore``: prefixes of codes, the longest that matches decides; an empty ``select`` stands for all rules.
    ``enable``: the opt-in rules that are on. ``options``: those of the analysis.
    """

    strategy: str = "auto"
    unsafe: bool = False
    same_weights: bool = False
    helper_module: str = ""
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    enable: tuple[str, ...] = OF_FIXER
    options: Options = field(default_factory=Options)


class Severity(Enum):
    """What an objection comes to: with ``REFUSED`` a fix would be wrong, with ``UNSAFE`` it is not known to be right."""

    REFUSED = "refused"
    UNSAFE = "unsafe"


@dataclass(frozen=True)
class Objection:
    """Why there is no fix, or an unsafe one: one line, how much it weighs, and where in the text it comes from, if that is known
    (line from 1, column in bytes). ``cure``: what helps instead, ``""`` where that is what the finding says."""

    reason: str
    severity: Severity
    place: tuple[int, int] | None = None
    cure: str = ""


@dataclass(frozen=True)
class Outcome:
    """A finding and what became of it.

    ``strategy``: the fix there is for it, tried and found to hold up, ``""`` for none. ``objections``: why the fix is not safe,
    or why there is none; empty for a safe fix. ``applied``: the fix is in the new text. ``elsewhere``: the path of the other file
    whose text that is, or would be if that file were fixed too.
    """

    finding: Finding
    strategy: str
    objections: tuple[Objection, ...]
    applied: bool
    elsewhere: str = ""

    @property
    def applicability(self) -> Applicability:
        """Whether the fix may be applied."""
        if not self.strategy:
            return Applicability.DISPLAY
        return Applicability.UNSAFE if self.objections else Applicability.SAFE

    @property
    def cure(self) -> str:
        """What helps where there is no fix, or an unsafe one: one line."""
        own = self.finding.cure
        found = next((objection.cure for objection in self.objections if objection.cure), own)
        if found == cures.CLEAR and self.finding.code == "KL107":  # which is done already
            return cures.PROCESS_ALONE
        is_as_good = own in cures.WITHOUT_A_LOOP or (found == cures.CLEAR and own != cures.KEEP)
        return own if is_as_good else found

    @property
    def reason(self) -> str:
        """All objections in one line, ``""`` for none."""
        return "; ".join(dict.fromkeys(objection.reason for objection in self.objections))


@dataclass(frozen=True)
class Rewritten:
    """A file's new ``text``, equal to the old where nothing was fixed, and its findings.

    ``imported``: the helper functions that the new text needs from the helper module. ``of_callers``: the findings of other files
    that the text was fixed for too.
    """

    text: str
    outcomes: tuple[Outcome, ...] = ()
    imported: frozenset[str] = frozenset()
    of_callers: tuple[Outcome, ...] = ()


@dataclass(frozen=True)
class Caller:
    """A file whose loops call functions of another one: its text, and its absolute path."""

    text: str
    path: str
