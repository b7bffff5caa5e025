"""Results in, what people see out: a table for the terminal, lines below it, and Markdown for pull requests."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..judge.equality import BIT_FOR_BIT, UNREPEATED, WITHIN_NOISE, WITHIN_TOLERANCE
from ..judge.equality import DIFFERENT as NOT_EQUAL
from ..judge.estimate import Estimate
from ..judge.verdicts import DIFFERENT, FAILED, FASTER, INCONCLUSIVE, NONE, SAME, SLOWER, CaseResult, Comparison
from ..measurement import BEFORE
from .units import MISSING, interval, seconds, size

#: A terminal this wide shows every column.
WIDE = 110
_PAPER = 130  # columns
_COLOURS = {FASTER: "green", SAME: "green", INCONCLUSIVE: "yellow", SLOWER: "red", DIFFERENT: "red", FAILED: "red"}
_EQUAL = {
    BIT_FOR_BIT: "bit for bit",
    WITHIN_TOLERANCE: "in tolerance",
    WITHIN_NOISE: "in own noise",
    NOT_EQUAL: "no",
    UNREPEATED: "unclear",
}
_LEGEND = "Median of warm iterations, ratio with its confidence interval; slope and growth from one iteration to the next"
_MARKDOWN = ("Case", "Arm", "Before", "After", "Before / after", "Time, slope", "RSS", "GPU", "Equal", "Verdict")


def table(results: Sequence[CaseResult], width: int = 120) -> Table:
    """A table with a row for each arm, ``before`` first, since times and growth of both are to be compared.

    ``width``: of the terminal, in columns. Below :data:`WIDE` the slope of time and the memory of the GPU are left out.
    """
    is_wide = width >= WIDE
    found = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), caption=f"{_LEGEND}.", caption_justify="left")
    found.add_column("case", overflow="fold")
    found.add_column("arm", overflow="fold")
    found.add_column("median", justify="right", no_wrap=True)
    found.add_column("before / arm", justify="right", no_wrap=True)
    if is_wide:
        found.add_column("time slope", justify="right", no_wrap=True)
    found.add_column("RSS growth", justify="right")
    if is_wide:
        found.add_column("GPU growth", justify="right", no_wrap=True)
    found.add_column("equal", no_wrap=is_wide)
    found.add_column("verdict", no_wrap=True)
    for result in results:
        for number, arm in enumerate(result.arms):
            compared = result.comparison(arm.arm)
            cells = [
                _heading(result, number),
                escape(arm.arm),
                seconds(arm.median),
                interval(compared.ratio).replace(" [", " [" if is_wide else "\n[") if compared else "",
                *([_signed(arm.time, seconds)] if is_wide else []),
                _signed(arm.rss, size),
                *([_signed(arm.gpu, size)] if is_wide else []),
                _equal(compared) if compared else "",
                f"[{_COLOURS[compared.verdict]}]{compared.verdict}[/]" if compared else "",
            ]
            found.add_row(*cells, end_section=number == len(result.arms) - 1)
    return found


def shown(results: Sequence[CaseResult]) -> str:
    """The table, what it does not say, and what failed runs said last, in the colours and the width of standard output."""
    console = Console()
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console = Console(width=_PAPER)  # a log is not as narrow as rich takes it for
    with console.capture() as capture:
        console.print(table(results, console.width))
        for line in (*notes(results), *failures(results)):
            console.print(line, markup=False, highlight=False)
    return capture.get()


def notes(results: Sequence[CaseResult], left_out: bool = True) -> list[str]:
    """A line for each thing that the table does not say: why a verdict, that it is not the one expected, and if asked for
    which arms were left out."""
    return list(dict.fromkeys(line for result in results for line in _notes(result, left_out)))


def failures(results: Sequence[CaseResult]) -> Iterator[str]:
    """What each run that did not end well said last."""
    for result in results:
        for run in result.measurement.runs:
            if run.detail:
                yield f"\n{result.measurement.name}, {run.arm}: {run.outcome}"
                yield from (f"    {line}" for line in run.detail.splitlines())


def markdown(results: Sequence[CaseResult], environment: str = "") -> str:
    """A GitHub table with a row for each case, backend and compared arm, then notes and, if given, a line on the environment."""
    lines = [row(_MARKDOWN), row("---" if name in {"Case", "Arm", "Equal", "Verdict"} else "---:" for name in _MARKDOWN)]
    for result in results:
        before = result.summary(BEFORE)
        for compared in result.comparisons:
            arm = result.summary(compared.arm)
            cells = (
                result.measurement.name,
                arm.arm,
                seconds(before.median),
                seconds(arm.median),
                interval(compared.ratio),
                _both(before.time, arm.time, seconds),
                _both(before.rss, arm.rss, size),
                _both(before.gpu, arm.gpu, size),
                _equal(compared),
                f"**{compared.verdict}**",
            )
            lines.append(row(map(cell, cells)))
    extra = [f"- {cell(line)}" for line in notes(results)]
    parts = ["\n".join(lines), "\n".join(extra), f"{_LEGEND}, before → after.", cell(environment)]
    return "\n\n".join(part for part in parts if part) + "\n"


def environment_line(environment: Mapping[str, object], backends: Sequence[Mapping[str, object]] = ()) -> str:
    """The environment in a line: its plain values by name, then those of each backend."""
    plain = ({key: value for key, value in each.items() if type(value) in {str, int, float}} for each in (environment, *backends))
    return "; ".join(", ".join(f"{key} {value}" for key, value in each.items() if value != "") for each in plain)


def _heading(result: CaseResult, number: int) -> str:
    """The first column: the case beside ``before``, where it ran beside the next arm."""
    if number == 0:
        case = escape(result.measurement.case)
        return case if len(result.arms) > 1 else f"{case}\n[dim]{escape(result.measurement.where)}[/dim]"
    return f"[dim]{escape(result.measurement.where)}[/dim]" if number == 1 else ""


def _equal(compared: Comparison) -> str:
    return _EQUAL.get(compared.equality.kind, MISSING)


def _signed(slope: Estimate | None, unit: Callable[[float | None], str]) -> str:
    """A slope with its sign, or 0 where its interval does not tell it from none."""
    if slope is None:
        return MISSING
    if slope.low is not None and slope.high is not None and slope.low <= 0 <= slope.high:
        return "0"
    return f"{'+' if slope.value > 0 else ''}{unit(slope.value)}"


def _both(before: Estimate | None, arm: Estimate | None, unit: Callable[[float | None], str]) -> str:
    if before is None and arm is None:
        return MISSING
    return f"{_signed(before, unit)} → {_signed(arm, unit)}"


def _notes(result: CaseResult, left_out: bool) -> Iterator[str]:
    measurement = result.measurement
    where = measurement.name
    for compared in result.comparisons:
        if compared.verdict == FAILED:
            yield f"{where}: {_last_line(compared.note)}"
        elif compared.note:
            yield f"{where}, {compared.arm}: {compared.verdict}: {_last_line(compared.note)}"
        elif compared.equality.kind == WITHIN_NOISE and compared.equality.noise is not None:
            own = f"{compared.equality.difference:.2g}, two runs of before by {compared.equality.noise:.2g}"
            yield f"{where}, {compared.arm}: results differ by up to {own}"
        elif compared.equality.deterministic:
            yield f"{where}, {compared.arm}: {compared.equality.kind} with deterministic operations; ordinary runs differ"
        elif compared.equality.kind == WITHIN_TOLERANCE:
            yield f"{where}, {compared.arm}: not bit for bit: {compared.equality.first}"
    for arm in measurement.arms:
        if most := [each.children for run in measurement.of(arm) for each in run.iterations if each.children]:
            yield f"{where}, {arm}: its child processes took up to {size(max(most))} each"
    satisfied = {measurement.expected, FASTER} if measurement.expected == SAME else {measurement.expected}
    if measurement.expected and result.verdict not in satisfied:
        yield f"{where}: expected {measurement.expected}, found {result.verdict}"
    for arm, reason in measurement.left_out.items() if left_out else ():
        yield f"{where}: no arm {arm}: {' '.join(reason.split())}"
    if result.verdict == NONE and not result.note and not result.comparisons:
        yield f"{where}: nothing to compare with"


def _last_line(note: str) -> str:
    """A note in one line: what it says, and the last line of what a failed program said."""
    first, *rest = [line.strip() for line in note.splitlines() if line.strip()]
    return f"{first}: {rest[-1]}" if rest else first


def row(cells: Iterable[str]) -> str:
    """A row of a Markdown table."""
    return f"| {' | '.join(cells)} |"


def cell(text: str) -> str:
    """Text as Markdown shows it as it is, on one line."""
    return " ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("_", "\\_")
