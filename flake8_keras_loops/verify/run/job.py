"""What the process that starts an arm and the one that runs it share: files of a folder, one of them with these plain values."""

from __future__ import annotations

from dataclasses import dataclass

from ..program.instrument import Place

#: In that folder: the job (pickled), what happens (JSON lines), the arrays that were recorded, a folder for the program's text.
JOB, EVENTS, RESULTS, PROGRAM = "job", "events.jsonl", "results", "program"


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
    """``file``: what the program takes itself for (``__file__``). ``place``: of its loop. ``backend``: that Keras must turn out
    to have. ``preload``: import Keras, then wait for a line on standard input before the program starts."""

    file: str
    arguments: tuple[str, ...]
    place: Place
    limits: Limits
    backend: str
    preload: bool
