"""What a run has to say of each file: what every format of the report is made from."""

from __future__ import annotations

from dataclasses import dataclass

from ..checks import cures
from ..finding import Applicability
from ..fixes.outcome import Outcome


@dataclass(frozen=True)
class Reported:
    """An outcome as it is shown: the path of its finding as the user gave it.

    ``cell``: for a notebook, the cell, from 1; the finding's lines then count in that cell. ``file_line``: the line of the
    notebook's JSON. ``into``: the path of the other file that the fix changes, ``""`` for the file itself. ``written``: that
    other file has been written.
    """

    outcome: Outcome
    cell: int = 0
    file_line: int = 0
    into: str = ""
    written: bool = False


@dataclass(frozen=True)
class FileReport:
    """``path``: as the user gave it. ``errors``: for standard error, one line each, with the place. ``old`` and ``new``: the
    file's bytes, both empty where nothing changes. ``written``: the new ones are in the file. ``of_callers``: findings of other
    files that its fixes are for too. ``module``: of a changed file, the path of the helper module that it imports and that is
    still to be written. ``is_new``: this is such a module."""

    path: str
    found: tuple[Reported, ...] = ()
    errors: tuple[str, ...] = ()
    old: bytes = b""
    new: bytes = b""
    written: bool = False
    module: str = ""
    is_new: bool = False
    of_callers: tuple[Reported, ...] = ()

    @property
    def is_changed(self) -> bool:
        """Whether the fixes change anything."""
        return self.old != self.new

    @property
    def says_something(self) -> bool:
        """Whether there is anything to report: nothing is of most files."""
        return bool(self.found or self.errors or self.is_changed)

    @property
    def left(self) -> list[Reported]:
        """The findings that the file still has."""
        return [reported for reported in self.found if not self.is_fixed(reported)]

    def is_fixed(self, reported: Reported) -> bool:
        """Whether the fix of one of its findings has been written."""
        return reported.outcome.applied and (reported.written if reported.into else self.written)


def columns(reported: Reported) -> tuple[int, int]:
    """First column of a finding and the one behind its last, from 1 as flake8 prints them."""
    span = reported.outcome.finding.span
    return span.column + 1, span.end_column + 1


def place(reported: Reported) -> str:
    """``train.py:12:5``, or ``train.ipynb:cell 3:12:5``."""
    finding = reported.outcome.finding
    cell = f"cell {reported.cell}:" if reported.cell else ""
    return f"{finding.path}:{cell}{finding.line}:{columns(reported)[0]}"


def advice(reported: Reported) -> str:
    """What can be done about a finding: ``fix: reuse``, ``fix: reuse, in folds.py``, ``unsafe fix: hoist; <reason>``,
    ``no fix: <reason>``."""
    outcome = reported.outcome
    fix = f"{outcome.strategy}, in {reported.into}" if reported.into else outcome.strategy
    if outcome.applicability is Applicability.UNSAFE:
        return f"unsafe fix: {fix}; {outcome.reason}"
    if outcome.applicability is Applicability.SAFE:
        return f"fix: {fix}"
    return f"no fix: {outcome.reason}"


def helps(reported: Reported) -> str:
    """What helps, ``""`` where the fix does that."""
    outcome = reported.outcome
    if outcome.cure in cures.WITHOUT_A_LOOP or not outcome.strategy:
        return outcome.cure
    return outcome.cure if outcome.applicability is Applicability.UNSAFE and outcome.cure != cures.KEEP else ""
