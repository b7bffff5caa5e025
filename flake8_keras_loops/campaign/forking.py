"""A process that looks at repositories, each in a fork of its own: none can see another one's traces, end the run, or outlive it.

    python -m flake8_keras_loops.campaign.forking

Reads jobs from standard input and writes their results to standard output. It ends with its standard input, and a fork with it.
Neither Ray nor pyarrow is imported here: this is what ``keras-loop-fix`` is, waiting.
"""

from __future__ import annotations

import gc
import os
import pickle
import selectors
import signal
import struct
import time
from contextlib import suppress
from typing import IO, Any

from .looking import Job, look
from .repository import Result, failure

_SIZE = struct.Struct("!Q")


def send(stream: IO[bytes], message: object) -> None:
    """Write a message that :func:`receive` reads. Raises ``BrokenPipeError`` if nobody does."""
    data = pickle.dumps(message)
    stream.write(_SIZE.pack(len(data)) + data)
    stream.flush()


def receive(stream: IO[bytes]) -> Any:
    """Read a message. Raises ``EOFError`` where there is none, or only the beginning of one."""
    head = stream.read(_SIZE.size)
    size = _SIZE.unpack(head)[0] if len(head) == _SIZE.size else 0
    data = stream.read(size)
    if not data or len(data) < size:
        raise EOFError
    return pickle.loads(data)


def serve(jobs: IO[bytes], results: IO[bytes]) -> None:
    """Look at repositories until there are no more jobs, or whoever sends them is gone."""
    _preload()
    while True:
        try:
            job: Job = receive(jobs)
            send(results, _looked_at(job, jobs))
        except (EOFError, BrokenPipeError):
            return


def _preload() -> None:
    """What the forks need and import late, since most runs do not need it."""
    import pathspec  # noqa: F401

    from ..files import notebook  # noqa: F401
    from ..fixes import edit, planner  # noqa: F401

    gc.freeze()  # what is there stays shared with the forks


def _looked_at(job: Job, jobs: IO[bytes]) -> Result:
    """The result of a job, whatever becomes of the fork. Raises ``EOFError`` if whoever asks is gone."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        _answer(job, writing)
    os.close(writing)
    try:
        data = _read(reading, jobs, time.monotonic() + job.asked.timeout)
    finally:
        os.close(reading)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)  # which one that is done does not notice
        status = os.waitpid(child, 0)[1]
    if data is None:
        return failure(job.name, job.digest, *job.errors, f"error: not done after {job.asked.timeout:g} s")
    with suppress(Exception):
        result = pickle.loads(data)
        if isinstance(result, Result):
            return result
    return failure(job.name, job.digest, *job.errors, f"error: the process that looked at it ended with {_ended(status)}")


def _ended(status: int) -> str:
    """How a process ended, by its status from ``waitpid``."""
    if not os.WIFSIGNALED(status):
        return f"status {os.waitstatus_to_exitcode(status)}"
    hint = ", for want of memory maybe" if os.WTERMSIG(status) == signal.SIGKILL else ""
    return f"{signal.Signals(os.WTERMSIG(status)).name}{hint}"


def _answer(job: Job, writing: int) -> None:
    """In the fork: look, write the result, and end without anything that the parent's memory would do at its end."""
    status = 1
    try:
        os.set_inheritable(writing, False)
        try:
            result = look(job)
        except Exception as error:
            result = failure(job.name, job.digest, *job.errors, f"internal error, please report: {type(error).__name__}: {error}")
        with open(writing, "wb") as stream:
            stream.write(pickle.dumps(result))
        status = 0
    finally:
        os._exit(status)


def _read(reading: int, jobs: IO[bytes], deadline: float) -> bytes | None:
    """All that the fork writes until it ends, ``None`` if it takes too long. Raises ``EOFError`` if whoever asks is gone, who
    sends nothing before the answer."""
    parts: list[bytes] = []
    with selectors.DefaultSelector() as waiting:
        waiting.register(reading, selectors.EVENT_READ)
        waiting.register(jobs, selectors.EVENT_READ)
        while (left := deadline - time.monotonic()) > 0:
            for key, _ in waiting.select(left):
                if key.fd != reading:
                    raise EOFError
                part = os.read(reading, 1 << 20)
                if not part:
                    return b"".join(parts)
                parts.append(part)
    return None


def main() -> None:
    """Take over standard input and output: what anybody else prints goes nowhere."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with open(os.dup(0), "rb") as jobs, open(os.dup(1), "wb") as results:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(nowhere, number)
        with suppress(BrokenPipeError):
            serve(jobs, results)


if __name__ == "__main__":
    main()
