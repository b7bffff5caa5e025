"""One arm in one fresh process: ``python -m flake8_keras_loops.verify.run.worker FOLDER``.

A :class:`.job.Job` in, JSON lines of what happens and the arrays that were recorded out, all in that folder. Runs the program as
``python script.py`` would (as ``__main__``, its folder first on the path, its arguments), the probe around its loop. Only what is
to be measured is run, and only here.
"""

from __future__ import annotations

import ast
import json
import os
import pickle
import random
import sys
import time
import traceback
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from ..program import instrument
from ..program.instrument import PROBE
from . import child
from .job import EVENTS, JOB, PROGRAM, RESULTS, Job
from .probe import LoopDoneError, Probe, keras_backend


def main() -> int:
    """Run the job in the folder that the command line names. Returns 0 if the loop was measured, 1 if the program failed."""
    folder = Path(sys.argv[1])
    job: Job = pickle.loads((folder / JOB).read_bytes())
    if job.preload:
        with suppress(Exception):  # without it the program itself says what is missing
            import_module("keras" if job.backend != "tf-keras" else "tensorflow")
        sys.stdin.readline()
    with open(folder / EVENTS, "w", encoding="utf-8") as events, open(folder / RESULTS, "wb") as results:

        def emit(event: str, **values: Any) -> None:
            events.write(json.dumps({"event": event, "time": time.time(), **values}) + "\n")
            events.flush()

        probe = Probe(job.limits, emit, results, folder)
        status = _run(job, folder, probe)
        sys.stdout.flush()
        if status == 0:
            emit("done", probe=probe.cost(), backend=keras_backend())
    return status


def _run(job: Job, folder: Path, probe: Probe) -> int:
    """Run the program to the end of its loop. ``folder``: has the file of its text, which tracebacks name."""
    source = folder / PROGRAM / Path(job.file).name
    tree = instrument.instrumented(ast.parse(source.read_bytes()), job.place)
    program = ModuleType("__main__")
    program.__dict__.update({"__file__": job.file, "__builtins__": __builtins__, PROBE: probe})
    sys.argv = [job.file, *job.arguments]
    sys.path[0] = str(Path(job.file).absolute().parent)
    sys.modules["__main__"] = program
    child.announce(folder, program)
    if (seed := job.limits.seed) is not None:  # data made up before the loop must be the same in each process
        random.seed(seed)
        np.random.seed(seed % 2**32)  # the global stream: the program's
    try:
        exec(compile(tree, str(source), "exec", dont_inherit=True), program.__dict__)
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


if __name__ == "__main__":
    sys.exit(main())
