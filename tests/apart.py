"""Work in a process of its own: a crash there, or no end, fails the test that asked for it, and nothing else.

``apart(function, *arguments)`` is ``function(*arguments)``. The process is kept for the next call, so a call costs next to nothing.
"""

from __future__ import annotations

import multiprocessing
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, TypeVar

Result = TypeVar("Result")

#: No honest work takes so long, on whatever machine: what does is a hang. No test asks how long something took.
LIMIT_S = 600


class Child:
    """A process that calls functions for another one."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")  # TensorFlow's threads do not survive a fork
        self._pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()

    def call(self, function: Callable[..., Result], *arguments: Any) -> Result:
        """Raises ``AssertionError`` where the function raises, ends the process or does not return."""
        try:
            self._pipe.send((function, arguments))
            if not self._pipe.poll(LIMIT_S):
                raise AssertionError(f"{function.__name__}: no end after {LIMIT_S} s")
            result, error = self._pipe.recv()
        except (EOFError, OSError):
            self.process.join()
            raise AssertionError(f"{function.__name__}: crashed, exit status {self.process.exitcode}") from None
        except BaseException:
            self.process.kill()
            self.process.join()
            raise
        if error:
            raise AssertionError(error)
        return result


def _serve(pipe: Connection) -> None:
    while True:
        try:
            function, arguments = pipe.recv()
        except EOFError:
            return
        try:
            answer = function(*arguments), ""
        except BaseException:
            answer = None, traceback.format_exc()
        pipe.send(answer)


_child: Child | None = None


def apart(function: Callable[..., Result], *arguments: Any) -> Result:
    """What a function returns, called in a process of its own. It must be one that another process can import."""
    global _child
    if _child is None or not _child.process.is_alive():
        _child = Child()
    return _child.call(function, *arguments)
