"""One file after the other, or several at once: bytes to a report, and reports to files."""

from __future__ import annotations

import concurrent.futures
import os
import re
import signal
from collections.abc import Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace

import flake8_keras_loops.codemod.rewrite as rewriting

from ..analysis.detect import AnalysisError
from ..analysis.project import Project
from ..codemod import notebook, source
from ..codemod.outcome import Outcome, Rewritten, Settings
from ..codemod.source import SourceError
from ..finding import Span
from ..report.record import FileReport, Reported

_FILES_A_WORKER = 32  # starting a process costs as much as looking through about so many files
_LINE = re.compile(r"line (\d+): ", re.ASCII)


def examine(path: str, settings: Settings, project: Project, data: bytes | None = None) -> FileReport:
    """Look for findings in one file and fix them in memory. ``data``: its bytes if they are not to be read from ``path``.

    Raises nothing: what goes wrong is in the report.
    """
    try:
        data = source.read_bytes(path) if data is None else data
        if path.endswith(".ipynb"):
            return _notebook(path, data, settings, project)
        return _python(path, data, settings, project)
    except (SourceError, AnalysisError) as error:
        return FileReport(path, errors=(located(path, str(error)),))
    except Exception as error:  # a mistake of ours must not end a run over a whole repository
        return FileReport(path, errors=(f"{path}: internal error, please report: {_short(error)}",))


def examine_all(paths: Sequence[str], settings: Settings, jobs: int) -> list[FileReport]:
    """:func:`examine` for many files, in their order. ``jobs``: processes, 0 for as many as are useful.

    Nothing is written meanwhile, so what one file says of another does not depend on which came first.
    """
    workers = _workers(jobs, len(paths))
    if workers < 2:
        project = Project(settings.options.src)
        return [examine(path, settings, project) for path in paths]
    with concurrent.futures.ProcessPoolExecutor(workers, initializer=_start, initargs=(settings,)) as pool:
        try:
            futures = [pool.submit(_examine, path) for path in paths]
            return [_result(path, future) for path, future in zip(paths, futures)]
        except KeyboardInterrupt:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def write(report: FileReport) -> FileReport:
    """Write a file's new bytes, if there are any. What goes wrong is in the report that comes back."""
    if not report.is_changed:
        return report
    try:
        source.write(report.path, report.old, report.new)
    except SourceError as error:
        return replace(report, errors=(*report.errors, located(report.path, str(error))))
    return replace(report, written=True)


def located(path: str, message: str) -> str:
    """An error with its place in front: ``train.py:3: error: invalid syntax`` for ``line 3: invalid syntax``."""
    found = _LINE.match(message)
    return f"{path}:{found[1]}: error: {message[found.end() :]}" if found else f"{path}: error: {message}"


# -- one file


def _python(path: str, data: bytes, settings: Settings, project: Project) -> FileReport:
    try:
        decoded = source.decode(data, path)
    except SourceError:
        if project.can_matter(data, os.path.abspath(path)):
            raise
        return FileReport(path)  # as with files that do not parse: nobody looks closer where there can be no finding
    rewritten = rewriting.rewrite(decoded.text, os.path.abspath(path), settings, project)
    found = tuple(Reported(_shown(outcome, path)) for outcome in rewritten.outcomes)
    try:
        new = source.encode(decoded, rewritten.text)
    except SourceError as error:
        return _not_written(FileReport(path, found), rewritten, str(error))
    return _report(FileReport(path, found), rewritten, data, new)


