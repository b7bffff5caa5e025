"""A whole campaign: inputs and what is asked in, an output folder and a summary out."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from . import cluster, tables
from .cluster import Machine
from .repository import Asked, Repository, Result
from .results import Results
from .tables import InputError

_PART_SECONDS, _PART_REPOSITORIES, _PART_BYTES = 30.0, 500, 32 << 20  # whichever comes first


@dataclass(frozen=True)
class Inputs:
    """``tables``: Parquet files. ``folders``: repositories, to be read where they are."""

    tables: tuple[str, ...]
    folders: tuple[Repository, ...]


@dataclass(frozen=True)
class Summary:
    """How many repositories there were, how many of them an earlier run had done, in how many something was wrong, and how many
    findings and fixes there are in all of them."""

    repositories: int = 0
    known: int = 0
    findings: int = 0
    fixes: int = 0
    wrong: int = 0

    @property
    def status(self) -> int:
        """As that of ``keras-loop-fix``: 2 for an error, 1 for findings, 0 for none."""
        return 2 if self.wrong else int(bool(self.findings))


def inputs(paths: tuple[str, ...], parents: tuple[str, ...]) -> Inputs:
    """What there is under paths, and in the sub-folders of ``parents``, of which each is a repository. Raises
    :class:`InputError`."""
    files: list[str] = []
    folders: list[str] = []
    for path in paths:
        found = tables.parquet_files(path)
        files += found
        folders += [] if found else [path]
    for parent in parents:
        try:
            names = sorted(entry.name for entry in os.scandir(parent) if entry.is_dir() and not entry.name.startswith("."))
        except OSError as error:
            raise InputError(f"{parent}: {error.strerror}") from None
        folders += [os.path.join(parent, name) for name in names]
    named: dict[str, str] = {}
    for folder in dict.fromkeys(map(os.path.abspath, folders)):
        name = os.path.basename(folder)
        if name in named:
            raise InputError(f"{folder}: a second repository of the name {name}, beside {named[name]}")
        named[name] = folder
    if not files and not named:
        raise InputError("no repository is given")
    return Inputs(tuple(files), tuple(Repository(name, folder) for name, folder in named.items()))


def run(given: Inputs, output: str, asked: Asked, machine: Machine, say: Callable[[str], None]) -> Summary:
    """Look at all repositories of which there is no result yet, and write the results as they come. ``say`` is told how it goes.

    Raises :class:`InputError`, :class:`~.results.OutputError`, ``OSError``, and what Ray raises; what was found until then is
    written.
    """
    found = tables.planned(given.tables)
    written = Results(output)
    summary = Summary()
    waiting: list[Result] = []

    def flush() -> None:
        if waiting:
            written.add(waiting)
            waiting.clear()
            say(f"{summary.repositories} repositories, {summary.findings} findings")

    try:
        with cluster.started(machine) as scratch:
            since = time.monotonic()
            size = 0
            for stream in _streams(given, found, machine):
                for result in cluster.results(stream, asked, scratch, written.known, machine):
                    summary = _counted(summary, result, written)
                    if not result.known:
                        waiting.append(result)
                        size += len(result.patch) + 1000 * len(result.findings)
                    if len(waiting) >= _PART_REPOSITORIES or size > _PART_BYTES or time.monotonic() > since + _PART_SECONDS:
                        flush()
                        since, size = time.monotonic(), 0
    finally:
        flush()
        written.close()
    return summary


def shown(summary: Summary) -> str:
    """A summary in one line."""
    earlier = f" ({summary.known} of them done before)" if summary.known else ""
    wrong = f", errors in {_counted_as(summary.wrong, 'repository', 'repositories')}" if summary.wrong else ""
    looked_at = _counted_as(summary.repositories, "repository", "repositories")
    findings, fixes = _counted_as(summary.findings, "finding"), _counted_as(summary.fixes, "fix", "fixes")
    return f"{looked_at}{earlier}: {findings}, {fixes}{wrong}"


def _counted_as(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def _streams(given: Inputs, found: tables.Tables, machine: Machine) -> Iterator[Any]:
    if given.folders:
        yield cluster.of_folders(given.folders)
    if given.tables:
        yield cluster.of_tables(found, machine) if found.is_grouped else cluster.sorted_tables(found)


def _counted(summary: Summary, result: Result, written: Results) -> Summary:
    findings, fixes, errors = len(result.findings), result.fixes, len(result.errors)
    if result.known:
        done = written.of(result)
        findings, fixes, errors = done.findings, done.fixes, done.errors
    return Summary(
        summary.repositories + 1,
        summary.known + result.known,
        summary.findings + findings,
        summary.fixes + fixes,
        summary.wrong + bool(errors),
    )
