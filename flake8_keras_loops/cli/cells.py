"""The report of a notebook: what is found in the joined text of its cells, told by cell and line."""

from __future__ import annotations

import os
from dataclasses import replace

import flake8_keras_loops.fixes.rewrite as rewriting

from ..examine import AnalysisError
from ..files import encoding, notebook
from ..files.encoding import SourceError
from ..finding import Span
from ..fixes.outcome import Outcome, Settings
from ..report.record import FileReport, Reported
from ..semantics.modules import Modules
from .result import finished, not_written, shown


def examine(path: str, data: bytes, settings: Settings, project: Modules) -> FileReport:
    """Look for findings in a notebook and fix them in memory. Raises ``SourceError`` and ``AnalysisError``."""
    bom = b"\xef\xbb\xbf" if data.startswith(b"\xef\xbb\xbf") else b""
    decoded = encoding.decode_as(data, path, "utf-8", bom)
    read = notebook.read(decoded.text)
    try:
        rewritten = rewriting.rewrite(read.python, os.path.abspath(path), settings, project)
    except AnalysisError as error:
        if not error.line:
            raise
        where = notebook.place(read, error.line)
        return FileReport(path, errors=(f"{path}:cell {where.cell}:{where.line}: error: {error.reason}",))
    rewritten = replace(rewritten, abandoned=tuple(notebook.relocate(read, line) for line in rewritten.abandoned))
    found = tuple(_in_cell(read, outcome, path) for outcome in rewritten.outcomes)
    try:
        new = encoding.encode(decoded, notebook.write(read, rewritten.text))
    except SourceError as error:
        return not_written(FileReport(path, found), rewritten, str(error))
    return finished(FileReport(path, found), rewritten, data, new)


def _in_cell(read: notebook.Notebook, outcome: Outcome, path: str) -> Reported:
    """An outcome with the places of the joined text turned into places of a cell."""
    finding = outcome.finding
    built_at = finding.built_at
    if built_at is not None and built_at[0] == finding.path:
        built_at = (finding.path, notebook.place(read, built_at[1]).file_line)
    message = notebook.relocate(read, finding.message)
    changed = replace(finding, span=_span(read, finding.span), loop=_span(read, finding.loop), message=message, built_at=built_at)
    where = notebook.place(read, finding.line)
    objections = tuple(replace(each, reason=notebook.relocate(read, each.reason)) for each in outcome.objections)
    told = shown(replace(outcome, finding=changed, objections=objections), path)
    return Reported(told, where.cell, where.file_line)


def _span(read: notebook.Notebook, span: Span) -> Span:
    start, end = notebook.place(read, span.line, span.column), notebook.place(read, span.end_line, span.end_column)
    return Span(start.line, start.column, end.line, end.column)
