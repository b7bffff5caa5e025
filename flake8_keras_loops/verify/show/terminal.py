"""The terminal: a progress bar while arms run, and results in, the text that they are shown with out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ..judge.verdicts import CaseResult
from . import render

_PAPER = 130  # columns


@contextmanager
def progress(name: str, runs: int, quiet: bool) -> Iterator[Callable[[str, bool], None]]:
    """A progress bar on standard error, if that is a terminal. Gives a function that takes what runs, and whether it is over."""
    columns = (TextColumn("{task.description}"), BarColumn(20), MofNCompleteColumn(), TextColumn("runs"), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=quiet or not console.is_terminal, transient=True) as bar:
        task = bar.add_task(name, total=runs)
        yield lambda text, over: bar.update(task, description=text, advance=int(over))


def shown(results: Sequence[CaseResult]) -> str:
    """The table, what it does not say, and what failed runs said last, in the colours and the width of standard output."""
    console = Console()
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console = Console(width=_PAPER)  # a log is not as narrow as rich takes it for
    with console.capture() as capture:
        console.print(render.table(results, console.width))
        for line in (*render.notes(results), *render.failures(results)):
            console.print(line, markup=False, highlight=False)
    return capture.get()
