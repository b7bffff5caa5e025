"""The order of runs, what is run again and what is not, and that nothing is left running."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from flake8_keras_loops.verify.judge.equality import differ
from flake8_keras_loops.verify.measurement import CRASHED, OK, Iteration, Run
from flake8_keras_loops.verify.program.cases import Case, Program
from flake8_keras_loops.verify.program.instrument import place_at
from flake8_keras_loops.verify.run import experiment
from flake8_keras_loops.verify.run.devices import Backend
from flake8_keras_loops.verify.run.experiment import Done, Plan, is_for, lacks, measure, measurements
from flake8_keras_loops.verify.run.job import Limits
from flake8_keras_loops.verify.run.process import Step

LIMITS = Limits(5, 10, 60, 1, 0)
CPU = Backend("tensorflow", "3.15.1", "2.21.0", "cpu", "", "", {"KERAS_BACKEND": "tensorflow"})
PLACE = place_at(ast.parse("for i in x: pass"), 1)


def case(name: str, *arms: str, **values: Any) -> Case:
    return Case(name, "", "train.py:1", tuple(Program(arm, "", "train.py", PLACE) for arm in arms), **values)


class Worker:
    """Stands in for a process. ``log``: what was done to all of them; ``outcomes``: by arm; ``cost``: seconds of a run, by clock."""

    log: list[str]
    outcomes: dict[str, Any]
    clock: list[float]
    results: dict[str, float]

    def __init__(self, step: Step, backend: Backend, limits: Limits, preload: bool) -> None:
        self.step, self.name = step, f"{step.program.arm}{step.round}"
        self.log.append(f"{'preload' if preload else 'start'} {self.name}")

    def go(self) -> None:
        self.log.append(f"go {self.name}")

    def follow(self, on_iteration: Callable[[int], None]) -> Run:
        self.clock[0] += 10
        arm = self.step.program.arm
        outcome = self.outcomes.get(arm, OK)
        if isinstance(outcome, BaseException):
            raise outcome
        on_iteration(1)
        results = {"0/0/fit/loss": np.array([self.results.get(arm, 0.0)])}
        return Run(arm, self.step.round, outcome, (Iteration(1.0, 1),), check=self.step.check, results=results)

    def close(self) -> None:
        self.log.append(f"close {self.name}")


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> type[Worker]:
    Worker.log, Worker.outcomes, Worker.clock, Worker.results = [], {}, [0.0], {}
    monkeypatch.setattr(experiment, "Worker", Worker)
    monkeypatch.setattr(experiment.time, "monotonic", lambda: Worker.clock[0])
    monkeypatch.setattr(experiment.os, "cpu_count", lambda: 2)
    return Worker


def ran(cases: list[Case], plan: Plan) -> list[str]:
    done: list[Done] = []
    measure(cases, CPU, plan, differ, lambda *rest: None, done)
    return [f"{each.step.case.name} {each.run.arm} {each.run.round}" for each in done]


def test_rounds_are_outermost_and_every_second_one_runs_backwards(worker: type[Worker]) -> None:
    assert ran([case("a", "before", "after"), case("b", "before", "after", "hoist")], Plan(LIMITS, 2)) == [
        *("a before 0", "a after 0", "b before 0", "b after 0", "b hoist 0"),
        *("a after 1", "a before 1", "b hoist 1", "b after 1", "b before 1"),
    ]


def test_an_arm_that_failed_is_not_run_again(worker: type[Worker]) -> None:
    worker.outcomes = {"after": CRASHED}
    assert ran([case("a", "before", "after")], Plan(LIMITS, 3)) == ["a before 0", "a after 0", "a before 1", "a before 2"]


def test_a_budget_that_is_spent_leaves_whole_rounds_out(worker: type[Worker]) -> None:
    both = [case("a", "before", "after"), case("b", "before", "after")]
    first = ["a before 0", "a after 0", "b before 0", "b after 0"]
    assert ran(both, Plan(LIMITS, 2, budget=1)) == first
    worker.clock = [0.0]
    assert ran(both, Plan(LIMITS, 3, budget=69)) == [*first, "a after 1", "a before 1"]


def test_the_next_process_imports_keras_while_cores_are_spare(worker: type[Worker], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(experiment.os, "cpu_count", lambda: 16)
    ran([case("a", "before", "after", expect={"tensorflow": "faster"})], Plan(LIMITS, 1))
    assert worker.log == ["preload before0", "go before0", "preload after0", "close before0", "go after0", "close after0"]


def test_a_script_of_the_user_is_not_run_with_keras_imported_before(
    worker: type[Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(experiment.os, "cpu_count", lambda: 16)
    ran([case("a", "before", "after")], Plan(LIMITS, 1))
    assert not any(line.startswith("preload") for line in worker.log)


def test_a_process_that_waits_for_nothing_is_ended(worker: type[Worker], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(experiment.os, "cpu_count", lambda: 16)
    worker.outcomes = {"after": CRASHED}
    ran([case("a", "before", "after", expect={})], Plan(LIMITS, 2))
    assert sorted(line.split()[1] for line in worker.log if line.startswith("close")) == sorted(
        line.split()[1] for line in worker.log if line.startswith("preload")
    )


def test_after_ctrl_c_nothing_runs_and_what_there_is_is_kept(worker: type[Worker], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(experiment.os, "cpu_count", lambda: 16)
    worker.outcomes = {"after": KeyboardInterrupt()}
    done: list[Done] = []
    chosen = [case("a", "before", "after", expect={"tensorflow": "faster"}), case("b", "before", expect={"tensorflow": "same"})]
    with pytest.raises(KeyboardInterrupt):
        measure(chosen, CPU, Plan(LIMITS, 2), differ, lambda *rest: None, done)
    assert [each.run.arm for each in done] == ["before"]
    assert {"close before0", "close after0"} <= set(worker.log)
    (found,) = measurements(chosen, CPU, done)
    assert (found.case, found.backend, found.device, found.arms, found.expected) == (
        "a",
        "tensorflow",
        "cpu",
        ("before", "after"),
        "faster",
    )


@pytest.mark.parametrize(("device", "after", "checks"), [("gpu", 0.5, ["before", "after"]), ("gpu", 0.0, []), ("cpu", 0.5, [])])
def test_on_a_gpu_other_results_are_looked_at_deterministically(
    worker: type[Worker], device: str, after: float, checks: list[str]
) -> None:
    worker.results = {"after": after}
    done: list[Done] = []
    backend = replace(CPU, device=device)
    measure(
        [case("a", "before", "after", "hoist"), case("b", "before")], backend, Plan(LIMITS, 2), differ, lambda *rest: None, done
    )
    assert [each.run.arm for each in done if each.run.check] == checks
    assert [each.run.check for each in done] == [False] * 4 + [True] * len(checks) + [False] * 4


def test_arms_of_other_backends_are_left_out(worker: type[Worker]) -> None:
    mixed = Case(
        "a",
        "",
        "",
        (Program("before", "", "", PLACE), Program("JAX cache", "", "", PLACE, families=("jax",))),
        expect={"tensorflow": "same"},
    )
    assert ran([mixed], Plan(LIMITS, 1)) == ["a before 0"]


def test_which_cases_are_for_a_backend() -> None:
    assert is_for(case("a", "before"), CPU)
    assert is_for(case("a", "before", expect={"tensorflow": "faster"}), CPU)
    assert not is_for(case("a", "before", expect={"jax": "faster"}), CPU)
    assert lacks(case("a", "before")) == ""
    assert lacks(case("a", "before", needs=("no-such-thing", "pytest"))) == "needs no-such-thing (pip install no-such-thing)"
