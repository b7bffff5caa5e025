"""A loop of one file calls a function of another one: a project of the two, and what a run makes of it."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest
from helper_project import root as root  # the fixture

from flake8_keras_loops import analyze
from flake8_keras_loops.cli.fix import main

FOLDS = """\
import keras
import numpy as np

x, y = np.random.rand(64, 8), np.random.rand(64, 1)


def run_fold(rows, units=8, lr=0.01):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.Adam(lr), loss="mse")
    model.fit(x[rows], y[rows], verbose=0)
    return model.evaluate(x, y, verbose=0)
"""
MAIN = """\
import numpy as np
import folds

for number in range(4):
    print(folds.run_fold(np.arange(number + 20)))
"""
KEPT = "    kept[units] = model = renew(kept.get(units), model)\n"
BOTH = "builds and uses the model"


def write(root: Path, **files: str) -> None:
    for name, text in files.items():
        path = root / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))


def texts(root: Path) -> dict[str, str]:
    return {str(path.relative_to(root)): path.read_text() for path in root.rglob("*.py")}


def advice(capsys: pytest.CaptureFixture[str], *args: str) -> list[str]:
    """What a run says about each finding, in its order: ``main.py:5 fix: reuse, in folds.py``."""
    main(["-q", *args])
    out, err = capsys.readouterr()
    assert err == ""
    return [f"{found[1]} {found[2]}" for found in re.finditer(r"(?m)^(\S+?:\d+):\d+: .*\n    (.*)$", out)]


def fix(root: Path, *args: str) -> set[str]:
    """Fix a project: which files that changes. A second run changes nothing."""
    before = texts(root)
    main(["--fix", "-q", *args])
    after = texts(root)
    main(["--fix", "-q", *args])
    assert texts(root) == after
    return {name for name in after if after[name] != before.get(name)}


def clean(root: Path, *names: str) -> None:
    for name in names:
        assert analyze((root / name).read_text(), str(root / name)) == []
