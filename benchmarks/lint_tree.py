"""``keras-loop-fix`` on a large tree: against ruff, how much memory it takes, and how it grows with the tree."""

from __future__ import annotations

import math
import os
import random
import shutil
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lint_run import Cost, fixer, run

from flake8_keras_loops.files.discovery import Excludes, collect

_PARTS = (0.1, 0.3, 1.0)
JOBS = 2


def tree(folder: Path, most: int, repeats: int) -> dict[str, Any]:
    """Measure on the Python files below a folder, at most so many of them. Times are by the clock: both programs use two
    processors."""
    files = _picked(folder.resolve(), most)
    times: dict[str, list[float]] = {name: [] for name in ("ruff", "cold", "warm", *map(_percent, _PARTS))}
    peaks: list[list[int]] = []
    with _parts(folder.resolve(), files) as parts:
        whole = parts[1.0]
        _ruff(whole)  # which reads all files, so that no one is the first to
        for _ in range(repeats):
            times["ruff"].append(_ruff(whole).seconds)
            with TemporaryDirectory(dir=whole.parent) as cache:
                for name in ("cold", "warm"):
                    cost = run(fixer(f"-j{JOBS}", "."), whole, Path(cache), is_watched=True)
                    times[name].append(cost.seconds)
                    peaks.append(list(cost.peaks))
            times[_percent(1.0)].append(times["cold"][-1])
            for share in _PARTS[:-1]:
                with TemporaryDirectory(dir=whole.parent) as cache:
                    times[_percent(share)].append(run(fixer(f"-j{JOBS}", "."), parts[share], Path(cache)).seconds)
    first, middle, last = (times[_percent(share)] for share in _PARTS)
    return {
        "files": len(files),
        "bytes": sum(path.stat().st_size for path in files),
        "processes": JOBS,
        "cold": [ours / ruffs for ours, ruffs in zip(times["cold"], times["ruff"])],
        "warm": [ours / ruffs for ours, ruffs in zip(times["warm"], times["ruff"])],
        "peaks": [max(each[number] for each in peaks if len(each) > number) for number in range(max(map(len, peaks)))],
        "exponent": [_exponent(_PARTS[0], few, _PARTS[2], many) for few, many in zip(first, last)],
        "exponent above 30 %": [_exponent(_PARTS[1], few, _PARTS[2], many) for few, many in zip(middle, last)],
    }


def _ruff(folder: Path) -> Cost:
    ruff = Path(sys.executable).parent / "ruff"
    return run([ruff, "check", "--isolated", "--no-cache", "--select", "F401", "."], folder)


def _percent(share: float) -> str:
    return f"{share:.0%}"


def _exponent(less: float, few: float, more: float, many: float) -> float:
    """1 where the time grows as the number of files does."""
    return math.log(many / few) / math.log(more / less)


def _picked(folder: Path, most: int) -> list[Path]:
    """The files, projects whole and in random order, the last of them cut where there are enough."""
    projects: dict[tuple[str, ...], list[Path]] = defaultdict(list)
    for path in map(Path, collect((str(folder),), Excludes()).files):
        if path.suffix != ".py":
            continue
        projects[path.relative_to(folder).parts[:-1][:2]].append(path)
    order = random.Random(0).sample(sorted(projects), len(projects))
    return [path for name in order for path in projects[name]][:most]


@contextmanager
def _parts(folder: Path, files: Sequence[Path]) -> Iterator[dict[float, Path]]:
    """Folders with the first files of a tree, as many as each part has; links where the disk allows it."""
    with TemporaryDirectory(dir=folder.parent if os.access(folder.parent, os.W_OK) else None) as scratch:
        made = {}
        for share in _PARTS:
            made[share] = Path(scratch, f"part{share:.0%}".rstrip("%"))
            for path in files[: round(len(files) * share)]:
                copy = made[share] / path.relative_to(folder)
                copy.parent.mkdir(parents=True, exist_ok=True)
                try:
                    os.link(path, copy)
                except OSError:
                    shutil.copyfile(path, copy)
        yield made
