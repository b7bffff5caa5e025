"""``keras-loop-fix`` as a process of its own, with the fake in it; workers import it again, however they are started.

Further words of its files: ``GATE`` waits at a gate until there is a file ``open``, ``LATE`` takes a second,
``KILL`` ends the process at once.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from waiting import HEEDS_CTRL_C

TESTS = Path(__file__).parent
SAFE, NONE = "x = BAD_SAFE\n", "z = BAD_NONE\n"
AT_THE_GATE = "at the gate\n"

PROGRAM = f"""
import os, signal, sys, time
sys.path[:0] = [{str(TESTS)!r}, {str(TESTS.parent)!r}]
import fake_rewrite
import flake8_keras_loops.fixes.rewrite as real
from flake8_keras_loops.cli import progress
from flake8_keras_loops.cli.fix import main

def rewrite(text, *rest):
    if "KILL" in text:
        os.kill(os.getpid(), signal.SIGKILL)
    if "LATE" in text:
        time.sleep(1)
    if "GATE" in text:
        open(f"pid-{{os.getpid()}}", "w").close()
        os.write(1, {AT_THE_GATE.encode()!r})
        while not os.path.exists("open"):
            time.sleep(0.05)
    return fake_rewrite.rewrite(text, *rest)

def replace(*args, true=os.replace):
    os.kill(os.getpid(), signal.SIGINT)
    true(*args)

real.rewrite = rewrite
if "CTRL_C_IN_A_WRITE" in os.environ:
    os.replace = replace
progress._AFTER_S = progress._EVERY_S = float(os.environ.get("NO_BAR_BEFORE", "3600"))
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
    settings = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "cwd": root, **more}
    return subprocess.Popen([sys.executable, str(program), *args], **settings)  # type: ignore[call-overload,no-any-return]


def write(root: Path, **files: str) -> None:
    for name, content in files.items():
        (root / f"{name}.py").write_text(content)


def at_the_gate(root: Path) -> list[int]:
    """The processes that have come to the gate."""
    return sorted(int(path.name.removeprefix("pid-")) for path in root.glob("pid-*"))
