"""``keras-loop-fix``: reads the command line, prints, and sets the exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import replace

from ..files.discovery import collect, is_excluded
from ..report import diff, github, json, sarif, text, work
from ..report.order import Order
from ..report.record import FileReport
from ..report.workers import examine_each, undisturbed
from ..semantics.modules import Modules
from . import arguments, progress
from .arguments import Run
from .shell import emit, guarded

#: The formats that say something of one file after the other, so that each can be printed when its turn comes.
_LINES: dict[str, Callable[[Iterable[FileReport]], str]] = {"text": text.render, "github": github.render}
_DOCUMENTS: dict[str, Callable[[Sequence[FileReport]], str]] = {"json": json.render, "sarif": sarif.render}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0 nothing found, 1 findings or changes, 2 an error, 130 after Ctrl-C, 143 after
    ``SIGTERM``."""
    return guarded("keras-loop-fix", lambda: _fix(arguments.parse(argv)))


def _fix(run: Run) -> int:
    return _fix_stdin(run) if run.stdin else _fix_files(run)


def _fix_stdin(run: Run) -> int:
    report = _from_stdin(run)
    if run.mode != "fix":
        return _finish(run, [report], 1)
    _print_errors([report])
    if report.found or not report.errors:  # of what could not be read nothing is passed on
        emit(sys.stdout, report.new)
    emit(sys.stderr, text.render([report]) + _summary(run, [report], 1))
    return _status([report])


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


def _fix_files(run: Run) -> int:
    """Print what is found, where that can be as it is found, and write, where that is asked for, once all is found."""
    files = collect(run.paths, run.excludes)
    project = Modules(run.settings.options.src)
    order = Order(files.files, run.settings, project)
    reports = [FileReport("", errors=(error,)) for error in files.errors]
    total, printed = len(reports) + len(files.files), 0
    try:
        if _is_early(run):
            _print_lines(reports, run)
            printed = len(reports)
        with closing(_looked_at(run, files.files, order, project)) as looked_at:
            for bar in looked_at:
                for report in order.ready() if _is_early(run) else ():
                    with undisturbed(), bar.hidden():  # what has been printed is not printed again after Ctrl-C
                        _print_lines([report], run)
                        reports.append(report)
                        printed += 1
        if not _is_early(run):
            reports += work.with_modules(order.all())
        if run.mode == "fix":
            with undisturbed() as is_waiting:  # when the signal comes through, it is known what has been written
                reports = work.write_all(reports, is_waiting)
    except KeyboardInterrupt:
        reports += order.rest()
        note = _interrupted(run, reports, order.missing, len(files.files))
        _finish(run, reports, total - order.missing, printed, note)
        raise KeyboardInterrupt(*filter(None, [note])) from None
    return _finish(run, reports, total, printed)


def _looked_at(run: Run, paths: Sequence[str], order: Order, project: Modules) -> Generator[progress.Bar, None, None]:
    """Have the files looked at: a step whenever the order has got a report. Gives the progress bar, to be hidden for output."""
    is_shown = not run.quiet and progress.is_wanted(sys.stderr, os.environ)
    bar = progress.Bar(len(paths), sys.stderr if is_shown else None)
    with closing(bar), closing(examine_each(paths, run.settings, run.jobs, project)) as looked_at:
        for number, report in looked_at:
            order.add(number, report)
            yield bar
            bar.show(len(paths) - order.missing)


def _interrupted(run: Run, reports: Sequence[FileReport], missing: int, files: int) -> str:
    """What a run that was interrupted has not done."""
    if missing:
        return f"{missing} of {files} files were not looked at{', nothing was written' if run.mode == 'fix' else ''}"
    changed = [report for report in reports if report.is_changed and not report.errors]
    unwritten = sum(not report.written for report in changed)
    return f"{unwritten} of {len(changed)} files were not written" if unwritten and run.mode == "fix" else ""


# -- what is printed


def _is_early(run: Run) -> bool:
    """Whether what is said of a file can be printed before the others are done."""
    return run.mode == "report" and run.output_format in _LINES


def _finish(run: Run, reports: list[FileReport], files: int, printed: int = 0, note: str = "") -> int:
    """Print what has not been printed of the reports, and give the exit status. ``note``: what else a document has to say."""
    if run.mode in {"diff", "check"}:
        _print_errors(reports)
        if run.mode == "diff":
            colour = diff.wants_colour(sys.stdout, os.environ)
            emit(sys.stdout, b"".join(diff.render(report, colour) for report in reports))
        emit(sys.stderr, _summary(run, reports, files))
    elif run.output_format in _LINES:
        _print_lines(reports[printed:], run)
        if run.output_format == "text":
            emit(sys.stdout, _summary(run, work.with_modules(reports) if _is_early(run) else reports, files))
    else:
        _print_errors(reports)
        emit(sys.stdout, _DOCUMENTS[run.output_format]([*reports, FileReport("", errors=(note,))] if note else reports))
    return _status(reports)


def _status(reports: Sequence[FileReport]) -> int:
    if any(report.errors for report in reports):
        return 2
    return 1 if any(report.found or report.is_changed for report in reports) else 0


def _print_errors(reports: Sequence[FileReport]) -> None:
    emit(sys.stderr, "".join(f"{error}\n" for report in reports for error in report.errors))


def _print_lines(reports: Sequence[FileReport], run: Run) -> None:
    _print_errors(reports)
    emit(sys.stdout, _LINES[run.output_format](reports))


def _summary(run: Run, reports: Sequence[FileReport], files: int) -> str:
    return "" if run.quiet else text.summary(reports, files) + "\n"


if __name__ == "__main__":
    sys.exit(main())