def _notebook(path: str, data: bytes, settings: Settings, project: Project) -> FileReport:
    bom = b"\xef\xbb\xbf" if data.startswith(b"\xef\xbb\xbf") else b""
    decoded = source.decode_as(data, path, "utf-8", bom)
    read = notebook.read(decoded.text)
    try:
        rewritten = rewriting.rewrite(read.python, os.path.abspath(path), settings, project)
    except AnalysisError as error:
        message = str(error)
        at = _LINE.match(message)
        if at is None:
            raise
        where = notebook.place(read, int(at[1]))
        return FileReport(path, errors=(f"{path}:cell {where.cell}:{where.line}: error: {message[at.end() :]}",))
    rewritten = replace(rewritten, abandoned=tuple(notebook.relocate(read, line) for line in rewritten.abandoned))
    found = tuple(_in_cell(read, outcome, path) for outcome in rewritten.outcomes)
    try:
        new = source.encode(decoded, notebook.write(read, rewritten.text))
    except SourceError as error:
        return _not_written(FileReport(path, found), rewritten, str(error))
    return _report(FileReport(path, found), rewritten, data, new)


def _report(report: FileReport, rewritten: Rewritten, old: bytes, new: bytes) -> FileReport:
    errors = tuple(f"{report.path}: error: fix abandoned: {line}" for line in rewritten.abandoned)
    return replace(report, errors=errors, old=old, new=new) if old != new else replace(report, errors=errors)


def _not_written(report: FileReport, rewritten: Rewritten, reason: str) -> FileReport:
    """The report of a file whose new text cannot be put into it: none of the fixes is applied."""
    found = tuple(replace(each, outcome=replace(each.outcome, applied=False)) for each in report.found)
    report = _report(replace(report, found=found), rewritten, b"", b"")
    return replace(report, errors=(*report.errors, f"{report.path}: error: {reason}"))


def _shown(outcome: Outcome, path: str) -> Outcome:
    """An outcome with paths as the user knows them."""
    finding = outcome.finding
    built_at = finding.built_at
    if built_at is not None:
        own = built_at[0] == finding.path
        built_at = (path if own else _relative(built_at[0]), built_at[1])
    return replace(outcome, finding=replace(finding, path=path, built_at=built_at))


def _in_cell(read: notebook.Notebook, outcome: Outcome, path: str) -> Reported:
    """An outcome with the places of the joined text turned into places of a cell."""
    finding = outcome.finding
    built_at = finding.built_at
    if built_at is not None and built_at[0] == finding.path:
        built_at = (finding.path, notebook.place(read, built_at[1]).file_line)
    message = notebook.relocate(read, finding.message)
    changed = replace(finding, span=_span(read, finding.span), loop=_span(read, finding.loop), message=message, built_at=built_at)
    where = notebook.place(read, finding.line)
    shown = _shown(replace(outcome, finding=changed, reason=notebook.relocate(read, outcome.reason)), path)
    return Reported(shown, where.cell, where.file_line)


def _span(read: notebook.Notebook, span: Span) -> Span:
    start, end = notebook.place(read, span.line, span.column), notebook.place(read, span.end_line, span.end_column)
    return Span(start.line, start.column, end.line, end.column)


def _relative(path: str) -> str:
    """A path from the working directory if it is below that."""
    below = os.path.join(os.path.abspath(os.curdir), "")
    return os.path.relpath(path) if path.startswith(below) else path


def _short(error: Exception) -> str:
    text = " ".join(f"{type(error).__name__}: {error}".split())
    return text if len(text) <= 300 else f"{text[:300]}..."


# -- several processes

_settings = Settings()
_project = Project()


def _start(settings: Settings) -> None:
    """Make a worker process ready. Ctrl-C is the parent's to handle."""
    global _settings, _project
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _settings = settings
    _project = Project(settings.options.src)


def _examine(path: str) -> FileReport:
    return examine(path, _settings, _project)


def _result(path: str, future: concurrent.futures.Future[FileReport]) -> FileReport:
    try:
        return future.result()
    except BrokenProcessPool:
        return FileReport(path, errors=(f"{path}: error: not looked at: a worker process was killed, for want of memory maybe",))


def _workers(jobs: int, files: int) -> int:
    if jobs:
        return min(jobs, files)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, files // _FILES_A_WORKER)
