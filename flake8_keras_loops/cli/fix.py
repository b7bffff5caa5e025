"""``keras-loop-fix``: reads the command line, prints, and sets the exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import replace

from ..files.discovery import collect, is_excluded
from ..files.encoding import one_line
from ..report import diff, github, json, sarif, text, work
from ..report.record import FileReport
from ..semantics.modules import Modules
from . import arguments
from .arguments import Run
from .streams import emit, show_any_name, silence

_STDIN = "stdin.py"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0 nothing found, 1 findings or changes, 2 an error, 130 after Ctrl-C."""
    show_any_name()
    try:
        run = arguments.parse(argv)
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 0
    try:
        return _from_stdin(run) if run.stdin else _from_files(run)
    except KeyboardInterrupt:
        emit(sys.stderr, "keras-loop-fix: interrupted\n")
        return 130
    except OSError as error:  # of no file: those are dealt with one by one. A full disk behind standard output, mostly
        silence(sys.stdout)
        emit(sys.stderr, f"keras-loop-fix: error: {one_line(error)}\n")
        return 2


def _from_files(run: Run) -> int:
    files = collect(run.paths, run.excludes)
    reports = work.examine_all(files.files, run.settings, run.jobs)
    if run.mode == "fix":
        reports = [work.write(report) for report in reports]
    reports = [*(FileReport("", errors=(error,)) for error in files.errors), *reports]
    _print_errors(reports)
    _print(run, reports)
    return _status(reports)


def _from_stdin(run: Run) -> int:
    """As the files, but that ``--fix`` prints the new source and the findings that are left go to standard error."""
    data = sys.stdin.buffer.read()
    name = run.stdin_filename or _STDIN
    if run.stdin_filename and is_excluded(name, run.excludes):
        report = FileReport(name)
    else:
        report = work.examine(name, run.settings, Modules(run.settings.options.src), data)
    if run.mode == "fix":
        report = replace(report, written=report.is_changed)
    _print_errors([report])
    if run.mode == "fix":
        if report.found or not report.errors:  # of what could not be read nothing is passed on
            emit(sys.stdout, report.new if report.is_changed else data)
        emit(sys.stderr, text.render([report], run.quiet))
    else:
        _print(run, [report])
    return _status([report])


def _print(run: Run, reports: Sequence[FileReport]) -> None:
    if run.mode == "diff":
        colour = diff.wants_colour(sys.stdout, os.environ)
        emit(sys.stdout, b"".join(diff.render(report, colour) for report in reports))
    if run.mode in {"diff", "check"}:
        if not run.quiet:
            emit(sys.stderr, text.summary(reports) + "\n")
    else:
        emit(sys.stdout, _render(run, reports))


def _render(run: Run, reports: Sequence[FileReport]) -> str:
    if run.output_format == "text":
        return text.render(reports, run.quiet)
    renderers = {"json": json.render, "github": github.render, "sarif": sarif.render}
    return renderers[run.output_format](reports)


def _print_errors(reports: Sequence[FileReport]) -> None:
    emit(sys.stderr, "".join(f"{error}\n" for report in reports for error in report.errors))


def _status(reports: Sequence[FileReport]) -> int:
    if any(report.errors for report in reports):
        return 2
    return 1 if any(report.found or report.is_changed for report in reports) else 0


if __name__ == "__main__":
    sys.exit(main())
