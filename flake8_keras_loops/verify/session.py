"""The front of the verifier: a request in, what came of it out, as a value to show, to write and to set an exit status by."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from importlib.util import find_spec
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ..files.encoding import one_line
from ..fixes.outcome import Settings
from .judge.equality import differ
from .judge.verdicts import CaseResult, summarise
from .measurement import Judging, Measurement
from .program import arms, cases
from .program.cases import Case, CaseError
from .run import devices, environment, experiment
from .run.devices import Backend
from .run.experiment import Done, Plan
from .run.process import Step
from .show import render, report

_SHORT_ITERATION = 0.010  # seconds; the probe must add less than 1 % to it


@dataclass(frozen=True)
class Request:
    """What to do. ``compared``: further arms, of :data:`.program.arms.NAMES`. ``plot``: a folder or a PNG file, ``""`` for none;
    ``output``: of the JSON report, ``""`` for none. ``command``: the command line, for the report."""

    targets: tuple[str, ...]
    arguments: tuple[str, ...]
    backends: tuple[str, ...]
    device: str
    settings: Settings
    plan: Plan
    judging: Judging
    compared: tuple[str, ...]
    output: str
    plot: str
    markdown: bool
    quiet: bool
    command: tuple[str, ...]


@dataclass(frozen=True)
class Session:
    """What came of a request. ``skipped``: cases for which something is missing, a line each. ``interrupted``: by Ctrl-C."""

    request: Request
    backends: tuple[Backend, ...]
    results: tuple[CaseResult, ...]
    skipped: tuple[str, ...]
    interrupted: bool


def run(request: Request, environ: Mapping[str, str], say: Callable[[str], None]) -> Session:
    """Measure what was asked for and judge it. ``say``: told in a line what each backend runs on.

    Raises :class:`CaseError`, :class:`DeviceError`, and :class:`KeyboardInterrupt` as long as nothing has been measured.
    """
    chosen = _cases(request)
    _check_outputs(request, len(chosen))
    backends = tuple(devices.look(name, request.device, environ) for name in request.backends)
    measured: list[Measurement] = []
    skipped: list[str] = []
    interrupted = False
    for backend in backends:
        wanted = [case for case in chosen if experiment.is_for(case, backend)]
        skipped += [f"{case.name}: not run on {backend.family}: {lack}" for case in wanted if (lack := experiment.lacks(case))]
        taken = [case for case in wanted if not experiment.lacks(case)]
        if not request.quiet:
            say(backend.describe())
        done: list[Done] = []
        try:
            _measure(request, taken, backend, done)
        except KeyboardInterrupt:
            interrupted = True
        measured += experiment.measurements(taken, backend, done)
        if interrupted:
            break
    results = tuple(summarise(each, request.judging) for each in measured)
    return Session(request, backends, results, tuple(skipped), interrupted)


def shown(session: Session) -> str:
    """What belongs on standard output: the table with what it does not say below it, or Markdown."""
    if session.request.markdown:
        line = render.environment_line(environment.describe(), [asdict(backend) for backend in session.backends])
        return render.markdown(session.results, line)
    return render.shown(session.results) if session.results else ""


def remarks(session: Session) -> Iterator[str]:
    """What belongs on standard error: cases that were not run, and what the probe cost."""
    yield from session.skipped
    cost = max((run.probe for result in session.results for run in result.measurement.runs), default=0.0)
    if cost and not session.request.quiet:
        yield f"probe: {cost * 1e6:.2g} µs an iteration, {cost / _SHORT_ITERATION:.2g} of one of 10 ms"


def write(session: Session) -> None:
    """Write the report and the plots that were asked for. Raises :class:`OSError`."""
    request = session.request
    if request.output:
        # Where the files that are written lay is of no use to a reader.
        written = {path: Path(path).name for path in (request.output, request.plot) if path}
        document = report.document(
            session.results,
            request.judging,
            created=datetime.now(timezone.utc),
            command=[written.get(word, word) for word in request.command],
            commit=environment.commit(),
            settings=asdict(request.plan),
            environment=environment.describe(),
            backends=[asdict(backend) for backend in session.backends],
            interrupted=session.interrupted,
        )
        report.write(request.output, document)
    if request.plot:
        from .show.plot import plot  # few runs draw

        for measurement in (result.measurement for result in session.results):
            plot(measurement, _plot_file(request, measurement))


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


def _check_outputs(request: Request, count: int) -> None:
    """Before hours of measuring: can the report and the plots be written? Makes the folder of the plots. Raises
    :class:`CaseError`."""
    if request.output and not os.access(Path(request.output).absolute().parent, os.W_OK):
        raise CaseError(f"{request.output}: cannot be written")
    if not request.plot:
        return
    if find_spec("matplotlib") is None:
        raise CaseError("--plot: matplotlib is missing: pip install 'flake8-keras-loops[verify]'")
    if request.plot.endswith(".png"):
        if count * len(request.backends) > 1:
            raise CaseError(f"{request.plot}: several plots need a folder")
        return
    try:
        Path(request.plot).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CaseError(f"{request.plot}: {one_line(error)}") from None


def _measure(request: Request, chosen: list[Case], backend: Backend, done: list[Done]) -> None:
    """Run the cases on one backend, with a progress bar if standard error is a terminal. ``done`` is filled as runs end."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(20), MofNCompleteColumn(), TextColumn("runs"), TimeElapsedColumn())
    is_off = request.quiet or not console.is_terminal
    with Progress(*columns, console=console, disable=is_off, transient=True) as bar:
        task = bar.add_task(backend.family, total=len(experiment.plan_steps(chosen, backend, request.plan.repeats)))

        def watch(step: Step, count: int, over: bool) -> None:
            wanted = experiment.limits(step.case, request.plan).iterations
            text = f"{backend.family} · {step.case.name} · {step.program.arm} · {count} of {wanted}"
            bar.update(task, description=text, advance=int(over))

        experiment.measure(chosen, backend, request.plan, differ, watch, done)


def _plot_file(request: Request, measurement: Measurement) -> Path:
    if request.plot.endswith(".png"):
        return Path(request.plot)
    name = "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in measurement.case).strip("-.")
    return Path(request.plot, f"{name}-{measurement.backend}.png" if len(request.backends) > 1 else f"{name}.png")
