"""Starts one arm in a process of its own, follows it, and ends it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..measurement import CRASHED, OK, OUT_OF_MEMORY, TIMED_OUT, UNUSABLE, Iteration, Run
from ..program.cases import Program
from . import determinism, recording
from .worker import Job

_POLL = 0.05  # seconds
_GRACE = 20.0  # seconds that a process has to end once its loop is done
_LAST_LINES = 12
_MEMORY_SIGNS = ("RESOURCE_EXHAUSTED", "ResourceExhaustedError", "OutOfMemoryError", "MemoryError", "out of memory", "OOM when")


@dataclass(frozen=True)
class Limits:
    """``iterations``: at most so many. ``seconds``: after so long no further iteration begins, once four warm ones are there.
    ``timeout``: seconds after which a process is ended. ``warmup``: iterations at its start that count apart. ``seed``: of the
    first iteration, ``None`` for none."""

    iterations: int
    seconds: float
    timeout: float
    warmup: int
    seed: int | None


class Worker:
    """A process that runs one arm. With ``preload`` it imports Keras and waits for :meth:`go`."""

    def __init__(
        self,
        program: Program,
        round: int,
        arguments: tuple[str, ...],
        backend: str,
        environment: Mapping[str, str],
        limits: Limits,
        preload: bool,
        check: bool = False,
    ) -> None:
        self.program = program
        self._round = round
        self._limits, self._backend, self._preload, self._check = limits, backend, preload, check
        deterministic = determinism.variables(os.environ) if check else {}
        self._folder = tempfile.TemporaryDirectory(prefix="keras-loop-verify-")
        folder = Path(self._folder.name)
        job = _job(program, folder, arguments, backend, limits, preload)
        job.dump(folder / "job.json")
        scratch = folder / "scratch"
        scratch.mkdir()
        variables = {name: value.format(scratch=scratch) for name, value in program.variables.items()}
        self._events, self._results = Path(job.events), Path(job.results)
        self._output = open(folder / "stdout", "wb"), open(folder / "stderr", "wb")  # noqa: SIM115 - closed with the process
        self._started = time.time()
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"{__package__}.worker", str(folder / "job.json")],
            env={**os.environ, **environment, **variables, **deterministic},
            stdin=subprocess.PIPE,
            stdout=self._output[0],
            stderr=self._output[1],
            start_new_session=True,
        )

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
            events = self._read_events()
            done = sum(event["event"] == "iteration" for event in events)
            if done != seen:
                seen = done
                on_iteration(done)
            if done_at is None and any(event["event"] == "done" for event in events):
                done_at = time.time()
            if done_at is not None and time.time() > done_at + _GRACE:
                break  # threads of the program keep it alive; all has been measured
            if done_at is None and time.time() > deadline:
                timed_out = True
                break
        self._kill()
        return self._run(timed_out)

    def close(self) -> None:
        """End the process if it still runs and remove its files."""
        self._kill()
        for file in self._output:
            file.close()
        if self._process.stdin:
            with suppress(OSError):
                self._process.stdin.close()
        self._folder.cleanup()

    def _kill(self) -> None:
        """The process and those it has started."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _run(self, timed_out: bool) -> Run:
        events = self._read_events()
        iterations = tuple(
            Iteration(event["seconds"], event["rss"], event["gpu"], event["allocated"])
            for event in events
            if event["event"] == "iteration"
        )
        done = next((event for event in events if event["event"] == "done"), None)
        loop = next((event for event in events if event["event"] == "loop"), None)
        outcome, detail = self._outcome(timed_out, done, bool(iterations))
        return Run(
            arm=self.program.arm,
            round=self._round,
            outcome=outcome,
            iterations=iterations,
            detail=detail,
            startup=max(0.0, loop["time"] - self._started) if loop else None,
            probe=done["probe"] if done else 0.0,
            check=self._check,
            results=recording.read(self._results),
        )

    def _outcome(self, timed_out: bool, done: dict[str, Any] | None, has_iterations: bool) -> tuple[str, str]:
        if timed_out:
            return TIMED_OUT, f"no end after {self._limits.timeout:g} s\n{self._said()}".strip()
        if done is None:
            said = self._said()
            killed = self._process.returncode == -signal.SIGKILL  # the kernel does that where memory is short
            if killed or any(sign in said for sign in _MEMORY_SIGNS):
                return OUT_OF_MEMORY, said or "killed, for want of memory maybe"
            return CRASHED, said or _exit(self._process.returncode)
        if not has_iterations:
            return UNUSABLE, f"the program never came to the loop on line {self.program.place.line}"
        wanted = "tensorflow" if self._backend == "tf-keras" else self._backend
        if done["backend"] not in {wanted, ""}:
            return UNUSABLE, f"the program chose the backend {done['backend']} itself"
        return OK, ""

    def _said(self) -> str:
        """The last lines of standard error, of standard output if there are none."""
        for name in ("stderr", "stdout"):
            text = Path(self._folder.name, name).read_text("utf-8", errors="replace").strip()
            if text:
                return "\n".join(text.splitlines()[-_LAST_LINES:])
        return ""

    def _read_events(self) -> list[dict[str, Any]]:
        try:
            lines = self._events.read_text("utf-8").splitlines(keepends=True)
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in lines if line.endswith("\n")]


def _job(program: Program, folder: Path, arguments: tuple[str, ...], backend: str, limits: Limits, preload: bool) -> Job:
    """The text of the program lies beside the job, so that the user's files stay as they are."""
    file = Path(program.file).absolute()
    copy = folder / "program" / file.name
    copy.parent.mkdir()
    copy.write_bytes(program.text.encode("utf-8", "surrogatepass"))
    return Job(
        source=str(copy),
        file=program.file,
        folder=str(file.parent),
        arguments=arguments,
        place=program.place,
        iterations=limits.iterations,
        seconds=limits.seconds,
        warmup=limits.warmup,
        seed=limits.seed,
        backend=backend,
        events=str(folder / "events.jsonl"),
        results=str(folder / "results"),
        preload=preload,
    )


def _exit(status: int) -> str:
    if status < 0:
        return f"ended by signal {signal.Signals(-status).name}"
    return f"exit status {status}"
