"""The JSON report: results in, all that was measured and what it came to out, for programs and ``docs/evidence.md``; and back.

One object. Times are seconds, memory bytes, slopes per iteration; ``null`` stands for what was not to be had, and for what is no
finite number. The results that arms computed are not in it, only how they compare. Fields in this order:

- ``schema``: :data:`SCHEMA`. It goes up when a field changes its meaning or goes away, not when one is added.
- ``tool``: name, version, and the git commit of the checkout it ran from, if any.
- ``created``, ``command``, ``interrupted``, ``settings`` (with how measurements were judged), ``environment``, ``backends``.
- ``probe``: the largest cost of the probe in a run, in seconds per iteration.
- ``cases``: one for each case and backend, with ``runs`` (iterations as columns), ``summaries``, ``comparisons``, ``verdict``.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, is_dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from ... import __version__
from ...files.encoding import one_line
from ..judge.verdicts import ArmSummary, CaseResult, Comparison
from ..measurement import Iteration, Judging, Measurement, Run

SCHEMA = 1

#: A report, or an object in it.
Document = dict[str, Any]

_COLUMNS = [each.name for each in fields(Iteration)]
_RUN = [each.name for each in fields(Run) if each.name not in {"iterations", "results"}]
_CASE = [each.name for each in fields(Measurement) if each.name != "runs"]
_NUMBERS = re.compile(r"\[\n\s*([^\[\]{}\"]*?)\n\s*\]")  # in a string no line ends


class ReportError(ValueError):
    """A file is no report that this version reads. The message is one line."""


def document(
    results: Sequence[CaseResult],
    judging: Judging,
    *,
    created: datetime,
    command: Sequence[str],
    commit: str | None = None,
    settings: Mapping[str, object] | None = None,
    environment: Mapping[str, object] | None = None,
    backends: Sequence[Mapping[str, object]] = (),
    interrupted: bool = False,
) -> Document:
    """The report of some cases, ready for :func:`write`. ``created``: with a time zone. ``settings``: those of the experiment."""
    costs = [run.probe for result in results for run in result.measurement.runs]
    made: Document = _clean(
        {
            "schema": SCHEMA,
            "tool": {"name": "keras-loop-verify", "version": __version__, "commit": commit},
            "created": created.astimezone(timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "command": list(command),
            "interrupted": interrupted,
            "settings": {**(settings or {}), "judging": asdict(judging)},
            "environment": environment or {},
            "backends": list(backends),
            "probe": max(costs, default=None),
            "cases": [_case(result) for result in results],
        }
    )
    return made


def write(path: str | Path, document: Document) -> None:
    """Write a report all at once: nobody ever reads half of one. Raises :class:`OSError`."""
    path = Path(path)
    text = json.dumps(document, indent=1, allow_nan=False, ensure_ascii=False)
    # A number a line would make thousands of lines of a column.
    text = _NUMBERS.sub(lambda found: f"[{' '.join(found[1].split())}]", text)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_text(text + "\n", encoding="utf-8", newline="\n")
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def read(path: str | Path) -> Document:
    """Read a report. Raises :class:`OSError`, and :class:`ReportError` if it is none of this schema."""
    try:
        found = json.loads(Path(path).read_text("utf-8"))
    except ValueError as error:
        raise ReportError(f"{path}: not a report: {one_line(error)}") from error
    if not isinstance(found, dict) or "schema" not in found:
        raise ReportError(f"{path}: not a report of keras-loop-verify")
    if found["schema"] != SCHEMA:
        raise ReportError(f"{path}: a report of schema {found['schema']!r}, but this version reads {SCHEMA}")
    return found


def results(document: Document) -> tuple[CaseResult, ...]:
    """The cases of a report as they were when it was made, without the results that were compared.

    Raises :class:`ReportError` for a field that is missing or of another form.
    """
    try:
        return tuple(_result(case) for case in document["cases"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ReportError(f"not a report of keras-loop-verify: {type(error).__name__}: {one_line(error)}") from error


# -- to JSON


def _case(result: CaseResult) -> Document:
    return {
        **{name: getattr(result.measurement, name) for name in _CASE},
        "runs": [_run(run) for run in result.measurement.runs],
        "summaries": [asdict(each) for each in result.arms],
        "comparisons": [asdict(each) for each in result.comparisons],
        "verdict": result.verdict,
        "note": result.note,
    }


def _run(run: Run) -> Document:
    columns = {name: [getattr(each, name) for each in run.iterations] for name in _COLUMNS}
    return {**{name: getattr(run, name) for name in _RUN}, "iterations": columns}


def _clean(value: Any) -> Any:
    """A value as JSON has them: no NaN, no infinity, no more digits than were measured, text for what it doesn't know."""
    if isinstance(value, Mapping):
        return {str(key): _clean(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(each) for each in value]
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:  # of NumPy
        value = value.item()
    if isinstance(value, float):
        return float(f"{value:.9g}") if math.isfinite(value) else None
    return value if value is None or isinstance(value, (bool, int, str)) else str(value)


# -- from JSON


def _result(case: Document) -> CaseResult:
    runs = []
    for run in case["runs"]:
        columns = run["iterations"]
        runs.append({**run, "iterations": [dict(zip(columns, row)) for row in zip(*columns.values())]})
    measurement = _read(Measurement, {**case, "runs": runs})
    arms, comparisons = _read(tuple[ArmSummary, ...], case["summaries"]), _read(tuple[Comparison, ...], case["comparisons"])
    return CaseResult(measurement, arms, comparisons, case["verdict"], case["note"])


def _read(kind: Any, value: Any) -> Any:
    """A value of a type, from what JSON has of it. Of a record, the fields that this version knows; no number where one must be
    is infinity."""
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{name: _read(hints[name], each) for name, each in value.items() if name in hints})
    inner = get_args(kind)
    if get_origin(kind) is tuple:
        return tuple(_read(inner[0], each) for each in value)
    if type(None) in inner:
        return None if value is None else _read(inner[0], value)
    return math.inf if kind is float and value is None else value
