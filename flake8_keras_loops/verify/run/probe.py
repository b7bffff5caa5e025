"""What runs inside the measured program: stamps time and memory around every iteration, seeds it, records it, ends the loop.

Limits in; an event for every iteration and the arrays that its models returned out. The order in an iteration: seed, wait for the
device, **stamp**, body, wait for the device, **stamp**, record, read memory. Between the stamps the probe does nothing but wait;
:meth:`Probe.cost` measures what that adds.
"""

from __future__ import annotations

import functools
import os
import statistics
import sys
import time
import timeit
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from . import child, memory, recording
from .devices import DETERMINISTIC
from .job import Limits

_FEWEST = 4  # warm iterations that a run has at least, whatever time it has: fewer against fewer are never significant


class LoopDoneError(BaseException):
    """Ends the program once its loop has run often enough. No ``except Exception`` of the program catches it."""


class Probe:
    """A context manager around the body of the loop.

    ``limits``: when the loop ends, and the seed of its first iteration. ``emit``: told of every iteration, an event by name
    with its values. ``results``: file for what the models return. ``folder``: where processes that the program starts leave
    theirs, ``None`` for nowhere. ``done``: completed iterations.
    """

    def __init__(self, limits: Limits, emit: Callable[..., None], results: BinaryIO, folder: Path | None = None) -> None:
        self._limits, self._emit, self._results, self._folder = limits, emit, results, folder
        self._recorder = recording.Recorder()
        self.done = 0
        self._backend = ""
        self._synchronise: Callable[[], object] = lambda: None
        self._gpu = memory.gpu_reader()
        self._first = self._start = 0.0

    def __enter__(self) -> None:
        now, limits = time.perf_counter(), self._limits
        if not self.done:
            self._emit("loop")
            self._first = now
        elif self.done >= limits.iterations or (now - self._first >= limits.seconds and self.done >= limits.warmup + _FEWEST):
            raise LoopDoneError
        self._prepare()
        self._synchronise()
        self._start = time.perf_counter()

    def __exit__(self, kind: object, error: object, traceback: object) -> None:
        if kind is not None:
            return
        self._synchronise()
        seconds = time.perf_counter() - self._start
        elsewhere, children = child.returned(self._folder) if self._folder is not None else ([], None)
        recording.write(self._results, self.done, [*self._recorder.take(), *elsewhere])
        self.done += 1
        allocated = memory.allocated(keras_backend())
        self._emit("iteration", seconds=seconds, rss=memory.rss(), gpu=self._gpu(), allocated=allocated, children=children)

    def leave(self) -> None:
        """The end of an iteration of a comprehension."""
        self.__exit__(None, None, None)

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """A function each of whose calls is an iteration, as in ``map(function, ...)``."""

        @functools.wraps(function)
        def called(*args: Any, **kwargs: Any) -> Any:
            with self:
                return function(*args, **kwargs)

        return called

    def cost(self, repeats: int = 200) -> float:
        """Seconds that the probe adds to the time of an iteration: the median of iterations that do nothing."""
        return statistics.median(timeit.repeat(self._synchronise, self._synchronise, number=1, repeat=repeats))

    def _prepare(self) -> None:
        """Before the stamp: models that were imported meanwhile are recorded, the random streams put where they belong."""
        backend = keras_backend()
        if backend != self._backend:
            self._backend = backend
            if backend == "torch" and os.environ.get(DETERMINISTIC):  # it takes no variable for that
                torch = sys.modules["torch"]
                torch.use_deterministic_algorithms(True, warn_only=True)
                torch.backends.cudnn.benchmark = False
            self._synchronise = memory.synchroniser(backend)
            # There the first fit of a new model draws from the random streams, that of a kept one does not (Keras 3.15).
            draws = self._limits.seed is not None and backend in {"jax", "torch"}
            self._recorder.reseed = (lambda number: self._seed(1_000_000 * (number + 1))) if draws else None
        self._recorder.attach()
        self._recorder.start()
        self._seed(0)

    def _seed(self, offset: int) -> None:
        """Put the random streams where they belong in this iteration, unless they are to be left alone."""
        if self._limits.seed is None:
            return
        seed = (self._limits.seed + self.done + offset) % 2**32
        os.environ[child.SEED] = str(seed)
        for name in ("keras", "tf_keras"):
            utils = getattr(sys.modules.get(name), "utils", None)
            if utils is not None:
                utils.set_random_seed(seed)


def keras_backend() -> str:
    """``tensorflow``, ``jax`` or ``torch`` as the imported Keras says, ``""`` before it is imported."""
    keras = sys.modules.get("keras")
    if keras is None or not hasattr(keras, "backend"):
        return "tensorflow" if "tf_keras" in sys.modules else ""
    return str(keras.backend.backend())
