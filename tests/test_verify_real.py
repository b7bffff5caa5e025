"""A user's script on a real Keras, from the command line to the report. Times are not looked at: ``.ci/run`` does that."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flake8_keras_loops.cli import verify

pytest.importorskip("tensorflow")

SCRIPT = '''\
"""Trains a model from each of several starts, with a factory from the project and data beside the script."""

import sys
from pathlib import Path

import keras
import numpy as np
from models import build_model

x = np.load(Path(__file__).parent / "x.npy")
y = x.sum(axis=1)
print("training", *sys.argv[1:])
for start in range(int(sys.argv[1])):
    model = build_model()
    model.fit(x, y, epochs=2, batch_size=16, verbose=0)
    print(start, model.evaluate(x, y, verbose=0), model.predict(x, verbose=0).mean())
raise SystemExit("never reached: the loop is cut short")
'''
MODELS = """\
import keras


def build_model():
    layers = [keras.layers.Dense(8, activation="relu"), keras.layers.Dropout(0.3), keras.layers.Dense(1)]
    model = keras.Sequential([keras.Input((4,)), *layers])
    model.compile("adam", "mse", metrics=["mae"])
    return model
"""


@pytest.mark.endtoend
def test_a_script_of_a_project(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    import numpy as np

    project = tmp_path / "project"
    project.mkdir()
    (project / "train.py").write_text(SCRIPT)
    (project / "models.py").write_text(MODELS)
    np.save(project / "x.npy", np.random.default_rng(0).random((32, 4), dtype="float32"))
    before = {path: path.read_bytes() for path in project.iterdir()}
    output = tmp_path / "report.json"
    options = ["--device", "cpu", "--backend", "tensorflow", "--iterations", "4", "--repeats", "1", "--output", str(output)]
    status = verify.main([*options, f"{project / 'train.py'}:13", "--", "9"])
    captured = capfd.readouterr()
    assert status in {0, 1, 3}, captured  # 1: slower, on a machine that is busy
    assert "training" not in captured.out + captured.err
    (case,) = json.loads(output.read_text())["cases"]
    (compared,) = case["comparisons"]
    assert compared["equality"]["kind"] == "bit for bit"
    # 2 epochs of loss and mae; loss and mae; 32 predictions: in 4 iterations
    assert (compared["equality"]["iterations"], compared["equality"]["values"]) == (4, 4 * (4 + 2 + 32))
    assert [run["outcome"] for run in case["runs"]] == ["ok", "ok"]
    assert {path: path.read_bytes() for path in project.iterdir() if path.is_file()} == before
