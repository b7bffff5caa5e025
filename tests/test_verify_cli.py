"""The command line of ``keras-loop-verify``: what it says, writes and returns. Programs here need no Keras: they stand in for it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from apart import LIMIT_S
from waiting import HEEDS_CTRL_C, is_running, wait_for

from flake8_keras_loops.cli import verify
from flake8_keras_loops.verify.run import devices
from flake8_keras_loops.verify.run.devices import Backend, DeviceError

#: A loop that a fix makes faster, without Keras: ``STEPS`` of about 5 ms an iteration, by a clock of its own, which the probe
#: reads too. It reports through a Keras of its own.
PROGRAM = """\
import sys, time, types

now = 0.0
def clock():
    global now
    now += 1e-7
    return now
time.perf_counter = clock
keras = types.ModuleType("keras")
class Model:
    def fit(self, value):
        return types.SimpleNamespace(history={"loss": [value]})
keras.Model = Model
keras.backend = types.SimpleNamespace(backend=lambda: "tensorflow")
keras.utils = types.SimpleNamespace(set_random_seed=lambda seed: None)
sys.modules["keras"] = keras

for i in range(20):
    now += 0.005 * STEPS * (1 + 0.01 * (3 * i % 8))
    Model().fit(VALUE)
"""
SPEC = 'title = "a stand-in"\ncodes = []\nstrategy = "reuse"\nby_hand = true\nloop = 18\n[expect]\ntensorflow = "faster"\n'


@pytest.fixture(autouse=True)
def cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """A backend without asking a real one."""

    def look(backend: str, device: str, environ: Any) -> Backend:
        if device == "gpu":
            raise DeviceError("--device gpu: sees no GPU")
        return Backend(backend, "3.15.1", "2.21.0", "cpu", "", "", devices.variables(backend, "cpu"))

    monkeypatch.setattr(devices, "look", look)
    monkeypatch.setenv("COLUMNS", "140")


def make_case(
    folder: Path, after: str = "STEPS = 1; VALUE = 0.5", before: str = "STEPS = 5; VALUE = 0.5", spec: str = SPEC
) -> Path:
    folder.mkdir(exist_ok=True)
    for name, values in (("before", before), ("after", after)):
        steps, value = (part.split("=")[1].strip() for part in values.split(";"))
        (folder / f"{name}.py").write_text(PROGRAM.replace("STEPS", steps).replace("VALUE", value))
    (folder / "case.toml").write_text(spec)
    return folder


def run(*arguments: object, options: tuple[str, ...] = ("--backend", "tensorflow", "--iterations", "5", "--repeats", "2")) -> int:
    return verify.main([*options, *map(str, arguments)])


@pytest.mark.parametrize(
    ("after", "status", "verdict"),
    [
        ("STEPS = 1; VALUE = 0.5", 0, "faster"),
        ("STEPS = 12; VALUE = 0.5", 1, "slower"),
        ("STEPS = 1; VALUE = 0.6", 1, "different"),
        ("STEPS = 1; VALUE = 1 / 0", 2, "failed"),
        ("STEPS = 1; VALUE = 'text'", 1, "different"),
    ],
)
def test_verdict_and_exit_status(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], after: str, status: int, verdict: str
) -> None:
    assert run(make_case(tmp_path / "case", after)) == status
    out = capsys.readouterr().out
    assert verdict in out
    if verdict == "failed":
        assert "ZeroDivisionError: division by zero" in out
    if verdict == "different" and "0.6" in after:
        assert "iteration 0, fit, loss[0]: 0.5 against 0.6" in out


def test_results_that_were_not_recorded_prove_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(make_case(tmp_path / "case", "STEPS = 1; VALUE = 'text'", "STEPS = 5; VALUE = 'text'")) == 3
    assert "inconclusive" in capsys.readouterr().out


def test_too_few_iterations_are_not_conclusive(tmp_path: Path) -> None:
    assert run(make_case(tmp_path / "case"), options=("--backend", "tensorflow", "--iterations", "2", "--repeats", "1")) == 3


def test_report_plot_and_markdown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case, output, plots = make_case(tmp_path / "case"), tmp_path / "report.json", tmp_path / "plots"
    assert run(case, "--output", output, "--plot", plots, "--markdown") == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("| Case | Arm |")
    assert "| case (tensorflow, cpu) | after |" in captured.out
    document = json.loads(output.read_text())
    assert document["schema"] == 1
    assert document["command"][0] == "keras-loop-verify"
    assert document["settings"]["repeats"] == 2
    assert document["environment"]["python"] == ".".join(map(str, sys.version_info[:3]))
    assert document["backends"][0]["version"] == "2.21.0"
    assert document["interrupted"] is False
    (found,) = document["cases"]
    assert [(each["arm"], each["round"]) for each in found["runs"]] == [("before", 0), ("after", 0), ("after", 1), ("before", 1)]
    assert all(len(each["iterations"]["seconds"]) == 5 for each in found["runs"])
    assert (plots / "case.png").read_bytes().startswith(b"\x89PNG")
    assert "probe: " in captured.err


def test_cases_of_a_folder_and_one_plot(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_case(tmp_path / "one")
    make_case(tmp_path / "two", spec=SPEC.replace("tensorflow =", "jax ="))
    assert run(tmp_path, "--plot", tmp_path / "x.png") == 2
    assert capsys.readouterr().err == f"keras-loop-verify: error: {tmp_path / 'x.png'}: several plots need a folder\n"
    assert run(tmp_path / "one", "--plot", tmp_path / "x.png") == 0
    assert (tmp_path / "x.png").exists()
    assert run(tmp_path / "two") == 2
    assert capsys.readouterr().err.endswith("error: no case is for the backends that were asked for\n")


def test_the_number_of_iterations_is_the_cases_own_unless_it_is_given(tmp_path: Path) -> None:
    case, output = make_case(tmp_path / "case", spec="iterations = 7\n" + SPEC), tmp_path / "report.json"
    for options, count in ((("--iterations", "4"), 4), ((), 7)):
        run(case, "--output", output, options=("--backend", "tensorflow", "--repeats", "1", *options))
        runs = json.loads(output.read_text())["cases"][0]["runs"]
        assert {len(each["iterations"]["seconds"]) for each in runs} == {count}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required: CASE_OR_SCRIPT"),
        (["x.py", "--iterations", "0"], "argument --iterations: '0' is not a whole number from 1"),
        (["x.py", "--backend", "theano"], "argument --backend: theano is none of tensorflow, jax, torch, tf-keras"),
        (["x.py", "--compare", "hoist,magic"], "argument --compare: magic is none of reuse, hoist"),
        (["x.py", "--minimum-effect", "nan"], "'nan' is not a number above 0"),
        (["x.py", "y.py", "--", "--epochs", "1"], "arguments after -- need exactly one script"),
        (["no-such.py:3"], "no-such.py: cannot be read: No such file or directory"),
        (["CASE", "--", "--epochs"], "arguments after -- are for scripts"),
        (["CASE", "--device", "gpu"], "--device gpu: sees no GPU"),
        (["CASE", "--output", "no-such-folder/report.json"], "no-such-folder/report.json: cannot be written"),
    ],
)
def test_one_line_and_status_2(tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    case = make_case(tmp_path / "case")
    assert verify.main([str(case) if each == "CASE" else each for each in arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert captured.err.startswith("keras-loop-verify: error: ")
    assert message in captured.err


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(verify, "find_spec", lambda name: None if name == "psutil" else True)
    assert verify.main(["x.py"]) == 2
    assert capsys.readouterr().err == "keras-loop-verify: error: psutil is missing: pip install 'flake8-keras-loops[verify]'\n"


def test_help_says_what_the_exit_status_means(capsys: pytest.CaptureFixture[str]) -> None:
    assert verify.main(["--help"]) == 0
    assert "Exit status: 0 every fix" in capsys.readouterr().out


def test_ctrl_c_ends_every_process_and_leaves_the_report(tmp_path: Path) -> None:
    case = make_case(tmp_path / "case")
    after = case / "after.py"
    said = f"import os; print(os.getpid(), file=open({str(tmp_path / 'pid')!r}, 'w'))"
    after.write_text(after.read_text().replace("    now += ", f"    {said}\n    time.sleep(3600)\n    now += "))
    program = (
        f"{HEEDS_CTRL_C}\n"
        "import sys; from flake8_keras_loops.cli import verify; from flake8_keras_loops.verify.run import devices\n"
        "devices.look = lambda backend, device, environ: devices.Backend(backend, '3', '2', 'cpu', '', '', {})\n"
        "sys.exit(verify.main(sys.argv[1:]))\n"
    )
    output = tmp_path / "report.json"
    command = [sys.executable, "-c", program, "--backend", "tensorflow", "--iterations", "4", "--output", str(output), str(case)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    wait_for(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().strip())
    worker = int((tmp_path / "pid").read_text())
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 130
    assert err.endswith("keras-loop-verify: interrupted\n")
    assert "Traceback" not in out + err
    document = json.loads(output.read_text())
    assert document["interrupted"] is True
    assert [run["arm"] for run in document["cases"][0]["runs"]] == ["before"]
    wait_for(lambda: not is_running(worker))


def test_a_case_without_a_fix(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = SPEC.replace('"reuse"\nby_hand = true', '""').replace('"faster"', '"none"')
    assert run(make_case(tmp_path / "case", spec=spec)) == 0
    assert run(make_case(tmp_path / "case", before="STEPS = 1; VALUE = 1 / 0", spec=spec)) == 2
    assert "ZeroDivisionError" in capsys.readouterr().out


def test_a_program_that_chooses_another_backend(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = make_case(tmp_path / "case")
    for path in case.glob("*.py"):
        path.write_text(path.read_text().replace('lambda: "tensorflow"', 'lambda: "numpy"'))
    assert run(case) == 2
    assert "the program chose the backend numpy itself" in capsys.readouterr().out
