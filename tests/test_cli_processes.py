"""``keras-loop-fix`` as a process: several workers, Ctrl-C, readers that go away, odd names."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from apart import LIMIT_S
from fake_rewrite import fake as fake  # the fixture
from waiting import HEEDS_CTRL_C

from flake8_keras_loops.cli.fix import main

TESTS = Path(__file__).parent
SAFE, NONE = "x = BAD_SAFE\n", "z = BAD_NONE\n"

# A process of its own with the fake in it; workers import it again, however they are started.
PROGRAM = f"""
import os, sys, time
sys.path.insert(0, {str(TESTS)!r})
import fake_rewrite
import flake8_keras_loops.fixes.rewrite as real
from flake8_keras_loops.cli.fix import main

def rewrite(text, *rest):
    if "SLOW" in text:
        time.sleep(1)
    if "GATE" in text:
        os.write(1, b"at the gate\\n")
        while not os.path.exists("open"):
            time.sleep(0.05)
    return fake_rewrite.rewrite(text, *rest)

real.rewrite = rewrite
if __name__ == "__main__":
    {HEEDS_CTRL_C}
    sys.exit(main())
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def process(root: Path, *args: str, **more: object) -> subprocess.Popen[str]:
    program = root.parent / f"{root.name}_program.py"
    program.write_text(PROGRAM)
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, str(program), *args], cwd=root, stdout=pipe, stderr=pipe, text=True, **more)  # type: ignore[call-overload,no-any-return]


def write(root: Path, **files: str) -> None:
    for name, content in files.items():
        (root / f"{name}.py").write_text(content)


def test_several_processes_say_the_same_in_the_same_order(root: Path) -> None:
    for i in range(40):
        (root / f"f{i:02}.py").write_text(("SYNTAX", SAFE, NONE, "CRASH", "x = 1\n")[i % 5])
    (root / "f01.py").write_text(SAFE + "SLOW")
    one, three = (process(root, f"-j{jobs}").communicate() for jobs in (1, 3))
    assert one == three
    assert [line.split(":")[0] for line in one[0].splitlines()[:-1] if line[0] != " "] == [
        f"f{i:02}.py" for i in range(40) if i % 5 in {1, 2}
    ]
    done = process(root, "--fix", "-j3")
    done.communicate()
    assert done.returncode == 2
    assert all("GOOD" in (root / f"f{i:02}.py").read_text() for i in range(40) if i % 5 == 1)


@pytest.mark.parametrize("jobs", [1, 2])
def test_ctrl_c_ends_cleanly_and_writes_nothing(root: Path, jobs: int) -> None:
    for i in range(20):
        (root / f"f{i:02}.py").write_text(SAFE + "GATE\n" if i < jobs else SAFE)
    child = process(root, "--fix", "-j", str(jobs), start_new_session=True)
    assert child.stdout is not None
    assert [child.stdout.readline() for _ in range(jobs)] == ["at the gate\n"] * jobs
    os.killpg(child.pid, signal.SIGINT)  # as the terminal does: to the workers too
    (root / "open").touch()
    _, err = child.communicate(timeout=LIMIT_S)
    assert child.returncode == 130
    assert err == "keras-loop-fix: interrupted\n"
    assert all("GOOD" not in path.read_text() for path in root.glob("*.py"))


@pytest.mark.usefixtures("fake")
def test_ctrl_c_in_the_middle_of_a_file(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(root, a=SAFE, b="INTERRUPT")
    assert main(["--fix"]) == 130
    assert capsys.readouterr().err == "keras-loop-fix: interrupted\n"
    assert (root / "a.py").read_text() == SAFE


@pytest.mark.parametrize("flag", ["--diff", "--quiet"])
def test_a_reader_that_goes_away_is_no_error(root: Path, flag: str) -> None:
    (root / "a.py").write_text(SAFE * 20_000)
    child = process(root, flag, "a.py")
    assert child.stdout is not None
    child.stdout.readline()
    child.stdout.close()
    child.stdout = None
    _, err = child.communicate(timeout=LIMIT_S)
    assert child.returncode == 1
    assert "Traceback" not in err
    assert "BrokenPipe" not in err


def test_errors_to_a_reader_that_goes_away(root: Path) -> None:
    child = process(root, *(f"gone{i}" for i in range(10)))
    assert child.stderr is not None
    child.stderr.close()
    child.stderr = None
    out, _ = child.communicate(timeout=LIMIT_S)
    assert child.returncode == 2
    assert out == "No findings in 0 files; 10 files could not be looked at.\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_output_that_cannot_be_written(root: Path) -> None:
    write(root, a=SAFE)
    child = subprocess.run(
        f"{sys.executable} -m flake8_keras_loops.cli.fix gone.py > /dev/full",
        shell=True,
        cwd=root,
        capture_output=True,
        text=True,
    )
    assert child.stderr.splitlines()[1:] == ["keras-loop-fix: error: No space left on device"]
    assert child.returncode == 2


def test_file_names_that_are_not_text(root: Path) -> None:
    name = os.fsdecode(b"caf\xe9.py")
    (root / name).write_text(SAFE)
    child = process(root, "-q", env={**os.environ, "PYTHONIOENCODING": "utf-8:strict"})
    out, err = child.communicate()
    assert (out, err) == ("caf\\udce9.py:1:5: KL101 BAD_SAFE in the loop on line 1\n    fix: reuse\n", "")
