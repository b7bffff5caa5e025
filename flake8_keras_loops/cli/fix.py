"""``keras-loop-fix``: reads the command line, prints, and sets the exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import replace

from ..files.discovery import is_excluded
from ..report import diff, github, json, sarif, text, work
from ..report.record import FileReport
from ..semantics.modules import Modules
from . import arguments
from .arguments import Run
from .shell import emit, guarded


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0 nothing found, 1 findings or changes, 2 an error, 130 after Ctrl-C."""
    return guarded("keras-loop-fix", lambda: _fix(arguments.parse(argv)))


def _fix(run: Run) -> int:
    reports = [_from_stdin(run)] if run.stdin else _from_files(run)
    emit(sys.stderr, "".join(f"{error}\n" for report in reports for error in report.errors))
    if run.mode == "diff":
        colour = diff.wants_colour(sys.stdout, os.environ)
        emit(sys.stdout, b"".join(diff.render(report, colour) for report in reports))
    if run.mode in {"diff", "check"}:
        if not run.quiet:
            emit(sys.stderr, text.summary(reports) + "\n")
    elif run.mode == "fix" and run.stdin:
        if reports[0].found or not reports[0].errors:  # of what could not be read nothing is passed on
            emit(sys.stdout, reports[0].new)
        emit(sys.stderr, text.render(reports, run.quiet))
    else:
        emit(sys.stdout, _render(run, reports))
    if any(report.errors for report in reports):
        return 2
    return 1 if any(report.found or report.is_changed for report in reports) else 0


def _from_files(run: Run) -> list[FileReport]:
    reports = work.examine_tree(run.paths, run.excludes, run.settings, run.jobs)
    return work.write_all(reports) if run.mode == "fix" else reports


def _from_stdin(run: Run) -> FileReport:
    """As a file, but what is to be printed is in the report whether it has changed or not."""
    data = sys.stdin.buffer.read()
    (name,) = run.paths
    report = FileReport(name)
    if not (run.stdin_filename and is_excluded(name, run.excludes)):
        report = work.examine(name, run.settings, Modules(run.settings.options.src), data)
    if report.is_changed:
        return replace(report, written=run.mode == "fix")
    return replace(report, old=data, new=data)


def _render(run: Run, reports: Sequence[FileReport]) -> str:
    if run.output_format == "text":
        return text.render(reports, run.quiet)
    renderers = {"json": json.render, "github": github.render, "sarif": sarif.render}
    return renderers[run.output_format](reports)


if __name__ == "__main__":
    sys.exit(main())
