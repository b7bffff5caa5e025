"""What the analysis and the planner make of much real code, as text that two versions can be compared by.

    python benchmarks/oracle.py --out before.txt DIR ...
    python benchmarks/oracle.py --out after.txt DIR ...
    python benchmarks/oracle.py --compare before.txt after.txt

For every Python file and notebook below the folders: its findings; for each strategy what is planned, with the reason; and the
patches that the safe and the unsafe fixes come to. Nothing is executed and no file is changed. The text is the same in every
run: files in order, paths relative to their folder, the helper functions folded into a line.
"""

from __future__ import annotations

import argparse
import difflib
import os
import re
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from flake8_keras_loops import AnalysisError
from flake8_keras_loops.files import encoding, notebook
from flake8_keras_loops.files.encoding import SourceError
from flake8_keras_loops.fixes.helpers import HELPERS, helper_code
from flake8_keras_loops.fixes.outcome import STRATEGIES, Outcome, Settings
from flake8_keras_loops.fixes.rewrite import rewrite
from flake8_keras_loops.semantics.modules import Modules

_RUNS = {
    **{name: Settings(name, unsafe=True, select=("KL",), helper_module="keeping") for name in ("auto", *STRATEGIES)},
    "safe": Settings(select=("KL",)),
    "same-weights": Settings("hoist", unsafe=True, same_weights=True, select=("KL",)),
}
_FILE = re.compile(r"^== ", re.MULTILINE)


def main() -> int:
    parser = argparse.ArgumentParser(description="Findings, reasons and patches over folders of sources.")
    parser.add_argument("folders", nargs="*", type=Path, metavar="DIR")
    parser.add_argument("--out", type=Path, default=Path(os.devnull))
    parser.add_argument("--compare", nargs=2, type=Path, metavar="FILE")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    args = parser.parse_args()
    if args.compare:
        return compare(*args.compare)
    count = 0
    with ProcessPoolExecutor(args.jobs) as pool, args.out.open("w", encoding="utf-8", errors="backslashreplace") as out:
        for folder in (path.resolve() for path in args.folders):
            paths = sorted(path for path in folder.rglob("*") if path.suffix in {".py", ".ipynb"} and path.is_file())
            groups = [paths[start : start + 40] for start in range(0, len(paths), 40)]
            for text in pool.map(partial(_examine, folder), groups):
                out.write(text)
                count += text.count("\nKL")
    print(f"{count} findings")
    return 0


def compare(before: Path, after: Path) -> int:
    """Print the files in which two outputs differ, as diffs, and how many there are. Returns 1 where there are any."""
    old, new = (_by_file(path.read_text("utf-8")) for path in (before, after))
    changed = [name for name in sorted({*old, *new}) if old.get(name) != new.get(name)]
    for name in changed:
        lines = (text.splitlines() for text in (old.get(name, ""), new.get(name, "")))
        print("\n".join([f"== {name}", *list(difflib.unified_diff(*lines, lineterm="", n=1))[2:]]))
    print(f"{len(changed)} files differ of {len({*old, *new})} with findings")
    return 1 if changed else 0


def _by_file(text: str) -> dict[str, str]:
    parts = (part.partition("\n") for part in _FILE.split(text)[1:])
    return {name: rest for name, _, rest in parts}


def _examine(folder: Path, paths: Iterable[Path]) -> str:
    os.chdir(folder)
    project = Modules()
    return "".join(line + "\n" for path in paths for line in _file(path, folder, project))


def _file(path: Path, folder: Path, project: Modules) -> Iterator[str]:
    try:
        data = path.read_bytes()
        if path.suffix == ".py" and not project.can_matter(data, str(path.absolute())):
            return
        decoded = encoding.decode(data, "" if path.suffix == ".py" else "utf-8")
        text = decoded.text if path.suffix == ".py" else notebook.read(decoded.text).python
        lines = list(_lines(text, str(path.absolute()), project))
    except (AnalysisError, SourceError, OSError) as error:
        lines = [f"error {error}"]
    except Exception as error:  # what no input may bring about: it shows in the comparison
        lines = [f"CRASH {type(error).__name__} {error}"]
    if lines:
        yield f"== {folder.name}/{path.relative_to(folder)}"
        yield from (line.replace(str(folder), "") for line in lines)


def _lines(text: str, path: str, project: Modules) -> Iterator[str]:
    for name, settings in _RUNS.items():
        done = rewrite(text, path, settings, project)
        if not done.outcomes:
            return
        if name == "auto":
            yield from map(_finding, done.outcomes)
        yield f"-- {name}"
        yield from (f"{_planned(outcome)}" for outcome in done.outcomes)
        before, after = (_folded(each).splitlines() for each in (text, done.text))
        yield from list(difflib.unified_diff(before, after, lineterm="", n=1))[2:]


def _finding(outcome: Outcome) -> str:
    finding = outcome.finding
    span, loop = finding.span, finding.loop
    return (
        f"{finding.code} {span.line}:{span.column}-{span.end_line}:{span.end_column} loop {loop.line} "
        f"{finding.construction} {finding.message}"
    )


def _planned(outcome: Outcome) -> str:
    applied = "applied" if outcome.applied else "left"
    return f"{outcome.finding.line} {outcome.strategy or 'none'} {outcome.applicability.value} {applied}: {outcome.reason}"


def _folded(text: str) -> str:
    for name in HELPERS:
        text = text.replace(helper_code(name).rstrip("\n"), f"<{name}>")
    return text


if __name__ == "__main__":
    sys.exit(main())
