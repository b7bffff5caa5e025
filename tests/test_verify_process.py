"""One arm in one process: whatever the program does, there is a record of it. No Keras is needed for that."""

from __future__ import annotations

import ast
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from apart import LIMIT_S
from waiting import is_running, wait_for

from flake8_keras_loops.verify.measurement import CRASHED, OK, OUT_OF_MEMORY, TIMED_OUT, UNUSABLE, Run
from flake8_keras_loops.verify.program.cases import Case, Program
from flake8_keras_loops.verify.program.instrument import place_at
from flake8_keras_loops.verify.run import process
from flake8_keras_loops.verify.run.devices import Backend
from flake8_keras_loops.verify.run.job import Limits
from flake8_keras_loops.verify.run.process import Step, Worker

CPU = Backend("tensorflow", "3.15.1", "2.21.0", "cpu", "", "", {})
LIMITS = Limits(iterations=4, seconds=LIMIT_S, timeout=LIMIT_S, warmup=1, seed=0)


def measured(
    text: str,
    folder: Path,
    limits: Limits = LIMITS,
    arguments: tuple[str, ...] = (),
    preload: bool = False,
    check: bool = False,
    on_iteration: Callable[[int], None] = lambda count: None,
    **variables: str,
) -> Run:
    """Run a program, measuring the loop in the line with ``# here``."""
    line = next(number for number, each in enumerate(text.splitlines(), 1) if "# here" in each)
    program = Program("before", text, str(folder / "train.py"), place_at(ast.parse(text), line), variables)
    case = Case("case", "", "", (program,), arguments=arguments)
    with closing(Worker(Step(case, program, 1, check), CPU, limits, preload)) as worker:
        worker.go()
        return worker.follow(on_iteration)


def test_iterations_are_stamped(tmp_path: Path) -> None:
    run = measured("import time\nfor i in range(9):  # here\n    time.sleep(0.02 * i)\n", tmp_path)
    assert (run.arm, run.round, run.outcome, run.detail) == ("before", 1, OK, "")
    seconds = [each.seconds for each in run.iterations]
    assert len(seconds) == 4
    assert all(0.02 * number <= each for number, each in enumerate(seconds))
    assert all(each.rss > 1_000_000 and each.allocated is None for each in run.iterations)
    assert run.startup is not None
    assert run.startup > 0
    assert 0 < run.probe < seconds[1]  # next to nothing beside an iteration that sleeps


def test_a_loop_that_ends_early_is_measured_and_the_rest_of_the_program_run(tmp_path: Path) -> None:
    text = f"for i in range(2):  # here\n    pass\nopen({str(tmp_path / 'after')!r}, 'w').close()\n"
    run = measured(text, tmp_path)
    assert (run.outcome, len(run.iterations)) == (OK, 2)
    assert (tmp_path / "after").exists()


def test_nothing_after_the_last_iteration_is_run(tmp_path: Path) -> None:
    text = f"for i in range(99):  # here\n    pass\nopen({str(tmp_path / 'after')!r}, 'w').close()\n"
    assert len(measured(text, tmp_path).iterations) == 4
    assert not (tmp_path / "after").exists()


def test_time_runs_out_after_four_warm_iterations(tmp_path: Path) -> None:
    limits = Limits(iterations=50, seconds=0.01, timeout=LIMIT_S, warmup=1, seed=None)
    run = measured("import time\nwhile True:  # here\n    time.sleep(0.01)\n", tmp_path, limits)
    assert (run.outcome, len(run.iterations)) == (OK, 5)


