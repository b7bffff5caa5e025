"""Files are looked at one after the other, or by several processes at once, which end with the run however that ends.

The processes are our own, not those of an executor: one that is killed in the middle of an answer must hold up nothing, which
needs a pipe for each, and a run that is interrupted does not wait for the file that is being looked at.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..fixes.outcome import Settings
from ..semantics.modules import Modules
from .record import FileReport
from .work import examine

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

_FILES_A_WORKER = 32  # starting a process costs as much as looking through about so many files
_GROUP = 16  # files that are handed out at once
_AHEAD = 2  # groups that a process has before it, so that it need not wait for the next one
_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM") if hasattr(signal, name))


def examine_each(
    paths: Sequence[str], settings: Settings, jobs: int, project: Modules
) -> Generator[tuple[int, FileReport], None, None]:
    """:func:`.work.examine` for many files: the number of each and its report, as soon as that is there, in no order.

    ``jobs``: processes, 0 for as many as are useful; where one will do it is this one, with its ``project``. Nobody writes
    meanwhile, so what one file says of another does not depend on which came first. The processes are gone once the iterator is
    closed or has raised; a file over which one ends twice has that as its error.
    """
    count = _useful(jobs, len(paths))
    if count < 2:
        yield from ((number, examine(path, settings, project)) for number, path in enumerate(paths))
        return
    yield from _by_several(paths, settings, count)


@contextmanager
def undisturbed() -> Iterator[Callable[[], bool]]:
    """Hold back Ctrl-C and ``SIGTERM`` until the end of the block. Gives what tells whether one of them waits; on systems that
    cannot hold them back, never."""
    if not hasattr(signal, "pthread_sigmask"):
        yield lambda: False
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield lambda: not signal.sigpending().isdisjoint(_SIGNALS)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# -- the side of the run


@dataclass(frozen=True)
class _Worker:
    """A process, and the numbers of the files that it has not answered for, in the groups in which it got them."""

    process: BaseProcess
    pipe: Connection
    groups: deque[deque[int]] = field(default_factory=deque)


def _by_several(paths: Sequence[str], settings: Settings, count: int) -> Iterator[tuple[int, FileReport]]:
    from multiprocessing.connection import wait  # one process does without

    todo = deque([deque(range(len(paths)))])
    workers: list[_Worker] = []
    try:
        with undisturbed():
            workers += [_started(settings) for _ in range(count)]
        while todo or any(worker.groups for worker in workers):
            for ahead in range(_AHEAD):
                for worker in workers:
                    if todo and len(worker.groups) == ahead:
                        _hand_out(worker, todo, paths, count)
            pipes = {worker.pipe: worker for worker in workers}
            for pipe in wait(list(pipes)):
                worker = pipes[pipe]  # type: ignore[index]
                try:
                    reports = worker.pipe.recv()
                except (EOFError, OSError):
                    with undisturbed():
                        workers[workers.index(worker)] = _started(settings)
                        _end([worker])
                    yield from _given_up(worker, todo, paths)
                else:
                    yield from [(_answered(worker), report) for report in reports]
    finally:
        with undisturbed():
            _end(workers)


def _hand_out(worker: _Worker, todo: deque[deque[int]], paths: Sequence[str], count: int) -> None:
    """Give a process something to do. The groups get smaller towards the end, so that no process has a large one when the others
    have none."""
    left = todo[0]
    size = min(_GROUP, max(1, len(left) // (count * 4)))
    group = deque(left.popleft() for _ in range(size))
    if not left:
        todo.popleft()
    worker.groups.append(group)
    with suppress(OSError):  # it has ended, which the next look at its pipe shows
        worker.pipe.send([paths[number] for number in group])


def _answered(worker: _Worker) -> int:
    """The number of the next file that a process has answered for."""
    number = worker.groups[0].popleft()
    if not worker.groups[0]:
        worker.groups.popleft()
    return number


def _given_up(worker: _Worker, todo: deque[deque[int]], paths: Sequence[str]) -> Iterator[tuple[int, FileReport]]:
    """What is to be done about the files of a process that has ended: those of the group that it was at are handed out again one
    by one, until it is known which it was."""
    groups = list(worker.groups)
    if groups and len(groups[0]) == 1:
        number = groups.pop(0)[0]
        reason = "not looked at: a worker process was killed, for want of memory maybe"
        yield number, FileReport(paths[number], errors=(f"{paths[number]}: error: {reason}",))
    todo.extendleft(deque([number]) for group in reversed(groups) for number in reversed(group))


def _started(settings: Settings) -> _Worker:
    """A new process. It inherits that signals are held back, until it has its own way with them."""
    from multiprocessing import Pipe, Process

    ours, theirs = Pipe()
    process = Process(target=_serve, args=(theirs, ours, settings), daemon=True)
    process.start()
    theirs.close()  # so that the end of the process is the end of the pipe
    return _Worker(process, ours)


def _end(workers: Sequence[_Worker]) -> None:
    for worker in workers:
        worker.process.kill()
    for worker in workers:
        worker.process.join()
        worker.pipe.close()


def _useful(jobs: int, files: int) -> int:
    if jobs:
        return min(jobs, files)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, files // _FILES_A_WORKER)


# -- the side of a process


def _serve(pipe: Connection, theirs: Connection, settings: Settings) -> None:
    """Answer for the files of each group in their order: at once where there is something to say, else with the group.

    ``theirs``: the run's end of the pipe, which a forked process has too. Only if it is closed here can the run's end be seen.
    """
    theirs.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the run's to handle
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
    project = Modules(settings.options.src)
    with suppress(EOFError, OSError):  # the run has ended
        while True:
            reports: list[FileReport] = []
            for path in pipe.recv():
                reports.append(examine(path, settings, project))
                if reports[-1].says_something:
                    pipe.send(reports)
                    reports = []
            if reports:
                pipe.send(reports)
