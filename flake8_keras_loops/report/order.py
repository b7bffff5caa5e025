"""Reports in the order of their files, each as soon as nothing that is still to come can change it.

A file with a function that the loops of others call is looked at again with these loops, which may change what is said of it and
of them. So what is said of a file waits for the files whose imports lead to it, or to the function that it calls.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace

from ..finding import Span
from ..fixes.outcome import Settings
from ..semantics.modules import Modules
from .record import FileReport, Reported
from .work import examine
from .workers import examine_each


def examine_all(paths: Sequence[str], settings: Settings, jobs: int) -> list[FileReport]:
    """The reports of many files that say something, in their order. ``jobs``: see :func:`.workers.examine_each`."""
    project = Modules(settings.options.src)
    order = Order(paths, settings, project)
    with closing(examine_each(paths, settings, jobs, project)) as looked_at:
        for number, report in looked_at:
            order.add(number, report)
    return order.all()


class Order:
    """The reports of a run, of which those that say something are kept and given out.

    Files are looked at again with ``project``, the processes of which need not be those of the run.
    """

    def __init__(self, paths: Sequence[str], settings: Settings, project: Modules) -> None:
        self._paths = paths
        self._settings = settings
        self._project = project
        self._imports = Imports(project, paths)
        self._numbers = {os.path.abspath(path): number for number, path in enumerate(paths)}
        self._missing = set(range(len(paths)))
        self._reports: dict[int, FileReport] = {}
        self._callers: dict[int, set[int]] = defaultdict(set)  # of a file, those with loops that its functions are fixed for
        self._again: dict[tuple[int, tuple[int, ...]], FileReport] = {}
        self._turn = 0

    @property
    def missing(self) -> int:
        """How many files have not been looked at."""
        return len(self._missing)

    def add(self, number: int, report: FileReport) -> None:
        """Take the report of a file, by its number."""
        self._missing.discard(number)
        if report.says_something:
            self._reports[number] = report
            for target in self._targets(report):
                self._callers[target].add(number)

    def ready(self) -> Iterator[FileReport]:
        """Those whose turn has come, up to the first that has to wait, each once.

        The report of a file that has nothing to say but for the loops of others comes with the first of these.
        """
        while self._turn < len(self._paths) and self._turn not in self._missing:
            turn = self._turn
            report = self._reports.get(turn)
            targets = self._targets(report) if report else []
            if report and any(self._waits(number) for number in (turn, *targets)):
                return
            silent = (each for each in targets if each not in self._reports and turn == min(self._callers[each]))
            said = [self._final(number, turn) for number in (*silent, turn)] if report else []
            self._turn += 1
            yield from said

    def all(self) -> list[FileReport]:
        """All of them, once no file is missing."""
        last = len(self._paths)
        said = [self._final(number, last) for number in sorted({*self._reports, *self._callers})]
        self._turn = last
        return said

    def rest(self) -> Iterator[FileReport]:
        """Those that have not had their turn, as they are: the run ends early."""
        yield from (self._reports[number] for number in sorted(self._reports) if number >= self._turn)

    def _targets(self, report: FileReport) -> list[int]:
        """The other files of the run that a file's findings are fixed in."""
        named = {self._numbers.get(reported.outcome.elsewhere) for reported in report.found}
        return sorted(number for number in named if number is not None)

    def _waits(self, number: int) -> bool:
        """Whether a file is missing whose loops may call functions of this one."""
        return number in self._missing or not self._missing.isdisjoint(self._imports.leading_to(number))

    def _final(self, number: int, turn: int) -> FileReport:
        """What is said of a file in the turn of another one, or its own."""
        report = self._reports.get(number, FileReport(self._paths[number]))
        found: dict[tuple[str, Span, str], Reported] = {}
        for target in self._targets(report):
            if (again := self._for_callers(target, turn)) is not None:
                found.update((_key(each), each) for each in again.of_callers)
        if (again := self._for_callers(number, turn)) is not None:
            report = replace(report, errors=again.errors) if again.errors else again
        return replace(report, found=tuple(found.get(_key(each), each) for each in report.found))

    def _for_callers(self, number: int, turn: int) -> FileReport | None:
        """The report of a file that is looked at with the loops of others, if there are any.

        Files whose imports are not seen to lead to it count if they stand before the one whose ``turn`` it is, so that what is
        said does not depend on who was faster.
        """
        if number not in self._callers or (number in self._reports and self._reports[number].errors):
            return None
        early = turn < len(self._paths)
        seen = self._imports.leading_to(number) if early else frozenset[int]()
        callers = tuple(each for each in sorted(self._callers[number]) if not early or each <= turn or each in seen)
        if callers and (number, callers) not in self._again:
            named = [self._paths[caller] for caller in callers]
            self._again[number, callers] = examine(self._paths[number], self._settings, self._project, callers=named)
        return self._again.get((number, callers))


def _key(reported: Reported) -> tuple[str, Span, str]:
    finding = reported.outcome.finding
    return finding.path, finding.span, finding.code


class Imports:
    """Which files of a run lead to which by their imports, through others too. Worked out as far as it is asked for."""

    def __init__(self, project: Modules, paths: Sequence[str]) -> None:
        self._project = project
        self._paths = paths
        self._files: list[str] = []
        self._below: dict[str, list[str]] = {}  # those whose imports are not known, by the top of the project that they are in
        self._numbers: dict[str, int] = {}
        self._importers: dict[str, set[str]] = defaultdict(set)
        self._known: set[str] = set()
        self._leading: dict[int, frozenset[int]] = {}

    def leading_to(self, number: int) -> frozenset[int]:
        """The files that lead to one of them."""
        if number not in self._leading:
            self._leading[number] = self._find(number)
        return self._leading[number]

    def _find(self, number: int) -> frozenset[int]:
        if not self._files:
            self._files = [os.path.abspath(path) for path in self._paths]
            self._numbers = {file: number for number, file in enumerate(self._files)}
            for file in self._files:
                self._below.setdefault(self._project.top(file), []).append(file)
        path = self._files[number]
        for top in [top for top in self._below if _is_below(path, (top, *self._project.src))]:
            self._follow(self._below.pop(top))
        found, todo = {path}, [path]
        while todo:
            new = self._importers[todo.pop()] - found
            found |= new
            todo += new
        return frozenset(self._numbers[file] for file in found - {path} if file in self._numbers)

    def _follow(self, files: list[str]) -> None:
        """Take in the imports of some files, and of those that they lead to."""
        while files:
            file = files.pop()
            if file not in self._known:
                self._known.add(file)
                for imported in self._project.imported(file):
                    self._importers[imported].add(file)
                    files.append(imported)


def _is_below(path: str, folders: Sequence[str]) -> bool:
    real = os.path.realpath(path)
    return any(real.startswith(os.path.join(os.path.realpath(folder), "")) for folder in folders)