def test_the_program_is_main_with_its_arguments_and_neighbours(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("VALUE = 7\n")
    text = (
        "import sys, helper, pickle\n"
        "class Thing: pass\n"
        "assert __name__ == '__main__' and sys.modules['__main__'].Thing is Thing\n"
        "pickle.loads(pickle.dumps(Thing()))\n"
        f"assert __file__ == sys.argv[0] == {str(tmp_path / 'train.py')!r}, (__file__, sys.argv)\n"
        "assert sys.argv[1:] == ['--epochs', '1'] and helper.VALUE == 7\n"
        "assert sys.stdin.read() == ''\n"
        "for i in range(9):  # here\n    pass\n"
    )
    for preload in (False, True):
        run = measured(text, tmp_path, arguments=("--epochs", "1"), preload=preload)
        assert (run.outcome, run.detail) == (OK, "")


def test_what_is_drawn_before_the_loop_is_the_same_in_every_process(tmp_path: Path) -> None:
    text = (
        "import random, sys\nimport numpy as np\n"
        f"print(random.random(), np.random.rand(), file=open({str(tmp_path / 'drawn')!r}, 'a'))\n"
        "for i in range(9):  # here\n    pass\n"
    )
    for seed in (0, 0, 1, None, None):
        assert measured(text, tmp_path, Limits(2, LIMIT_S, LIMIT_S, 1, seed)).outcome == OK
    drawn = (tmp_path / "drawn").read_text().splitlines()
    assert drawn[0] == drawn[1]
    assert len(set(drawn)) == 4


def test_no_file_of_the_user_is_written(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("what the user has here\n")
    measured("for i in range(9):  # here\n    pass\n", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["train.py"]
    assert (tmp_path / "train.py").read_text() == "what the user has here\n"


def test_an_environment_of_its_own_with_a_folder_that_is_empty(tmp_path: Path) -> None:
    text = "import os\nassert os.listdir(os.environ['CACHE']) == []\nopen(os.environ['CACHE'] + '/x', 'w').close()\nfor i in [1, 2]:  # here\n    pass\n"
    for _ in range(2):
        assert measured(text, tmp_path, CACHE="{scratch}").outcome == OK


def test_a_crash_says_where(tmp_path: Path) -> None:
    run = measured("for i in range(9):  # here\n    print('training')\n    1 / (2 - i)\n", tmp_path)
    assert (run.outcome, len(run.iterations)) == (CRASHED, 2)
    lines = run.detail.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert "line 3" in lines[1]
    assert "1 / (2 - i)" in run.detail
    assert lines[-1] == "ZeroDivisionError: division by zero"
    assert "verify" not in "".join(line for line in lines if "train.py" not in line)


@pytest.mark.parametrize(
    ("statement", "outcome", "said"),
    [
        ("raise MemoryError('no more')", OUT_OF_MEMORY, "MemoryError: no more"),
        ("raise RuntimeError('RESOURCE_EXHAUSTED: Out of memory allocating 9 bytes')", OUT_OF_MEMORY, "RESOURCE_EXHAUSTED"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", OUT_OF_MEMORY, "killed"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", CRASHED, "ended by signal SIGTERM"),
        ("import os; os._exit(3)", CRASHED, "exit status 3"),
        ("import sys; sys.exit('bad data')", OK, ""),
    ],
)
def test_how_a_run_may_end(tmp_path: Path, statement: str, outcome: str, said: str) -> None:
    run = measured(f"for i in range(9):  # here\n    if i == 1:\n        {statement}\n", tmp_path)
    assert run.outcome == outcome
    assert said in run.detail
    assert len(run.iterations) == 1


def test_a_program_that_gives_up_before_its_loop(tmp_path: Path) -> None:
    run = measured("import sys\nsys.exit('usage: train.py DATA')\nfor i in range(9):  # here\n    pass\n", tmp_path)
    assert (run.outcome, run.detail, run.startup) == (CRASHED, "usage: train.py DATA", None)


def test_a_loop_that_is_never_reached(tmp_path: Path) -> None:
    run = measured("def train():\n    for i in range(9):  # here\n        pass\n", tmp_path)
    assert (run.outcome, run.detail) == (UNUSABLE, "the program never came to the loop on line 2")


def test_a_timeout_ends_the_program_and_what_it_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(3600)'])\n"
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(child.pid))\n"
        "for i in range(9):  # here\n    time.sleep(3600 * i)\n"
    )
    now = time.time

    def run_out(count: int) -> None:
        """Once there is an iteration, the time is over."""
        monkeypatch.setattr(time, "time", lambda: now() + 2 * LIMIT_S)

    run = measured(text, tmp_path, on_iteration=run_out)
    assert (run.outcome, len(run.iterations)) == (TIMED_OUT, 1)
    assert run.detail.startswith(f"no end after {LIMIT_S} s")
    wait_for(lambda: not is_running(int((tmp_path / "pid").read_text())))


def test_a_program_that_does_not_end_after_its_loop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_GRACE", 0.2)
    text = (
        "import os, threading, time\n"
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\n"
        "threading.Thread(target=time.sleep, args=(3600,)).start()\n"
        "for i in range(9):  # here\n    pass\n"
    )
    assert measured(text, tmp_path).outcome == OK
    assert not is_running(int((tmp_path / "pid").read_text()))


def test_what_the_program_prints_stays_in_the_process(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    measured("import sys\nfor i in range(9):  # here\n    print('x'), print('y', file=sys.stderr)\n", tmp_path)
    assert capfd.readouterr() == ("", "")


def test_a_check_runs_with_deterministic_operations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLA_FLAGS", "--xla_of_the_user=1")
    text = (
        "import os\nassert os.environ['XLA_FLAGS'] == '--xla_of_the_user=1 --xla_gpu_deterministic_ops=true'\n"
        "assert os.environ['TF_DETERMINISTIC_OPS'] == '1'\nfor i in range(9):  # here\n    pass\n"
    )
    run = measured(text, tmp_path, check=True)
    assert (run.outcome, run.check) == (OK, True), run.detail


SPAWNING = """
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import keras


def run(units):
    model = keras.Model()
    model.fit(units)
    return __file__


if __name__ == "__main__":
    for units in range(9):  # here
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            print(pool.submit(run, units).result())
            assert pool.submit(run, units).result() == __file__
"""
KERAS = """
class Model:
    def fit(self, units):
        return {"loss": units + utils.seed}


class backend:
    backend = staticmethod(lambda: "tensorflow")


class utils:
    seed = 0.0

    @classmethod
    def set_random_seed(cls, seed):
        cls.seed = seed
"""


def test_spawned_processes_run_the_measured_text_and_are_recorded(tmp_path: Path) -> None:
    """The program's own file is another one, or is not there at all."""
    (tmp_path / "keras.py").write_text(KERAS)
    run = measured(SPAWNING, tmp_path)
    assert (run.outcome, run.detail) == (OK, "")
    found = {key: float(value) for key, value in run.results.items()}
    assert found == {f"{at}/{number}/fit/loss": 2.0 * at for at in range(4) for number in (0, 1)}
    assert all(each.children and each.children > 1_000_000 for each in run.iterations)
