"""Files in, reports out: one after the other, or several at once; and what reports say of the files, into them."""

from __future__ import annotations

import os
import signal
import textwrap
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING

import flake8_keras_loops.fixes.rewrite as rewriting

from ..examine import AnalysisError
from ..files import encoding
from ..files.discovery import Excludes, collect
from ..files.encoding import FileError, SourceError
from ..files.module_place import place_of, shown
from ..finding import Finding, Span
from ..fixes.helpers import module_text, why_not_imported
from ..fixes.outcome import Caller, Outcome, Settings
from ..semantics.modules import Modules
from .record import FileReport, Reported

if TYPE_CHECKING:
    from concurrent.futures import Future

    from ..files.notebook import Notebook

_FILES_A_WORKER = 32  # starting a process costs as much as looking through about so many files


def examine(
    path: str, settings: Settings, project: Modules, data: bytes | None = None, callers: Sequence[str] = ()
) -> FileReport:
    """Look for findings in one file and fix them in memory. ``data``: its bytes if they are not to be read from ``path``; no
    helper module is then written for it.

    ``callers``: the files whose loops call functions of this one, which is fixed for them too. Raises nothing: what goes wrong is
    in the report.
    """
    try:
        if data is None:
            return _examined(path, encoding.read_bytes(path), settings, project, callers)
        return _examined(path, data, settings, project, callers, may_write=False)
    except FileError as error:
        return FileReport(path, errors=(_located(path, error),))
    except Exception as error:  # a mistake of ours must not end a run over a whole repository
        what = textwrap.shorten(f"{type(error).__name__}: {error}", 300, placeholder="...")
        return FileReport(path, errors=(f"{path}: internal error, please report: {what}",))


def examine_all(paths: Sequence[str], settings: Settings, jobs: int) -> list[FileReport]:
    """:func:`examine` for many files, in their order. ``jobs``: processes, 0 for as many as are useful.

    Nothing is written meanwhile, so what one file says of another does not depend on which came first. Each file is looked at by
    itself; then those with functions that loops of others call are looked at again, for these loops too.
    """
    return _with_callers(_examine_each(paths, settings, jobs), settings)


def examine_tree(paths: Sequence[str], excludes: Excludes, settings: Settings, jobs: int) -> list[FileReport]:
    """:func:`examine_all` for files and what directories hold, with the helper modules that are still to be written.

    What cannot be read is an error in a report without a path. ``jobs``: processes, 0 for as many as are useful.
    """
    files = collect(tuple(paths), excludes)
    return [
        *(FileReport("", errors=(error,)) for error in files.errors),
        *with_modules(examine_all(files.files, settings, jobs)),
    ]


def _examine_each(paths: Sequence[str], settings: Settings, jobs: int) -> list[FileReport]:
    workers = _workers(jobs, len(paths))
    if workers < 2:
        project = Modules(settings.options.src)
        return [examine(path, settings, project) for path in paths]
    from concurrent.futures import ProcessPoolExecutor  # one process does without

    # Ctrl-C is the parent's to handle.
    with ProcessPoolExecutor(workers, initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_IGN)) as pool:
        try:
            futures = [pool.submit(_examine_in_worker, path, settings) for path in paths]
            return [_result(path, future) for path, future in zip(paths, futures)]
        except KeyboardInterrupt:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def with_modules(reports: Sequence[FileReport]) -> list[FileReport]:
    """The reports, and each helper module that is still to be written, once, before the first file that imports it."""
    found: list[FileReport] = []
    modules = {""}
    for report in reports:
        if report.module not in modules:
            modules.add(report.module)
            found.append(FileReport(shown(report.module), new=module_text().encode(), is_new=True))
        found.append(report)
    return found


def write_all(reports: Sequence[FileReport]) -> list[FileReport]:
    """Write the new bytes of the files of a run that have any. What goes wrong is in the reports that come back.

    No file is rewritten to import a module that could not be written, and no module is left that no file imports.
    """
    done = [write(report) if report.is_new else report for report in reports]
    missing = {os.path.abspath(report.path) for report in done if report.is_new and not report.written}
    done = [report if report.is_new or report.module in missing else write(report) for report in done]
    used = {report.module for report in done if report.written}
    done = [_withdrawn(report) if report.is_new and os.path.abspath(report.path) not in used else report for report in done]
    written = {report.path for report in done if report.written}
    return [replace(report, found=tuple(replace(each, written=each.into in written) for each in report.found)) for report in done]


def write(report: FileReport) -> FileReport:
    """Write a file's new bytes, if there are any. What goes wrong is in the report that comes back."""
    if not report.is_changed:
        return report
    try:
        if report.is_new:
            encoding.create(report.path, report.new)
        else:
            encoding.write(report.path, report.old, report.new)
    except SourceError as error:
        return replace(report, errors=(*report.errors, _located(report.path, error)))
    return replace(report, written=True)


def _withdrawn(report: FileReport) -> FileReport:
    """A new module, taken away again."""
    if report.written:
        with suppress(OSError):
            os.unlink(report.path)
    return replace(report, written=False)


# -- one file


