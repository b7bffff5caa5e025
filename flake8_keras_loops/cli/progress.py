"""A bar on the terminal that says how far a run is, for runs that take a while."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from rich.progress import Progress, TaskID

_AFTER_S = 2.0  # most runs are over by then, and need no bar
_EVERY_S = 0.1


def is_wanted(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Whether a bar can be shown on a stream: a terminal that can go back in its line, with somebody before it."""
    return stream.isatty() and environment.get("TERM") not in {"dumb", "unknown"} and not environment.get("CI")


class Bar:
    """How many of ``total`` files have been looked at. It draws when it is told so, never by itself: with no thread there is
    none to get in the way of other output, of signals or of new processes."""

    def __init__(self, total: int, stream: TextIO | None) -> None:
        self._total = total
        self._stream = stream
        self._begun = self._drawn = time.monotonic()
        self._shown: tuple[Progress, TaskID] | None = None

    def show(self, done: int) -> None:
        """Say that so many files are done."""
        now = time.monotonic()
        if self._stream is None or now - self._begun < _AFTER_S or now - self._drawn < _EVERY_S:
            return
        self._drawn = now
        if self._shown is None:
            self._shown = _started(self._total, self._stream)
        progress, task = self._shown
        progress.update(task, completed=done, refresh=True)

    def hidden(self) -> AbstractContextManager[None]:
        """Take the bar away for as long as something else is written to the terminal."""
        return _without(self._shown[0]) if self._shown else nullcontext()

    def close(self) -> None:
        """Take it away for good."""
        if self._shown is not None:
            self._shown[0].stop()
        self._stream = self._shown = None


@contextmanager
def _without(progress: Progress) -> Iterator[None]:
    progress.stop()
    try:
        yield
    finally:
        progress.start()


def _started(total: int, stream: TextIO) -> tuple[Progress, TaskID]:
    from rich.console import Console  # most runs show no bar
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("looking"), BarColumn(20), MofNCompleteColumn(), TextColumn("files"), TimeElapsedColumn())
    # what decides whether this is a terminal has been asked above, and rich would also ask the environment
    console = Console(file=stream, force_terminal=True)
    progress = Progress(
        *columns, console=console, auto_refresh=False, transient=True, redirect_stdout=False, redirect_stderr=False
    )
    task = progress.add_task("", total=total)
    progress.start()
    return progress, task
