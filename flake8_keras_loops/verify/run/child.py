"""What a process that the measured program spawns imports as its main module (``multiprocessing.spawn.prepare``).

It is the program's own text, which may stand in no file of the user's. The child draws from the random streams as its iteration
would have in the parent, and writes down what its models return, for the parent to take in.
"""

from __future__ import annotations

import ast
import os
import pickle
import sys
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from . import memory, recording
from .job import JOB, PROGRAM, Job

#: The folder of the run, and the seed of the iteration, as environment variables; what children return, as a folder in that.
FOLDER, SEED, RETURNED = "KERAS_LOOP_VERIFY_FOLDER", "KERAS_LOOP_VERIFY_SEED", "returned"
_NAME = f"{__package__}.child"


def announce(folder: Path, program: ModuleType) -> None:
    """Let the children of this process import this module for the program that it runs."""
    os.environ[FOLDER] = str(folder)
    (folder / RETURNED).mkdir()
    assert __spec__ is not None
    program.__spec__ = type(__spec__)(_NAME, None)


def returned(folder: Path) -> tuple[list[tuple[str, Any]], int | None]:
    """What the models of children returned since the last time: method and arrays of each call. And the most resident memory
    that one of them had then, ``None`` without any."""
    calls: list[tuple[str, Any]] = []
    most: int | None = None
    for path in sorted((folder / RETURNED).iterdir()):
        with path.open("rb") as file:
            found, rss = pickle.load(file)
        calls += found
        most = max(most or 0, rss)
        path.unlink()
    return calls, most


def _code(file: Path) -> CodeType:
    return compile(ast.parse(file.read_bytes()), str(file), "exec", dont_inherit=True)


def _record(folder: Path) -> None:
    """From here on, keep what models return; seed as the iteration was."""
    calls: list[tuple[str, Any]] = []
    path = folder / RETURNED / f"{len(os.listdir(folder / RETURNED)):09}-{os.getpid()}"

    def tell(method: str, value: Any) -> None:
        calls.append((method, dict(recording.flat(value))))
        path.write_bytes(pickle.dumps((calls, memory.rss())))

    recording.Recorder(tell=tell).attach()
    if seed := os.environ.get(SEED):
        for name in ("keras", "tf_keras"):
            if utils := getattr(sys.modules.get(name), "utils", None):
                utils.set_random_seed(int(seed))


if __name__ == "__mp_main__":
    _folder = Path(os.environ[FOLDER])
    _job: Job = pickle.loads((_folder / JOB).read_bytes())
    globals().update({"__file__": _job.file, "__package__": None})
    exec(_code(_folder / PROGRAM / Path(_job.file).name), globals())
    _record(_folder)
