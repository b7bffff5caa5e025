"""One file after the other, or several at once: bytes to a report, and reports to files."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import flake8_keras_loops.fixes.rewrite as rewriting

from ..examine import AnalysisError
from ..files import encoding
from ..files.encoding import SourceError
from ..fixes.outcome import Settings
from ..report.record import FileReport, Reported
from ..semantics.modules import Modules
from .result import finished, located, not_written, shown

if TYPE_CHECKING:
    from concurrent.futures import Future

_FILES_A_WORKER = 32  # starting a process costs as much as looking through about so many files


def examine(path: str, settings: Settings, project: Modules, data: bytes | None = None) -> FileReport:
    """Look for findings in one file and fix them in memory. ``data``: its bytes if they are not to be read from ``path``.

    Raises nothing: what goes wrong is in the report.
    """
    try:
        data = encoding.read_bytes(path) if data is None else data
        if path.endswith(".ipynb"):
            from . import cells  # few runs have notebooks

            return cells.examine(path, data, settings, project)
        return _python(path, data, settings, project)
    except (SourceError, AnalysisError) as error:
        return FileReport(path, errors=(located(path, error),))
    except Exception as error:  # a mistake of ours must not end a run over a whole repository
        return FileReport(path, errors=(f"{path}: internal error, please report: {_short(error)}",))


def examine_all(paths: Sequence[str], settings: Settings, jobs: int) -> list[FileReport]:
    """:func:`examine` for many files, in their order. ``jobs``: processes, 0 for as many as are useful.

    Nothing is written meanwhile, so what one file says of another does not depend on which came first.
    """
    workers = _workers(jobs, len(paths))
    if workers < 2:
        project = Modules(settings.options.src)
        return [examine(path, settings, project) for path in paths]
    from concurrent.futures import ProcessPoolExecutor  # one process does without

    with ProcessPoolExecutor(workers, initializer=_start, initargs=(settings,)) as pool:
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
        encoding.write(report.path, report.old, report.new)
    except SourceError as error:
        return replace(report, errors=(*report.errors, located(report.path, error)))
    return replace(report, written=True)


# -- one file


def _python(path: str, data: bytes, settings: Settings, project: Modules) -> FileReport:
    try:
        decoded = encoding.decode(data, path)
    except SourceError:
        if project.can_matter(data, os.path.abspath(path)):
            raise
        return FileReport(path)  # as with files that do not parse: nobody looks closer where there can be no finding
    rewritten = rewriting.rewrite(decoded.text, os.path.abspath(path), settings, project)
    found = tuple(Reported(shown(outcome, path)) for outcome in rewritten.outcomes)
    try:
        new = encoding.encode(decoded, rewritten.text)
    except SourceError as error:
        return not_written(FileReport(path, found), rewritten, str(error))
    return finished(FileReport(path, found), rewritten, data, new)


def _short(error: Exception) -> str:
    text = " ".join(f"{type(error).__name__}: {error}".split())
    return text if len(text) <= 300 else f"{text[:300]}..."


# -- several processes

_settings = Settings()
_project = Modules()


def _start(settings: Settings) -> None:
    """Make a worker process ready. Ctrl-C is the parent's to handle."""
    global _settings, _project
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _settings = settings
    _project = Modules(settings.options.src)


def _examine(path: str) -> FileReport:
    return examine(path, _settings, _project)


def _result(path: str, future: Future[FileReport]) -> FileReport:
    from concurrent.futures.process import BrokenProcessPool

    try:
        return future.result()
    except BrokenProcessPool:
        return FileReport(path, errors=(f"{path}: error: not looked at: a worker process was killed, for want of memory maybe",))


def _workers(jobs: int, files: int) -> int:
    if jobs:
        return min(jobs, files)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, files // _FILES_A_WORKER)
