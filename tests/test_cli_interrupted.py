"""``keras-loop-fix`` as it goes: findings as files are done, a bar on a terminal, and how it ends early."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
from pathlib import Path

import pytest
from apart import LIMIT_S
from fake_process import AT_THE_GATE, NONE, SAFE, at_the_gate, process, write
from fake_process import root as root  # the fixture
from fake_rewrite import fake as fake  # the fixture
from waiting import is_running, wait_for

from flake8_keras_loops.cli.fix import main

FOUND = ["{}.py:1:5: KL101 BAD_SAFE in the loop on line 1\n", "    fix: reuse\n"]


def lines(child: subprocess.Popen[str], count: int) -> list[str]:
    assert child.stdout is not None
    return [child.stdout.readline() for _ in range(count)]


def found(*names: str) -> list[str]:
    return [line.format(name) for name in names for line in FOUND]


# -- as files are done


@pytest.mark.parametrize("jobs", ["-j1", "-j2"])
def test_findings_are_printed_before_the_others_are_looked_at(root: Path, jobs: str) -> None:
    write(root, a=SAFE, b="x = 1\n", c=SAFE, d=NONE + "GATE\n", e=SAFE)
    child = process(root, jobs)
    assert sorted(lines(child, 5)) == sorted([*found("a", "c"), AT_THE_GATE])
    assert child.poll() is None
    (root / "open").touch()
    out, err = child.communicate(timeout=LIMIT_S)
    assert [line[:4] for line in out.splitlines()] == ["d.py", "    ", "e.py", "    ", "4 fi"]
    assert (child.returncode, err) == (1, "")


def test_a_file_waits_for_those_before_it(root: Path) -> None:
    write(root, a=SAFE + "GATE\n", b=SAFE, c="SYNTAX", d=SAFE)
    child = process(root, "-j2")
    assert lines(child, 1) == [AT_THE_GATE]
    (root / "open").touch()
    out, err = child.communicate(timeout=LIMIT_S)
    assert out.startswith("".join(found("a", "b", "d")))
    assert err == "c.py:1: error: invalid syntax\n"


@pytest.mark.parametrize("args", [["--output-format", "json"], ["--fix"], ["--diff"], ["--check"]])
def test_the_others_are_printed_at_the_end(root: Path, args: list[str]) -> None:
    write(root, a=SAFE, b="GATE\n", c=SAFE)
    child = process(root, *args)
    assert lines(child, 1) == [AT_THE_GATE]
    assert (root / "a.py").read_text() == SAFE
    (root / "open").touch()
    child.communicate(timeout=LIMIT_S)
    assert child.returncode == 1


# -- Ctrl-C, SIGTERM


@pytest.mark.parametrize(("number", "status", "word"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")])
@pytest.mark.parametrize("jobs", [1, 2])
def test_it_ends_at_once_with_what_was_found(root: Path, jobs: int, number: int, status: int, word: str) -> None:
    """The gate stays shut: nobody waits for the files that are being looked at."""
    for i in range(20):
        (root / f"f{i:02}.py").write_text(SAFE + "GATE\n" if i == 1 or (i == 3 and jobs == 2) else SAFE)
    child = process(root, "-j", str(jobs), start_new_session=True)
    assert sorted(lines(child, 2 + jobs)) == sorted([*found("f00"), *[AT_THE_GATE] * jobs])
    workers = at_the_gate(root)
    assert len(workers) == jobs
    if number == signal.SIGINT:
        os.killpg(child.pid, number)  # as the terminal does: to the workers too
    else:
        os.kill(child.pid, number)
    out, err = child.communicate(timeout=LIMIT_S)
    also = ["f02"] if "f02" in out else []  # where it had been told
    assert also == [] or jobs == 2
    assert out.startswith("".join(found(*also)))
    assert out[len("".join(found(*also))) :] == (
        f"{1 + len(also)} finding{'s' if also else ''} in {1 + len(also)} file{'s' if also else ''}, "
        f"{1 + len(also)} fixable with --fix.\n"
    )
    assert err == f"keras-loop-fix: {word}: {19 - len(also)} of 20 files were not looked at\n"
    assert child.returncode == status
    wait_for(lambda: not any(map(is_running, workers)))


@pytest.mark.parametrize("jobs", [1, 2])
def test_nothing_is_written(root: Path, jobs: int) -> None:
    for i in range(20):
        (root / f"f{i:02}.py").write_text(SAFE + "GATE\n" if i in (1, 3) else SAFE)
    child = process(root, "--fix", "-j", str(jobs), start_new_session=True)
    assert lines(child, jobs) == [AT_THE_GATE] * jobs
    os.killpg(child.pid, signal.SIGINT)
    _, err = child.communicate(timeout=LIMIT_S)
    assert child.returncode == 130
    assert re.fullmatch(r"keras-loop-fix: interrupted: \d+ of 20 files were not looked at, nothing was written\n", err)
    assert all("GOOD" not in path.read_text() for path in root.glob("*.py"))


def test_workers_end_with_a_run_that_is_killed(root: Path) -> None:
    write(root, a="GATE\n", b="GATE\n")
    child = process(root, "-j2")
    assert lines(child, 2) == [AT_THE_GATE] * 2
    workers = at_the_gate(root)
    child.kill()
    (root / "open").touch()
    wait_for(lambda: not any(map(is_running, workers)))
    child.communicate(timeout=LIMIT_S)


@pytest.mark.usefixtures("fake")
def test_a_document_says_that_it_is_not_whole(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(root, a=SAFE, b="INTERRUPT", c=SAFE)
    note = "2 of 3 files were not looked at"
    assert main(["--output-format", "json"]) == 130
    out, err = capsys.readouterr()
    assert err == f"keras-loop-fix: interrupted: {note}\n"
    document = json.loads(out)
    assert [finding["path"] for finding in document["findings"]] == ["a.py"]
    assert document["errors"] == [note]
    assert main(["--output-format", "sarif"]) == 130
    (log,) = json.loads(capsys.readouterr().out)["runs"]
    assert not log["invocations"][0]["executionSuccessful"]


def test_between_two_files_that_are_written(root: Path) -> None:
    """The file that is being written is finished, and what is said is what has been done."""
    write(root, a=SAFE, b=SAFE, c=SAFE)
    child = process(root, "--fix", env={**os.environ, "CTRL_C_IN_A_WRITE": "1"})
    out, err = child.communicate(timeout=LIMIT_S)
    assert [(root / f"{name}.py").read_text() == SAFE for name in "abc"] == [False, True, True]
    assert out == "".join(found("b", "c")) + "Fixed 1 finding in 1 file; 2 left.\n"
    assert err == "keras-loop-fix: interrupted: 2 of 3 files were not written\n"
    assert child.returncode == 130
    assert {path.name for path in root.iterdir()} == {"a.py", "b.py", "c.py"}


# -- the bar


def on_a_terminal(root: Path, *args: str, both: bool = False, **environment: str) -> str:
    """What a run shows on a terminal: of standard error, or of ``both`` streams."""
    ours, theirs = pty.openpty()
    given = {name: value for name, value in os.environ.items() if name not in {"CI", "NO_COLOR", "FORCE_COLOR"}}
    given |= {"TERM": "xterm-256color", "COLUMNS": "100", "NO_BAR_BEFORE": "0", **environment}
    child = process(root, *args, stdout=theirs if both else subprocess.DEVNULL, stderr=theirs, env=given)
    os.close(theirs)
    shown = b""
    while True:
        try:
            data = os.read(ours, 65536)
        except OSError:  # how Linux says that nobody has the other end
            break
        if not data:
            break
        shown += data
    os.close(ours)
    assert child.wait(timeout=LIMIT_S) == 1
    return shown.decode()


def test_a_bar_on_a_terminal(root: Path) -> None:
    write(root, a=SAFE, b="x = 1\n", c=SAFE)
    shown = on_a_terminal(root)
    assert re.findall(r"looking.*?(\d/3).*?files", shown)[-1] == "3/3"
    assert "\x1b[38" in shown or "\x1b[3" in shown
    assert shown.rstrip().endswith("\x1b[2K")  # it is gone in the end


def test_findings_stand_above_the_bar(root: Path) -> None:
    write(root, a="x = 1\n", b=SAFE, c=SAFE, d="SYNTAX")
    (root / "d.py").write_text(NONE)
    shown = on_a_terminal(root, both=True)
    assert "looking" in shown
    plain = re.sub(r"\x1b\[[?\d;]*[a-zA-Z]", "", shown)
    left = [line.rpartition("\r")[2] for line in plain.replace("\r\n", "\n").split("\n")]
    assert [f"{line}\n" for line in left if line.startswith(("b.py", "c.py"))] == found("b", "c")[::2]
    assert left[-2] == "3 findings in 3 files, 2 fixable with --fix."


def test_no_colour_is_no_reason_for_no_bar(root: Path) -> None:
    write(root, a=SAFE)
    shown = on_a_terminal(root, NO_COLOR="1")
    assert "1/1" in shown
    assert not re.search(r"\x1b\[(3\d|4\d|9\d)", shown)


@pytest.mark.parametrize(
    ("args", "environment"),
    [(["-q"], {}), ([], {"CI": "true"}), ([], {"TERM": "dumb"}), ([], {"NO_BAR_BEFORE": "3600"})],
)
def test_no_bar(root: Path, args: list[str], environment: dict[str, str]) -> None:
    write(root, a=SAFE)
    assert on_a_terminal(root, *args, **environment) == ""


def test_no_bar_in_a_pipe_whatever_the_environment_says(root: Path) -> None:
    write(root, a=SAFE)
    child = process(root, env={**os.environ, "NO_BAR_BEFORE": "0", "FORCE_COLOR": "1", "TTY_COMPATIBLE": "1"})
    _, err = child.communicate(timeout=LIMIT_S)
    assert (child.returncode, err) == (1, "")
