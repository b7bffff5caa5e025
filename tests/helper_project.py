"""A project whose fixes import the helper module, for the tests of ``--helper-module``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flake8_keras_loops.fixes.helpers import module_text

#: A loop whose model only the helper with guards can keep, as ``Lambda`` is no plain layer.
TRAIN = """\
import keras
import numpy as np

x, y = np.ones((16, 4)), np.ones((16, 1))
for seed in range(3):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Lambda(abs), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(x, y, verbose=0)
"""
#: One that is fixed without a helper: the model is loaded before the loop.
LOADED = (
    'import keras\n\nfor batch in batches:\n    model = keras.models.load_model("m.keras")\n    print(model.predict(batch))\n'
)
NOTEBOOK = json.dumps(
    {"cells": [{"cell_type": "code", "metadata": {}, "source": TRAIN.splitlines(keepends=True)}], "metadata": {}}
)
DEFINES = "def compiled_model_keeper(limit=8):\n    return lambda model, x=None: model\n"
PLAIN, DOTTED = ("--helper-module", "keeping"), ("--helper-module", "our.keeping")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project, in which the commands run."""
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(root: Path, **files: str) -> None:
    """Files by their names, with two underscores for a slash."""
    for name, text in files.items():
        path = root / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def package(root: Path, *names: str) -> None:
    for name in names:
        (root / name).mkdir(parents=True, exist_ok=True)
        (root / name / "__init__.py").touch()


def files(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def is_module(path: Path) -> bool:
    return path.read_text("utf-8") == module_text()


def imports(path: Path, module: str) -> bool:
    return f"from {module} import compiled_model_keeper\n" in path.read_text("utf-8")


def reason(capsys: pytest.CaptureFixture[str]) -> str:
    """Why there is no fix, of the first finding."""
    return capsys.readouterr().out.splitlines()[1].partition("    no fix: ")[2]
