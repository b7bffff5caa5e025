"""What ``keras-loop-verify`` does once its command line is read: cases, backends, runs, report."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime, timezone
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ..files.encoding import one_line
from ..verify.judge import stats
from ..verify.judge.stats import CaseResult
from ..verify.measurement import Measurement, Run
from ..verify.program import arms, cases
from ..verify.program.cases import Case, CaseError
from ..verify.run import devices, environment, experiment
from ..verify.run.devices import Backend, DeviceError
from ..verify.show import render, report
from .streams import emit
from .verify_arguments import Request

_PAPER = 130  # columns
_SHORT_ITERATION = 0.010  # seconds; the probe must add less than 1 % to it


def run(request: Request, environ: Mapping[str, str]) -> int:
    """Do what was asked and return the exit status."""
    try:
        chosen = _cases(request)
        outputs = _check_outputs(request, len(chosen))
        backends = [devices.look(name, request.device, environ) for name in request.backends]
    except (CaseError, DeviceError) as error:
        emit(sys.stderr, f"keras-loop-verify: error: {error}\n")
        return 2
    except KeyboardInterrupt:
        emit(sys.stderr, "keras-loop-verify: interrupted\n")
        return 130
    found: list[Measurement] = []
    interrupted = False
    skipped: list[str] = []
    for backend in backends:
        measured, interrupted = _measure(request, _choose(chosen, backend, skipped), backend)
        found += measured
        if interrupted:
            break
    results = [stats.summarise(each, request.judging) for each in found]
    _print(request, results, backends, skipped)
    written = _write(request, results, backends, outputs, interrupted)
    if interrupted:
        emit(sys.stderr, "keras-loop-verify: interrupted\n")
        return 130
    return 2 if not written or not results else stats.exit_status(results)


def _cases(request: Request) -> list[Case]:
    """The cases that the command line names. Raises :class:`CaseError`."""
    found: list[Case] = []
    for target in request.targets:
        path, line = cases.split(target)
        if line is None and path.is_dir():
            if request.arguments:
                raise CaseError(f"{path}: arguments after -- are for scripts")
            found += [cases.load(folder) for folder in cases.folders(path)]
        else:
            found.append(cases.of_script(path, line, request.arguments, request.settings))
    return [arms.with_strategies(case, request.compared) for case in found]


def _check_outputs(request: Request, count: int) -> Path | None:
    """Before hours of measuring: can the report and the plots be written? Returns the folder of plots, made if need be."""
    if request.output and not os.access(Path(request.output).absolute().parent, os.W_OK):
        raise CaseError(f"{request.output}: cannot be written")
    if request.plot and find_spec("matplotlib") is None:
        raise CaseError("--plot: matplotlib is missing: pip install 'flake8-keras-loops[verify]'")
    if not request.plot or request.plot.endswith(".png"):
        if request.plot and count * len(request.backends) > 1:
            raise CaseError(f"{request.plot}: several plots need a folder")
        return None
    try:
        Path(request.plot).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CaseError(f"{request.plot}: {one_line(error)}") from None
    return Path(request.plot)


def _choose(chosen: Sequence[Case], backend: Backend, skipped: list[str]) -> list[Case]:
    """The cases that are for a backend; ``skipped`` is told of those for which something is missing."""
    taken = []
    for case in chosen:
        reason = experiment.applies(case, backend)
        if not reason:
            taken.append(case)
        elif reason.startswith("needs"):
            skipped.append(f"{case.name}: not run on {backend.family}: {reason}")
    return taken


def _measure(request: Request, chosen: Sequence[Case], backend: Backend) -> tuple[list[Measurement], bool]:
    """Run the cases on one backend, with a progress bar. Returns what there is, and whether Ctrl-C ended it."""
    done: list[experiment.Done] = []
    steps = experiment.plan_steps(chosen, backend, request.plan.repeats)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TextColumn("runs"),
        TimeElapsedColumn(),
    )
    console = Console(stderr=True)
    if not request.quiet:
        emit(sys.stderr, f"{backend.describe()}\n")
    with Progress(*columns, console=console, disable=request.quiet or not console.is_terminal, transient=True) as progress:
        task = progress.add_task(backend.family, total=len(steps))

        def watch(case: Case, step: experiment.Step, count: int, over: Run | None) -> None:
            wanted = experiment.limits(case, request.plan).iterations
            label = f"{backend.family} · {case.name} · {step.program.arm} · {count} of {wanted}"
            progress.update(task, description=label, advance=1 if over else 0)

        interrupted = False
        try:
            experiment.measure(chosen, backend, request.plan, watch, done)
        except KeyboardInterrupt:
            interrupted = True
    return experiment.measurements(chosen, backend, done), interrupted


def _print(request: Request, results: Sequence[CaseResult], backends: Sequence[Backend], skipped: Sequence[str]) -> None:
    """The table on standard output with what it does not say below it, the rest on standard error."""
    if request.markdown:
        found = environment.describe()
        emit(sys.stdout, render.markdown(results, render.environment_line(found, [_described(backend) for backend in backends])))
    elif results:
        console = Console()
        if not console.is_terminal and "COLUMNS" not in os.environ:
            console = Console(width=_PAPER)  # a log is not as narrow as rich takes it for
        console.print(render.table(results, console.width))
        for line in (*render.notes(results), *_failures(results)):
            console.print(line, markup=False, highlight=False)
    lines = list(skipped)
    if not results:
        lines.append("keras-loop-verify: error: no case is for the backends that were asked for")
    costs = [run.probe for result in results for run in result.measurement.runs if run.probe]
    if costs and not request.quiet:
        lines.append(f"probe: {max(costs) * 1e6:.2g} µs an iteration, {max(costs) / _SHORT_ITERATION:.2g} of one of 10 ms")
    emit(sys.stderr, "".join(f"{line}\n" for line in lines))


def _failures(results: Sequence[CaseResult]) -> Iterator[str]:
    """What each arm that failed said last."""
    for result in results:
        for run in result.measurement.runs:
            if run.detail:
                measurement = result.measurement
                yield f"\n{measurement.case} ({measurement.backend}, {measurement.device}), {run.arm}: {run.outcome}"
                yield from (f"    {line}" for line in run.detail.splitlines())


def _write(
    request: Request, results: Sequence[CaseResult], backends: Sequence[Backend], plots: Path | None, interrupted: bool
) -> bool:
    """Write the report and the plots. Returns whether that worked; a line on standard error says what did not."""
    try:
        if request.output:
            document = report.document(
                results,
                request.judging,
                created=datetime.now(timezone.utc),
                command=_command(request),
                commit=_commit(),
                settings=asdict(request.plan),
                environment=environment.describe(),
                backends=[_described(backend) for backend in backends],
                interrupted=interrupted,
            )
            report.write(request.output, document)
        if request.plot:
            from ..verify.show.plot import plot  # few runs draw

            for result in results:
                measurement = result.measurement
                plot(measurement, plots / _file_name(measurement, len(backends)) if plots else Path(request.plot))
    except OSError as error:
        emit(sys.stderr, f"keras-loop-verify: error: {error.filename or request.output}: {one_line(error)}\n")
        return False
    return True


def _file_name(measurement: Measurement, backends: int) -> str:
    name = "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in measurement.case).strip("-.")
    return f"{name}-{measurement.backend}.png" if backends > 1 else f"{name}.png"


def _described(backend: Backend) -> dict[str, Any]:
    return {name: value for name, value in asdict(backend).items() if name != "asked"}


def _command(request: Request) -> list[str]:
    """The command line, with what it writes by its name alone: where that lay is of no use to a reader."""
    written = {path: Path(path).name for path in (request.output, request.plot) if path}
    return [written.get(word, word) for word in request.command]


def _commit() -> str | None:
    """The commit of the checkout that this tool runs from, with a plus sign if files differ from it."""
    with suppress(OSError, subprocess.SubprocessError):
        commit, changed = (
            _git(*words) for words in (("rev-parse", "HEAD"), ("status", "--porcelain", "--untracked-files=no", "."))
        )
        return f"{commit}+" if changed else commit
    return None


def _git(*words: str) -> str:
    folder = Path(__file__).parent
    return subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, timeout=10, check=True).stdout.strip()
