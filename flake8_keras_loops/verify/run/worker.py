"""One arm in one fresh process: ``python -m flake8_keras_loops.verify.run.worker JOB.json``.

Runs the program as ``python script.py`` would (as ``__main__``, its folder first on the path, its arguments), the probe around
its loop, and writes what happens as JSON lines. Only what is to be measured is run, and only here.
"""

from __future__ import annotations

import ast
import json
import os
import random
import sys
import time
import traceback
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, TextIO

import numpy as np

from ..program import instrument
from ..program.instrument import PROBE, Place
from .probe import LoopDoneError, Probe, keras_backend


@dataclass(frozen=True)
class Job:
    """``source``: file with the program's text, which tracebacks name. ``file``: what the program takes itself for
    (``__file__``). ``folder``: first on the path. ``events``/``results``: files to write. ``preload``: import Keras, then wait
    for a line on standard input before the program starts. ``seed``: ``None`` for none. ``backend``: that Keras must turn out
    to have."""

    source: str
    file: str
    folder: str
    arguments: tuple[str, ...]
    place: Place
    iterations: int
    seconds: float
    warmup: int
    seed: int | None
    backend: str
    events: str
    results: str
    preload: bool

    def dump(self, path: Path) -> None:
        """Write it for :func:`main` to read."""
        path.write_text(json.dumps(asdict(self)), "utf-8")


def _load(path: str) -> Job:
    values = json.loads(Path(path).read_text("utf-8"))
    return Job(**{**values, "place": Place(**values["place"]), "arguments": tuple(values["arguments"])})


def main() -> int:
    """Run the job that the command line names. Returns the exit status: 0 if the loop was measured, 1 if the program failed."""
    job = _load(sys.argv[1])
    if job.preload:
        with suppress(Exception):  # without it the program itself says what is missing
            import_module("keras" if job.backend != "tf-keras" else "tensorflow")
        sys.stdin.readline()
    with open(job.events, "w", encoding="utf-8") as events, open(job.results, "wb") as results:

        def emit(event: str, **values: Any) -> None:
            _write(events, {"event": event, "time": time.time(), **values})

        emit("start")
        probe = Probe(job.iterations, job.seconds, job.warmup, job.seed, emit, results)
        status = _run(job, probe)
        sys.stdout.flush()
        if status == 0:
            emit("done", probe=probe.cost(), backend=keras_backend())
    return status


def _run(job: Job, probe: Probe) -> int:
    """Run the program to the end of its loop."""
    tree = instrument.instrumented(ast.parse(Path(job.source).read_bytes()), job.place)
    program = ModuleType("__main__")
    program.__dict__.update({"__file__": job.file, "__builtins__": __builtins__, PROBE: probe})
    sys.argv = [job.file, *job.arguments]
    sys.path[0] = job.folder
    sys.modules["__main__"] = program
    if job.seed is not None:  # what comes before the loop, such as made-up data, must be the same in each process
        random.seed(job.seed)
        np.random.seed(job.seed % 2**32)  # the global stream: the program's
    try:
        exec(compile(tree, job.source, "exec", dont_inherit=True), program.__dict__)
    except LoopDoneError:
        pass
    except SystemExit as leaving:
        if leaving.code not in {None, 0} and not probe.done:
            if isinstance(leaving.code, str):
                print(leaving.code, file=sys.stderr)
            return 1
    except BaseException as error:
        _print_traceback(error)
        return 1
    return 0


def _print_traceback(error: BaseException) -> None:
    """Without the frames of this project."""
    ours = os.path.dirname(__file__)
    frame = error.__traceback__
    while frame is not None and frame.tb_frame.f_code.co_filename.startswith(ours):
        frame = frame.tb_next
    traceback.print_exception(type(error), error, frame)


def _write(events: TextIO, event: dict[str, Any]) -> None:
    events.write(json.dumps(event) + "\n")
    events.flush()


if __name__ == "__main__":
    sys.exit(main())
