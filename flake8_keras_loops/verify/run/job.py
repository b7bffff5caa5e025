"""What a process that starts an arm hands to the process that runs it: plain values, pickled into a file."""

from __future__ import annotations

from dataclasses import dataclass

from ..program.instrument import Place


@dataclass(frozen=True)
class Limits:
    """``iterations``: at most so many. ``seconds``: after so long no further iteration begins, once four warm ones are there.
    ``timeout``: seconds after which a process is ended. ``warmup``: iterations at its start that count apart. ``seed``: of the
    first iteration, the others count on from it; ``None`` leaves the random streams alone."""

    iterations: int
    seconds: float
    timeout: float
    warmup: int
    seed: int | None


@dataclass(frozen=True)
class Job:
    """``source``: file with the program's text, which tracebacks name. ``file``: what the program takes itself for
    (``__file__``). ``folder``: first on the path. ``place``: of its loop. ``backend``: that Keras must turn out to have.
    ``events``/``results``: files to write. ``preload``: import Keras, then wait for a line on standard input before the program
    starts."""

    source: str
    file: str
    folder: str
    arguments: tuple[str, ...]
    place: Place
    limits: Limits
    backend: str
    events: str
    results: str
    preload: bool
