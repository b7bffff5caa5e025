"""What the tests of robustness have done in a process of its own."""

from __future__ import annotations

import os
import sysconfig
import warnings
from pathlib import Path
from typing import NamedTuple

from flake8_keras_loops import AnalysisError
from flake8_keras_loops.examine import examine
from flake8_keras_loops.semantics.modules import Modules

SHARES = 12  # for as many processes


class Analysed(NamedTuple):
    """Line and code of every finding, and how many expressions were evaluated for them; or why there are none."""

    found: list[tuple[int, str]]
    evaluated: int = 0
    error: str = ""


def analysed(source: str | bytes, path: str = "", project: Modules | None = None) -> Analysed:
    """Analyse a text, in no more steps than there are for it. Raises what is not an ``AnalysisError`` of one line."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            examined = examine(source, path, None, project)
        except AnalysisError as error:
            assert "\n" not in str(error)
            return Analysed([], error=str(error))
    if examined is None:
        return Analysed([])
    interpreter = examined.factories.interpreter
    assert interpreter.spent <= 80_000 + 10 * len(examined.module.calls)
    return Analysed([(each.finding.line, each.finding.code) for each in examined.detections], interpreter.spent)


def scan(share: int) -> int:
    """Analyse one of :data:`SHARES` parts of much real code. Returns how many files that were."""
    project = Modules()
    count = 0
    for tree in _trees()[share::SHARES]:
        for path in sorted(tree.rglob("*.py")) if tree.is_dir() else [tree]:
            if path.is_file():
                analysed(path.read_bytes(), str(path), project)
                count += 1
    return count


def _trees() -> list[Path]:
    """Top-level packages of the standard library, of this environment, and of what `KERAS_LOOPS_SCAN` names."""
    paths = sysconfig.get_paths()
    roots = {Path(paths["stdlib"]), Path(paths["purelib"])}
    roots |= {Path(root) for root in os.environ.get("KERAS_LOOPS_SCAN", "").split(os.pathsep) if root}
    # What has nothing of Keras is dismissed by its bytes: one such package of thousands of files is enough.
    left_out = {"site-packages", "__pycache__", "scipy", "matplotlib", "fontTools", "pip", "setuptools"}
    inner = {child for root in roots for child in root.iterdir() if child.name not in left_out}
    return sorted(tree for tree in inner if tree.is_dir() or tree.suffix == ".py")
