"""What was measured: plain values that an experiment gives out and that judging, tables, plots and reports take in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy.typing as npt

#: Backends of Keras 3, and Keras 2.
BACKENDS = ("tensorflow", "jax", "torch", "tf-keras")

#: The arm that all others are compared with, and the fixed one.
BEFORE, AFTER = "before", "after"

#: How a run of an arm ended.
OK, CRASHED, OUT_OF_MEMORY, TIMED_OUT, UNUSABLE = "ok", "crashed", "out of memory", "timed out", "unusable"

#: What a run's ``fit``, ``evaluate`` and ``predict`` gave: arrays by ``iteration/number/call/name``, in the order of the calls,
#: such as ``"3/0/fit/val_loss"`` (one value an epoch) or ``"3/1/predict/0"``. Iterations count from 0, calls from 0 in each
#: iteration. An array cut short has a second entry ``.../sha256`` for the whole of it.
Results = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Iteration:
    """One iteration of the loop.

    ``seconds``: wall time, the device idle at both ends. The rest is in bytes, read after the iteration: ``rss``, resident
    memory of the process; ``gpu``, memory in use on the GPU according to NVML, less what was in use before the run;
    ``allocated``, what the backend's own allocator has handed out on the device; ``children``, the most resident memory of a
    process that it spawned, as a call of a model returned there. ``None``: not to be had.
    """

    seconds: float
    rss: int
    gpu: int | None = None
    allocated: int | None = None
    children: int | None = None


@dataclass(frozen=True)
class Run:
    """One arm in one process.

    ``round``: from 0. ``outcome``: one of :data:`OK`, :data:`CRASHED`, :data:`OUT_OF_MEMORY`, :data:`TIMED_OUT`,
    :data:`UNUSABLE` (it ran, but never came to the loop, or under another backend than asked for). ``detail``: what it said last,
    some lines, ``""`` if all went well. ``iterations``: those that were completed, the first one (import, first compilation)
    included. ``startup``: seconds from the start of the process to the first iteration, ``None`` if it came to none.
    ``probe``: seconds that the probe adds to the time of an iteration. ``check``: it ran with deterministic operations, to
    compare its results; its times count for nothing. ``results``: not part of the report.
    """

    arm: str
    round: int
    outcome: str
    iterations: tuple[Iteration, ...] = ()
    detail: str = ""
    startup: float | None = None
    probe: float = 0.0
    check: bool = False
    results: Results = field(default_factory=dict, repr=False, compare=False)

    @property
    def is_complete(self) -> bool:
        """Whether it ended well, and came to the loop."""
        return self.outcome == OK and bool(self.iterations)


@dataclass(frozen=True)
class Measurement:
    """All runs of one case on one backend, in the order in which they ran.

    ``loop``: where it is, ``train.py:42``. ``backend``: ``tensorflow``, ``jax``, ``torch``, or ``tf-keras`` for Keras 2.
    ``device``: ``cpu`` or ``gpu``. ``arms``: those that were to run, ``before`` first. ``expected``: the verdict that the
    case's author expects here, ``""`` for none. ``left_out``: arms that could not be made, with the reason in one line.
    """

    case: str
    title: str
    loop: str
    backend: str
    device: str
    arms: tuple[str, ...]
    runs: tuple[Run, ...] = ()
    expected: str = ""
    left_out: Mapping[str, str] = field(default_factory=dict)

    def of(self, arm: str, check: bool = False) -> list[Run]:
        """The runs of an arm that were timed, or those that were to ``check`` its results."""
        return [run for run in self.runs if run.arm == arm and run.check == check]

    @property
    def where(self) -> str:
        """``jax, cpu``."""
        return f"{self.backend}, {self.device}"

    @property
    def name(self) -> str:
        """``kfold (jax, cpu)``."""
        return f"{self.case} ({self.where})"


@dataclass(frozen=True)
class Judging:
    """How measurements are judged.

    ``warmup``: iterations at the start of each process that count apart. ``confidence``: of the intervals. ``minimum_effect``:
    a ratio must differ from 1 by more than this share to count as faster or slower. ``tolerance``: relative, and absolute for
    values below 1, for results that are not equal bit for bit. ``seed``: of the bootstrap.
    """

    warmup: int = 1
    confidence: float = 0.95
    minimum_effect: float = 0.05
    tolerance: float = 1e-4
    seed: int = 0
