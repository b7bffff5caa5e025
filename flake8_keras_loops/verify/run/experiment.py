"""Runs arms in turn: every arm in a fresh process, forwards in even rounds and backwards in odd ones (ABBA).

The rounds are outermost, so that a slow change of the machine meets all cases alike, and so that a budget that runs out leaves
fewer rounds of every case instead of some cases without any.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version

from ..judge.equality import DIFFERENT, WITHIN_NOISE, compare
from ..measurement import AFTER, BEFORE, OK, Measurement, Run
from ..program.cases import Case, Program
from .devices import Backend
from .process import Limits, Worker

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


@dataclass(frozen=True, eq=False)
class Step:
    """One run to come: the ``case``'s number and its ``program``. ``check``: with deterministic operations, not to be timed."""

    case: int
    program: Program
    round: int
    check: bool = False


@dataclass(frozen=True)
class Done:
    """A run that is over, and the ``seconds`` it took with the start of its process."""

    step: Step
    run: Run
    seconds: float


#: Told what runs: the step, how many iterations of it are done, and its run once it is over.
Watch = Callable[[Case, Step, int, "Run | None"], None]


def plan_steps(cases: Sequence[Case], backend: Backend, repeats: int) -> list[Step]:
    """All runs in their order. Arms of other backends are left out."""
    steps = []
    for round in range(repeats):
        for number, case in enumerate(cases):
            programs = arms(case, backend)
            steps += [Step(number, program, round) for program in (programs if round % 2 == 0 else reversed(programs))]
    return steps


def arms(case: Case, backend: Backend) -> list[Program]:
    """The arms of a case that are for a backend."""
    return [program for program in case.programs if not program.families or backend.family in program.families]


def limits(case: Case, plan: Plan) -> Limits:
    """The limits of a case's runs."""
    if plan.own_iterations and case.iterations:
        return replace(plan.limits, iterations=case.iterations)
    return plan.limits


def applies(case: Case, backend: Backend) -> str:
    """Why a case is not run on a backend, ``""`` if it is."""
    if case.expect is not None and backend.family not in case.expect:
        return f"not for {backend.family}"
    missing = [name for name in case.needs if not _is_installed(name)]
    return f"needs {', '.join(missing)} (pip install {' '.join(missing)})" if missing else ""


def measure(cases: Sequence[Case], backend: Backend, plan: Plan, watch: Watch, done: list[Done]) -> None:
    """Run everything; on a GPU, ``before`` and ``after`` once more after the first round, where their results differ, with
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
                worker = workers.get(step) or _worker(cases, step, backend, plan, preload)
                workers[step] = worker
                worker.go()
                if preload and queue:
                    workers[queue[0]] = _worker(cases, queue[0], backend, plan, preload)
                done.append(_followed(cases[step.case], step, worker, watch))
            if step in workers:
                workers.pop(step).close()
            is_first_round_over = not step.round and not step.check and (not queue or queue[0].round)
            if is_first_round_over and backend.device == "gpu":
                queue.extendleft(reversed(_checks(cases, backend, done)))
    finally:
        for worker in workers.values():
            worker.close()


def measurements(cases: Sequence[Case], backend: Backend, done: Sequence[Done]) -> list[Measurement]:
    """What came of each case that has runs."""
    found = []
    for number, case in enumerate(cases):
        runs = tuple(each.run for each in done if each.step.case == number)
        if not runs:
            continue
        found.append(
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
        )
    return found


def _followed(case: Case, step: Step, worker: Worker, watch: Watch) -> Done:
    start = time.monotonic()
    watch(case, step, 0, None)
    run = worker.follow(lambda count: watch(case, step, count, None))
    watch(case, step, len(run.iterations), run)
    return Done(step, run, time.monotonic() - start)


def _checks(cases: Sequence[Case], backend: Backend, done: Sequence[Done]) -> list[Step]:
    """Runs of ``before`` and ``after`` for the cases in which these ran well and recorded other results."""
    steps = []
    for number, case in enumerate(cases):
        pair = [program for program in arms(case, backend) if program.arm in {BEFORE, AFTER}]
        runs = [[each.run for each in done if each.step.case == number and each.step.program is program] for program in pair]
        if len(pair) == 2 and compare(runs[0], runs[1], tolerance=0.0).kind in {DIFFERENT, WITHIN_NOISE}:
            steps += [Step(number, program, 0, check=True) for program in pair]
    return steps


def _is_wanted(step: Step, done: Sequence[Done], budget: float | None, elapsed: float) -> bool:
    """Whether a run is worth its time: its arm has not failed, and the budget holds what is beyond its case's first round."""
    same_case = [each for each in done if each.step.case == step.case]
    if any(each.step.program is step.program and each.run.outcome != OK for each in same_case):
        return False
    if not step.round or budget is None or any(each.step.round == step.round for each in same_case):
        return True
    last = [each.seconds for each in same_case if each.step.round == step.round - 1 and not each.step.check]
    return bool(last) and elapsed + sum(last) <= budget


def _worker(cases: Sequence[Case], step: Step, backend: Backend, plan: Plan, preload: bool) -> Worker:
    case = cases[step.case]
    # A user's script may set its environment before it imports Keras, so nothing is imported before it.
    preload = preload and case.expect is not None
    limited = limits(case, plan)
    if step.check:
        limited = replace(limited, iterations=min(limited.iterations, _CHECKED))
    return Worker(step.program, step.round, case.arguments, backend.family, backend.environment, limited, preload, step.check)


def _is_installed(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True