def _examined(
    path: str, data: bytes, settings: Settings, project: Modules, callers: Sequence[str], may_write: bool = True
) -> FileReport:
    where, module = os.path.abspath(path), settings.helper_module
    is_notebook = path.endswith(".ipynb")
    try:
        source = encoding.decode(data, "utf-8" if is_notebook else "")
    except SourceError:
        if is_notebook or project.can_matter(data, where):
            raise
        return FileReport(path)  # as with files that do not parse: nobody looks closer where there can be no finding
    notebook: Notebook | None = None
    into: Callable[[str], str] = str  # what stands in the file for a new text
    if is_notebook:
        from ..files import notebook as notebooks  # few runs have any

        notebook = notebooks.read(source.text)
        into = partial(notebooks.write, notebook)
    text = notebook.python if notebook else source.text

    def written(new: str) -> bytes:
        """The file's bytes with a new text. Raises ``SourceError`` where its encoding or its cells cannot hold that."""
        return encoding.encode(source, into(new))

    named = {os.path.abspath(caller): caller for caller in callers}
    texts = [Caller(encoding.decode(encoding.read_bytes(caller)).text, place) for place, caller in named.items()]
    more = {"callers": texts} if texts else {}
    try:
        reason = partial(why_not_imported, dotted=module, importer=where, project=project, may_write=may_write)
        rewritten = rewriting.rewrite(text, where, settings, project, written, reason, **more)
    except AnalysisError as error:
        if not notebook or not error.line:
            raise
        cell = notebook.place(error.line)
        return FileReport(path, errors=(_located(f"{path}:cell {cell.cell}", AnalysisError(error.reason, cell.line)),))
    found = [_reported(outcome, path, notebook) for outcome in rewritten.outcomes]
    new = written(rewritten.text)
    of_callers = (replace(_reported(each, named[each.finding.path], None), into=path) for each in rewritten.of_callers)
    report = FileReport(path, tuple(found), of_callers=tuple(of_callers))
    if new == data:
        return report
    place = place_of(project, where, module) if rewritten.imported else None
    return replace(report, old=data, new=new, module=place.path if place and not place.is_there else "")


def _located(path: str, error: FileError) -> str:
    """An error with its place in front: ``train.py:3: error: invalid syntax``."""
    return f"{path}:{error.line}: error: {error.reason}" if error.line else f"{path}: error: {error.reason}"


def _reported(outcome: Outcome, path: str, notebook: Notebook | None) -> Reported:
    """An outcome with paths as the user knows them and, of a notebook, with places in its cells."""
    finding = replace(outcome.finding, path=path, built_at=_built_at(outcome.finding, path, notebook))
    if notebook is None:
        return Reported(replace(outcome, finding=finding))
    span, loop = (_in_cell(notebook, each) for each in (finding.span, finding.loop))
    told = replace(finding, span=span, loop=loop, message=notebook.relocate(finding.message))
    objections = tuple(replace(each, reason=notebook.relocate(each.reason)) for each in outcome.objections)
    where = notebook.place(finding.line)
    return Reported(replace(outcome, finding=told, objections=objections), where.cell, where.file_line)


def _built_at(finding: Finding, path: str, notebook: Notebook | None) -> tuple[str, int] | None:
    if finding.built_at is None:
        return None
    file, line = finding.built_at
    if file == finding.path:
        return (path, notebook.place(line).file_line if notebook else line)
    is_below = file.startswith(os.path.join(os.path.abspath(os.curdir), ""))
    return (os.path.relpath(file) if is_below else file, line)


def _in_cell(notebook: Notebook, span: Span) -> Span:
    start, end = notebook.place(span.line, span.column), notebook.place(span.end_line, span.end_column)
    return Span(start.line, start.column, end.line, end.column)


# -- loops that call functions of other files


def _with_callers(reports: list[FileReport], settings: Settings) -> list[FileReport]:
    """The reports with the fixes that files get for the loops of others, in the order of the files."""
    places = {os.path.abspath(report.path): number for number, report in enumerate(reports)}
    callers: dict[int, dict[str, None]] = {}
    for report in reports:
        for reported in report.found:
            number = places.get(reported.outcome.elsewhere)
            if number is not None and not reports[number].errors:
                callers.setdefault(number, {})[report.path] = None
    reports, found = list(reports), dict[tuple[str, object], Reported]()
    for number in sorted(callers):
        again = examine(reports[number].path, settings, Modules(settings.options.src), callers=tuple(callers[number]))
        if again.errors:
            reports[number] = replace(reports[number], errors=again.errors)
        else:
            reports[number] = again
            found.update(((each.outcome.finding.path, _key(each)), each) for each in again.of_callers)
    return [
        replace(report, found=tuple(found.get((report.path, _key(each)), each) for each in report.found)) for report in reports
    ]


def _key(reported: Reported) -> tuple[Span, str]:
    return reported.outcome.finding.span, reported.outcome.finding.code


# -- several processes

_modules = cache(Modules)  # of a worker


def _examine_in_worker(path: str, settings: Settings) -> FileReport:
    return examine(path, settings, _modules(settings.options.src))


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
