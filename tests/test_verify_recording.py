"""What models return is kept: of the outermost call alone, as arrays that survive the process."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from flake8_keras_loops.verify.run import recording
from flake8_keras_loops.verify.run.recording import Recorder, flat


class Callback:
    def __init__(self, on_train_begin: Any) -> None:
        self.on_train_begin = on_train_begin


@pytest.fixture
def model_class(monkeypatch: pytest.MonkeyPatch) -> type:
    """The ``Model`` of a stand-in for Keras."""

    class Model:
        def fit(self, x: float, callbacks: Any = None) -> Any:
            for callback in callbacks or ():
                callback.on_train_begin(None)
            validation = self.evaluate(x)
            return SimpleNamespace(history={"loss": [x, x / 2], "auc_1": [validation[0]]})

        def evaluate(self, x: float) -> list[float]:
            return [x, 1.0]

    Model.__module__ = "keras.src.models.model"
    keras = ModuleType("keras")
    keras.Model = Model  # type: ignore[attr-defined]
    keras.callbacks = SimpleNamespace(LambdaCallback=Callback)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keras", keras)
    monkeypatch.delitem(sys.modules, "tf_keras", raising=False)
    return Model


def taken(recorder: Recorder) -> list[tuple[str, str, list[Any]]]:
    return [(method, name, array.tolist()) for method, returned in recorder.take() for name, array in flat(returned)]


def test_the_outermost_call_of_models_and_their_subclasses(model_class: Any) -> None:
    recorder = Recorder()
    recorder.attach()
    recorder.attach()  # twice is once

    class Own(model_class):  # type: ignore[misc]
        def fit(self, x: float) -> Any:
            return super().fit(2 * x)

    recorder.start()
    Own().fit(2.0)
    model_class().evaluate(3.0)
    assert taken(recorder) == [
        ("fit", "loss", [4.0, 2.0]),
        ("fit", "auc", [4.0]),
        ("evaluate", "0", 3.0),
        ("evaluate", "1", 1.0),
    ]
    assert recorder.take() == []


def test_a_call_that_raises_is_not_recorded_and_the_next_one_is(model_class: Any) -> None:
    recorder = Recorder()
    recorder.attach()
    recorder.start()
    with pytest.raises(TypeError):
        model_class().fit("x")
    model_class().evaluate(1.0)
    assert [method for method, _ in recorder.take()] == ["evaluate"]


def test_every_outermost_fit_is_seeded_once_training_begins(model_class: Any) -> None:
    seen: list[int] = []
    recorder = Recorder(seen.append)
    recorder.attach()
    for _ in range(2):
        recorder.start()
        for callbacks in (None, [], Callback(lambda logs: seen.append(-1))):
            model_class().fit(1.0, callbacks=callbacks)
    assert seen == [0, 1, -1, 2, 0, 1, -1, 2]


@pytest.mark.parametrize(
    ("returned", "arrays"),
    [
        (0.5, {"0": 0.5}),
        ([0.5, 0.25], {"0": 0.5, "1": 0.25}),
        ({"loss": 1.0, "auc_12": 2.0}, {"loss": 1.0, "auc": 2.0}),
        (np.zeros((2, 3)), {"0": [[0, 0, 0], [0, 0, 0]]}),
        ([np.zeros(2), {"a": np.ones(1)}], {"0": [0, 0], "1.a": [1]}),
        ({"lr": [np.float32(0.5), 0.25]}, {"lr": [0.5, 0.25]}),
        (None, {}),
        (["text", object()], {}),
        (SimpleNamespace(history={"loss": [1, 2]}), {"loss": [1, 2]}),
    ],
)
def test_what_is_a_number_in_it(returned: Any, arrays: dict[str, Any]) -> None:
    assert {name: array.tolist() for name, array in flat(returned)} == arrays


def test_written_and_read(tmp_path: Path) -> None:
    path = tmp_path / "results"
    with path.open("wb") as file:
        recording.write(file, 0, [("evaluate", [0.1, float("nan")]), ("predict", np.arange(6, dtype="float16").reshape(2, 3))])
        recording.write(file, 1, [("evaluate", [0.2, 0.3])])
    results = recording.read(path)
    assert list(results) == ["0/0/evaluate/0", "0/0/evaluate/1", "0/1/predict/0", "1/0/evaluate/0", "1/0/evaluate/1"]
    assert results["0/1/predict/0"].dtype == np.float16
    assert results["0/1/predict/0"].tolist() == [[0, 1, 2], [3, 4, 5]]
    path.write_bytes(path.read_bytes()[:-3])
    assert list(recording.read(path)) == list(results)[:-1]
    assert recording.read(tmp_path / "none") == {}


def test_a_long_array_is_kept_in_part_with_a_hash_of_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "_LONGEST", 4)
    hashes = []
    for last in (5.0, 6.0):
        with (tmp_path / "results").open("wb") as file:
            recording.write(file, 0, [("predict", np.array([1.0, 2.0, 3.0, 4.0, last]))])
        results = recording.read(tmp_path / "results")
        assert results["0/0/predict/0"].tolist() == [1, 2, 3, 4]
        hashes.append(results["0/0/predict/0/sha256"].tobytes())
    assert len(set(hashes)) == 2
