"""Runs arms in turn: every arm in a fresh process, forwards in even rounds and backwards in odd ones (ABBA).

Cases and a plan in, a measurement for each case out. The rounds are outermost, so that a slow change of the machine meets all
cases alike, and so that a budget that runs out leaves fewer rounds of every case instead of some cases without any.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ..measurement import AFTER, BEFORE, OK, Measurement, Run
from ..program.cases import Case, Program
from . import environment
from .devices import Backend
from .job import Limits
from .process import Step, Worker

_CHECKED = 3  # iterations of a run whose results alone count
_SPARE_CORES = 8  # with so many, the next process can import Keras while another one is measured


@dataclass(frozen=True)
class Plan:
    """``repeats``: processes for each arm. ``budget``: seconds for a backend, after which no further round begins (every arm gets
    one run at least), ``None`` for no end. ``own_iterations``: a case that says how many it needs has its way."""

    limits: Limits
    repeats: int
    budget: float | None = None
    own_iterations: bool = False


@dataclass(frozen=True)
class Done:
    """A run that is over, and the ``seconds`` it took with the start of its process."""

    step: Step
    run: Run
    seconds: float


#: Told what runs: the step, how many iterations of it are done, and whether it is over.
Watch = Callable[[Step, int, bool], None]
#: Whether the results of two arms differ, going by their runs.
Differ = Callable[[Sequence[Run], Sequence[Run]], bool]


def plan_steps(cases: Sequence[Case], backend: Backend, repeats: int) -> list[Step]:
    """All runs in their order. Arms of other backends are left out."""
    steps = []
    for round in range(repeats):
        for case in cases:
            programs = arms(case, backend)
            steps += [Step(case, program, round) for program in (programs if round % 2 == 0 else reversed(programs))]
    return steps


def arms(case: Case, backend: Backend) -> list[Program]:
    """The arms of a case that are for a backend."""
    return [program for program in case.programs if not program.families or backend.family in program.families]


def limits(case: Case, plan: Plan) -> Limits:
    """The limits of a case's runs."""
    if plan.own_iterations and case.iterations:
        return replace(plan.limits, iterations=case.iterations)
    return plan.limits


def is_for(case: Case, backend: Backend) -> bool:
    """Whether a case is to be run on a backend."""
    return case.expect is None or backend.family in case.expect


def lacks(case: Case) -> str:
    """What is missing for a case, in a line, ``""`` for nothing."""
    missing = [name for name in case.needs if not environment.version_of(name)]
    return f"needs {', '.join(missing)} (pip install {' '.join(missing)})" if missing else ""


def measure(cases: Sequence[Case], backend: Backend, plan: Plan, differ: Differ, watch: Watch, done: list[Done]) -> None:
    """Run everything; on a GPU, ``before`` and ``after`` once more after the first round, where their results ``differ``, with
    deterministic operations.

    ``done`` is filled as runs end, so that what there is survives Ctrl-C. An arm that failed is not run again.
    """
    preload = (os.cpu_count() or 1) >= _SPARE_CORES
    start = time.monotonic()
    queue = deque(plan_steps(cases, backend, plan.repeats))
    workers: dict[Step, Worker] = {}  # that run, or wait for their turn
    try:
        while queue:
            step = queue.popleft()
            if _is_wanted(step, done, plan.budget, time.monotonic() - start):
                worker = workers.get(step) or _worker(step, backend, plan, preload)
                workers[step] = worker
                worker.go()
                if preload and queue:
                    workers[queue[0]] = _worker(queue[0], backend, plan, preload)
                done.append(_followed(step, worker, watch))
            if step in workers:
                workers.pop(step).close()
            is_first_round_over = not step.round and not step.check and (not queue or queue[0].round)
            if is_first_round_over and backend.device == "gpu":
                queue.extendleft(reversed(_checks(cases, backend, differ, done)))
    finally:
        for worker in workers.values():
            worker.close()


def measurements(cases: Sequence[Case], backend: Backend, done: Sequence[Done]) -> list[Measurement]:
    """What came of each case that has runs."""
    return [
        Measurement(
            case=case.name,
            title=case.title,
            loop=case.loop,
            backend=backend.family,
            device=backend.device,
            arms=tuple(program.arm for program in arms(case, backend)),
            runs=runs,
            expected=(case.expect or {}).get(backend.family, ""),
            left_out=case.left_out,
        )
        for case in cases
        if (runs := tuple(each.run for each in done if each.step.case is case))
    ]


def _followed(step: Step, worker: Worker, watch: Watch) -> Done:
    start = time.monotonic()
    watch(step, 0, False)
    run = worker.follow(lambda count: watch(step, count, False))
    watch(step, len(run.iterations), True)
    return Done(step, run, time.monotonic() - start)


def _checks(cases: Sequence[Case], backend: Backend, differ: Differ, done: Sequence[Done]) -> list[Step]:
    """Runs of ``before`` and ``after`` for the cases in which these ran well and recorded other results."""
    steps = []
    for case in cases:
        pair = [program for program in arms(case, backend) if program.arm in {BEFORE, AFTER}]
        runs = [[each.run for each in done if each.step.case is case and each.step.program is program] for program in pair]
        if len(pair) == 2 and differ(*runs):
            steps += [Step(case, program, 0, check=True) for program in pair]
    return steps


def _is_wanted(step: Step, done: Sequence[Done], budget: float | None, elapsed: float) -> bool:
    """Whether a run is worth its time: its arm has not failed, and the budget holds what is beyond its case's first round."""
    same_case = [each for each in done if each.step.case is step.case]
    if any(each.step.program is step.program and each.run.outcome != OK for each in same_case):
        return False
    if not step.round or budget is None or any(each.step.round == step.round for each in same_case):
        return True
    last = [each.seconds for each in same_case if each.step.round == step.round - 1 and not each.step.check]
    return bool(last) and elapsed + sum(last) <= budget


def _worker(step: Step, backend: Backend, plan: Plan, preload: bool) -> Worker:
    limited = limits(step.case, plan)
    if step.check:
        limited = replace(limited, iterations=min(limited.iterations, _CHECKED))
    # A user's script may set its environment before it imports Keras, so nothing is imported before it.
    return Worker(step, backend, limited, preload and step.case.expect is not None)
