"""The report for people: a line a finding, and one that sums up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..finding import Applicability
from .record import FileReport, Reported, advice, helps, place


def render(reports: Iterable[FileReport]) -> str:
    """The lines of all findings that are left. Ends with a line end unless it is empty."""
    return "".join(f"{_line(reported)}\n" for report in reports for reported in report.left)


def _line(reported: Reported) -> str:
    """``train.py:3:13: KL101 message``, and below it ``fix: reuse``, or why there is none and what helps."""
    finding = reported.outcome.finding
    lines = [f"{place(reported)}: {finding.code} {finding.message}", f"    {advice(reported)}"]
    if cure := helps(reported):
        lines.append(f"    help: {cure}")
    return "\n".join(lines)


def summary(reports: Sequence[FileReport], files: int) -> str:
    """How much was found, and what ``--fix`` did or would do. ``reports``: at least those that say something; ``files``: how
    many there are in all."""
    found = [reported for report in reports for reported in report.found]
    if not found:
        failed = sum(bool(report.errors) for report in reports)
        others = f"; {_count(failed, 'file')} could not be looked at" if failed else ""
        return f"No findings in {_count(files - failed, 'file')}{others}."
    unsafe = sum(not each.outcome.applied and each.outcome.applicability is Applicability.UNSAFE for each in found)
    more = f", {unsafe} more with --unsafe-fixes" if unsafe else ""
    written = [report for report in reports if report.written and not report.is_new]
    new = [report.path for report in reports if report.is_new and (report.written or not written)]
    if written:
        fixed = len(found) - sum(len(report.left) for report in reports)
        where = _count(len(written), "file")
        modules = f" New: {', '.join(new)}." if new else ""
        left = f"{len(found) - fixed} left{more.replace(' more', ' fixable', 1)}"
        return f"Fixed {_count(fixed, 'finding')} in {where}; {left}.{modules}"
    where = _count(sum(bool(report.found) for report in reports), "file")
    fixable = sum(reported.outcome.applied for reported in found)
    modules = f", which writes {', '.join(new)} too" if new else ""
    return f"{_count(len(found), 'finding')} in {where}, {fixable} fixable with --fix{modules}{more}."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
