"""``keras-loop-fix`` as a process: several workers, readers that go away, odd names."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from apart import LIMIT_S
from fake_process import NONE, SAFE, process, write
from fake_process import root as root  # the fixture


def test_several_processes_say_the_same_in_the_same_order(root: Path) -> None:
    for i in range(40):
        (root / f"f{i:02}.py").write_text(("SYNTAX", SAFE, NONE, "CRASH", "x = 1\n")[i % 5])
    (root / "f01.py").write_text(SAFE + "LATE")  # it is looked at when the others have been
    one, three = (process(root, f"-j{jobs}").communicate() for jobs in (1, 3))
    assert one == three
    assert [line.split(":")[0] for line in one[0].splitlines()[:-1] if line[0] != " "] == [
        f"f{i:02}.py" for i in range(40) if i % 5 in {1, 2}
    ]
    done = process(root, "--fix", "-j3")
    done.communicate()
    assert done.returncode == 2
    assert all("GOOD" in (root / f"f{i:02}.py").read_text() for i in range(40) if i % 5 == 1)


def test_a_file_over_which_a_process_ends(root: Path) -> None:
    """It is the only one that is not looked at."""
    for i in range(40):
        (root / f"f{i:02}.py").write_text({7: "KILL", 22: "KILL"}.get(i, SAFE))
    child = process(root, "-j3")
    out, err = child.communicate(timeout=LIMIT_S)
    reason = "error: not looked at: a worker process was killed, for want of memory maybe"
    assert err.splitlines() == [f"f07.py: {reason}", f"f22.py: {reason}"]
    assert [line[:3] for line in out.splitlines()[:-1:2]] == [f"f{i:02}" for i in range(40) if i not in {7, 22}]
    assert child.returncode == 2


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
