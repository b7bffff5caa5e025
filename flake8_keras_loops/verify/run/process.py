"""Starts one arm in a process of its own, follows it, and ends it: a program and its limits in, a run out."""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..measurement import CRASHED, OK, OUT_OF_MEMORY, TIMED_OUT, UNUSABLE, Iteration, Run
from ..program.cases import Case, Program
from . import recording
from .devices import Backend, deterministic, framework
from .job import EVENTS, JOB, PROGRAM, RESULTS, Job, Limits

_POLL = 0.05  # seconds
_GRACE = 20.0  # seconds that a process has to end once its loop is done
_LAST_LINES = 12
_MEMORY_SIGNS = ("RESOURCE_EXHAUSTED", "ResourceExhaustedError", "OutOfMemoryError", "MemoryError", "out of memory", "OOM when")


@dataclass(frozen=True, eq=False)
class Step:
    """One run to come: a ``program`` of a ``case``. ``check``: with deterministic operations, not to be timed."""

    case: Case
    program: Program
    round: int
    check: bool = False


class Worker:
    """A process that runs one arm. With ``preload`` it imports Keras and waits for :meth:`go`."""

    def __init__(self, step: Step, backend: Backend, limits: Limits, preload: bool) -> None:
        self._step, self._backend, self._limits, self._preload = step, backend, limits, preload
        self._closing = ExitStack()
        self._folder = Path(self._closing.enter_context(tempfile.TemporaryDirectory(prefix="keras-loop-verify-")))
        program = step.program
        job = Job(program.file, step.case.arguments, program.place, limits, backend.family, preload)
        (self._folder / JOB).write_bytes(pickle.dumps(job))
        copy = self._folder / PROGRAM / Path(program.file).name  # so that the user's files stay as they are
        copy.parent.mkdir()
        copy.write_bytes(program.text.encode("utf-8", "surrogatepass"))
        scratch = self._folder / "scratch"
        scratch.mkdir()
        variables = {name: value.format(scratch=scratch) for name, value in program.variables.items()}
        checking = deterministic(os.environ) if step.check else {}
        stdout, stderr = (self._closing.enter_context((self._folder / name).open("wb")) for name in ("stdout", "stderr"))
        command = [sys.executable, "-m", f"{__package__}.worker", str(self._folder)]
        environment = {**os.environ, **backend.environment, **variables, **checking}
        started = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=stdout, stderr=stderr, start_new_session=True
        )
        self._process = self._closing.enter_context(started)

    def go(self) -> None:
        """Let the program begin. What it reads from standard input is empty."""
        self._started = time.time()
        with suppress(BrokenPipeError):
            if self._process.stdin:
                if self._preload:
                    self._process.stdin.write(b"\n")
                self._process.stdin.close()

    def follow(self, on_iteration: Callable[[int], None]) -> Run:
        """Wait for the end. ``on_iteration``: told how many iterations are done. Returns what was measured, whatever happened."""
        deadline = self._started + self._limits.timeout
        seen, timed_out, done_at = 0, False, None
        while self._process.poll() is None:
            time.sleep(_POLL)
            events = [event["event"] for event in self._events()]
            if events.count("iteration") != seen:
                seen = events.count("iteration")
                on_iteration(seen)
            if "done" in events:
                done_at = done_at or time.time()
                if time.time() > done_at + _GRACE:
                    break  # threads of the program keep it alive; all has been measured
            elif time.time() > deadline:
                timed_out = True
                break
        self._kill()
        return self._run(timed_out)

    def close(self) -> None:
        """End the process if it still runs and remove its files."""
        self._kill()
        self._closing.close()

    def _kill(self) -> None:
        """The process and those it has started."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _run(self, timed_out: bool) -> Run:
        events = self._events()
        iterations = tuple(
            Iteration(event["seconds"], event["rss"], event["gpu"], event["allocated"], event["children"])
            for event in events
            if event["event"] == "iteration"
        )
        first = {event["event"]: event for event in reversed(events)}  # of each kind
        loop, done = first.get("loop"), first.get("done")
        outcome, detail = self._outcome(timed_out, done, bool(iterations))
        return Run(
            arm=self._step.program.arm,
            round=self._step.round,
            outcome=outcome,
            iterations=iterations,
            detail=detail,
            startup=max(0.0, loop["time"] - self._started) if loop else None,
            probe=done["probe"] if done else 0.0,
            check=self._step.check,
            results=recording.read(self._folder / RESULTS),
        )

    def _outcome(self, timed_out: bool, done: dict[str, Any] | None, has_iterations: bool) -> tuple[str, str]:
        if timed_out:
            return TIMED_OUT, f"no end after {self._limits.timeout:g} s\n{self._said()}".strip()
        if done is None:
            said, status = self._said(), self._process.returncode
            # The kernel kills where memory is short.
            if status == -signal.SIGKILL or any(sign in said for sign in _MEMORY_SIGNS):
                return OUT_OF_MEMORY, said or "killed, for want of memory maybe"
            return CRASHED, said or (f"ended by signal {signal.Signals(-status).name}" if status < 0 else f"exit status {status}")
        if not has_iterations:
            return UNUSABLE, f"the program never came to the loop on line {self._step.program.place.line}"
        if done["backend"] not in {framework(self._backend.family), ""}:
            return UNUSABLE, f"the program chose the backend {done['backend']} itself"
        return OK, ""

    def _said(self) -> str:
        """The last lines of standard error, of standard output if there are none."""
        texts = ((self._folder / name).read_text("utf-8", errors="replace").strip() for name in ("stderr", "stdout"))
        return "\n".join(next(filter(None, texts), "").splitlines()[-_LAST_LINES:])

    def _events(self) -> list[dict[str, Any]]:
        """What happened so far. The last line may not be whole yet."""
        with suppress(FileNotFoundError):
            lines = (self._folder / EVENTS).read_text("utf-8").splitlines(keepends=True)
            return [json.loads(line) for line in lines if line.endswith("\n")]
        return []
