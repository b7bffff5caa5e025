"""From what became of a file's text to its report: paths as the user knows them, errors with their place."""

from __future__ import annotations

import os
from dataclasses import replace

from ..files.encoding import FileError
from ..fixes.outcome import Outcome, Rewritten
from ..report.record import FileReport


def located(path: str, error: FileError) -> str:
    """An error with its place in front: ``train.py:3: error: invalid syntax``."""
    return f"{path}:{error.line}: error: {error.reason}" if error.line else f"{path}: error: {error.reason}"


def finished(report: FileReport, rewritten: Rewritten, old: bytes, new: bytes) -> FileReport:
    """A report with what was abandoned, and with the old and the new bytes where they differ."""
    errors = tuple(f"{report.path}: error: fix abandoned: {line}" for line in rewritten.abandoned)
    return replace(report, errors=errors, old=old, new=new) if old != new else replace(report, errors=errors)


def not_written(report: FileReport, rewritten: Rewritten, reason: str) -> FileReport:
    """The report of a file whose new text cannot be put into it: none of the fixes is applied."""
    found = tuple(replace(each, outcome=replace(each.outcome, applied=False)) for each in report.found)
    report = finished(replace(report, found=found), rewritten, b"", b"")
    return replace(report, errors=(*report.errors, f"{report.path}: error: {reason}"))


def shown(outcome: Outcome, path: str) -> Outcome:
    """An outcome with paths as the user knows them."""
    finding = outcome.finding
    built_at = finding.built_at
    if built_at is not None:
        own = built_at[0] == finding.path
        built_at = (path if own else _relative(built_at[0]), built_at[1])
    return replace(outcome, finding=replace(finding, path=path, built_at=built_at))


def _relative(path: str) -> str:
    """A path from the working directory if it is below that."""
    below = os.path.join(os.path.abspath(os.curdir), "")
    return os.path.relpath(path) if path.startswith(below) else path
