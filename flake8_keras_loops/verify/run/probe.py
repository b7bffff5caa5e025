"""What runs inside the measured program: stamps time and memory around every iteration, seeds it, records it, ends the loop.

The order in an iteration: seed, wait for the device, **stamp**, body, wait for the device, **stamp**, record, read memory.
Between the stamps the probe does nothing but wait; :meth:`Probe.cost` measures what that adds.
"""

from __future__ import annotations

import functools
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any, BinaryIO, Protocol

from . import determinism, memory, recording

_FEWEST = 4  # warm iterations that a run has at least, whatever time it has: fewer against fewer are never significant


class LoopDoneError(BaseException):
    """Ends the program once its loop has run often enough. No ``except Exception`` of the program catches it."""


class Emit(Protocol):
    """Tells the parent process of something that happened."""

    def __call__(self, event: str, **values: Any) -> None: ...


class Probe:
    """A context manager around the body of the loop.

    ``iterations``: the loop ends after so many. ``seconds``: it ends earlier once it has run that long and has four warm
    iterations after ``warmup`` ones. ``seed``: of the first iteration, the others count on from it; ``None`` leaves the streams
    alone. ``emit``: told of every iteration. ``results``: file for what the models return.
    """

    def __init__(self, iterations: int, seconds: float, warmup: int, seed: int | None, emit: Emit, results: BinaryIO) -> None:
        self._iterations, self._seconds, self._fewest = iterations, seconds, warmup + _FEWEST
        self._seed, self._emit, self._results = seed, emit, results
        self._recorder = recording.Recorder()
        self._done = 0
        self._backend = ""
        self._synchronise: Callable[[], object] = lambda: None
        self._gpu = memory.gpu_reader()
        self._first = self._start = 0.0

    @property
    def done(self) -> int:
        """Completed iterations."""
        return self._done

    def __enter__(self) -> None:
        now = time.perf_counter()
        if not self._done:
            self._emit("loop")
            self._first = now
        elif self._done >= self._iterations or (now - self._first >= self._seconds and self._done >= self._fewest):
            raise LoopDoneError
        self._prepare()
        self._synchronise()
        self._start = time.perf_counter()

    def __exit__(self, kind: object, error: object, traceback: object) -> None:
        if kind is not None:
            return
        self._synchronise()
        seconds = time.perf_counter() - self._start
        recording.write(self._results, self._done, self._recorder.take())
        self._done += 1
        self._emit(
            "iteration",
            seconds=seconds,
            rss=memory.rss(),
            gpu=self._gpu(),
            allocated=memory.allocated(self._backend or keras_backend()),
        )

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
        spent = []
        for _ in range(repeats):
            self._synchronise()
            start = time.perf_counter()
            self._synchronise()
            spent.append(time.perf_counter() - start)
        return statistics.median(spent)

    def _prepare(self) -> None:
        """Before the stamp: models that were imported meanwhile are recorded, the random streams put where they belong."""
        backend = keras_backend()
        if backend != self._backend:
            self._backend = backend
            determinism.enforce(backend)
            self._synchronise = memory.synchroniser(backend)
            # There the first fit of a new model draws from the random streams, that of a kept one does not (Keras 3.15).
            draws = self._seed is not None and backend in {"jax", "torch"}
            self._recorder.reseed = self._seed_fit if draws else None
        self._recorder.attach()
        self._recorder.start()
        if self._seed is not None:
            _set_seed(self._seed + self._done)

    def _seed_fit(self, number: int) -> None:
        """Put the random streams in place once training begins. ``number``: which ``fit`` of the iteration, from 0."""
        _set_seed((self._seed or 0) + self._done + 1_000_000 * (number + 1))


def keras_backend() -> str:
    """``tensorflow``, ``jax`` or ``torch`` as the imported Keras says, ``""`` before it is imported."""
    keras = sys.modules.get("keras")
    if keras is None or not hasattr(keras, "backend"):
        return "tensorflow" if "tf_keras" in sys.modules else ""
    return str(keras.backend.backend())


def _set_seed(seed: int) -> None:
    for name in ("keras", "tf_keras"):
        keras = sys.modules.get(name)
        if keras is not None and hasattr(keras, "utils"):
            keras.utils.set_random_seed(seed % 2**32)
