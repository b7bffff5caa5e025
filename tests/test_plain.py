"""A loop of models made of plain parts gives the same numbers with the short helper as without: bit for bit on TensorFlow."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("tensorflow")

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from plain_parts import BY_SHAPE, WHOLES, Part, every_group, every_part, trained

from flake8_keras_loops.fixes.snippets import renewer
from flake8_keras_loops.fixes.snippets.renewer import renew
from flake8_keras_loops.knowledge import plain

PARTS = every_part(plain.PARTS)
GROUPS = every_group({**plain.PARTS, "activation": plain.ACTIVATIONS})
MODELS = {**PARTS, **{name: part for name, (_, part) in GROUPS.items()}, **WHOLES}
#: What the default test command trains.
QUICK = [
    "keras.layers.Dropout", "keras.layers.Embedding", "keras.optimizers.LossScaleOptimizer", "keras.callbacks.EarlyStopping",
]  # fmt: skip
JAX = [*QUICK, "keras.optimizers.Adam", "losses of a class", "convolutional"]
HERE = Path(__file__).parent


def public(name: str) -> Any:
    """What a full name stands for; some stand only in ``tf.keras``."""
    for space in (tf,) if name.startswith("tensorflow.") else (keras, tf.keras):
        with contextlib.suppress(AttributeError):
            return functools.reduce(getattr, name.split(".")[1:], space)
    raise AttributeError(name)


def names(rows: dict[str, str]) -> list[str]:
    return [f"{module}.{name}" for module, text in rows.items() for name in text.split()]


def test_each_entry_is_trained() -> None:
    grouped = [name for entries, _ in GROUPS.values() for name in entries]
    listed = names({**plain.PARTS, "activation": plain.ACTIVATIONS})
    assert sorted([*PARTS, *grouped]) == sorted(name for name in listed if not name.startswith("keras.applications."))
    assert plain.BY_SHAPE.split() == BY_SHAPE
    for rows in (plain.PARTS, plain.ALIASES, plain.STRINGS):
        assert all(len(set(text.split())) == len(text.split()) for text in rows.values())


#: One of each family: the larger ones have more of the same layers.
FAMILIES = """
    DenseNet121 EfficientNetB0 EfficientNetV2B0 EfficientNetV2S InceptionV3 MobileNet MobileNetV2 MobileNetV3Small NASNetMobile
    ResNet50 ResNet50V2 VGG16 Xception
"""


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name == "MobileNet" else pytest.mark.sameness) for name in FAMILIES.split()]
)
def test_a_ready_made_architecture_is_made_of_plain_layers(name: str) -> None:
    model = getattr(keras.applications, name)(weights=None, include_top=False, input_shape=(96, 96, 3))
    found = {f"keras.layers.{type(layer).__name__}" for layer in model.layers}
    assert sorted(each for each in found if not plain.is_plain(each)) in ([], ["keras.layers.Normalization"])


def check_same(part: Part, folder: Path, seeded: bool = False) -> None:
    results = []
    for below, helper in ((folder / "new", None), (folder / "kept", renew)):
        below.mkdir()
        results.append(trained(part, below, helper, seeded))
    (expected, _), (renewed, kept) = results
    assert kept == 2
    assert [len(values) for values in renewed] == [len(values) for values in expected]
    assert [[a == b for a, b in zip(*pair)] for pair in zip(expected, renewed)] == [[True] * len(values) for values in expected]


@pytest.mark.parametrize("name", [pytest.param(name, marks=() if name in QUICK else pytest.mark.sameness) for name in MODELS])
def test_a_model_of_plain_parts_is_trained_alike(name: str, tmp_path: Path) -> None:
    check_same(MODELS[name], tmp_path)


@pytest.mark.sameness
def test_half_precision_is_trained_alike(tmp_path: Path) -> None:
    keras.config.set_dtype_policy("mixed_float16")
    try:
        check_same(WHOLES["momentum"], tmp_path)  # Keras wraps its optimizer
    finally:
        keras.config.set_dtype_policy("float32")


@pytest.mark.parametrize("module", plain.ALIASES)
def test_an_alias_is_another_name(module: str) -> None:
    proved = {id(public(name)) for name in names(plain.PARTS)}
    assert [name for name in plain.ALIASES[module].split() if id(public(f"{module}.{name}")) not in proved] == []


@pytest.mark.parametrize("module", plain.STRINGS)
def test_a_string_stands_for_a_plain_part(module: str) -> None:
    for text in plain.STRINGS[module].split():
        meant = public(f"{module}.get")(text)
        name = f"{module}.{getattr(meant, '__name__', type(meant).__name__)}"
        assert plain.is_plain(name), text
        assert public(name) in (meant, type(meant)), text
        assert plain.is_plain_string(text)


def test_what_is_asked() -> None:
    assert plain.is_plain("keras.layers.Dense")
    assert plain.is_plain("keras.models.Sequential")
    assert not plain.is_plain("keras.layers.Lambda")
    assert not plain.is_plain("Dense")
    assert plain.is_plain_string("adam")
    assert not plain.is_plain_string("my_loss")
    assert plain.spoils("keras.layers.GRU", "stateful")
    assert plain.spoils("keras.layers.LSTM", "activation")
    assert plain.spoils("keras.layers.LSTM", "activation", "selu")
    assert not plain.spoils("keras.layers.LSTM", "activation", "tanh")
    assert not plain.spoils("keras.layers.Dense", "activation", "relu")
    assert plain.is_plain_activation("keras.activations.relu")
    assert plain.is_plain_activation("keras.layers.LeakyReLU")
    assert not plain.is_plain_activation("keras.layers.PReLU")


def values(model: keras.Model) -> list[Any]:
    return [variable.numpy() for variable in [*model.variables, *model.optimizer.variables]]


@pytest.mark.parametrize("fitted", [False, True])
def test_nothing_is_left_behind(fitted: bool, tmp_path: Path) -> None:
    part = WHOLES["convolutional"]
    kept, model = renew(None, part.build()), part.build()
    if fitted:
        x, y = part.data()[0]
        kept.fit(x, y, epochs=3, verbose=0, sample_weight=np.ones(len(x)), callbacks=part.called(tmp_path))
        assert kept.stop_training
        assert float(kept.optimizer.learning_rate) < 0.01
        assert any(metric.numpy().any() for metric in kept.metrics_variables)
    assert renew(kept, model) is kept
    assert len(values(kept)) == len(values(model))
    assert [a.tobytes() for a in values(kept)] == [b.tobytes() for b in values(model)]
    assert [variable.path.rpartition("/")[2] for variable in kept.variables] == [
        variable.path.rpartition("/")[2] for variable in model.variables
    ]
    assert not kept.stop_training
    assert not any(metric.numpy().any() for metric in kept.metrics_variables)


def test_the_comparison_sees_what_setting_the_weights_leaves(tmp_path: Path) -> None:
    def reweigh(kept: Any, model: Any) -> Any:
        if kept:
            kept.set_weights(model.get_weights())
        return kept or model

    part = PARTS["keras.optimizers.Adam"]
    (first, *expected), _ = trained(part, tmp_path)
    (start, *found), kept = trained(part, tmp_path, reweigh)
    assert kept == 2
    assert start == first
    assert found != expected


def test_what_an_activation_creates_is_not_there_in_time() -> None:
    model = keras.Sequential([keras.Input((8,)), layers.Dense(4, activation=layers.PReLU())])
    before = len(model.variables)
    model(np.ones((1, 8)))
    assert len(model.variables) == before + 1


def test_the_helper_is_short() -> None:
    text = Path(renewer.__file__).read_text("utf-8")
    lines = text[text.index("def renew") :].splitlines()
    assert len(lines) <= 12
    assert max(map(len, lines)) <= 88


def test_the_first_model_is_kept_as_it_is() -> None:
    model = Part().build()
    before = values(model)
    assert renew(None, model) is model
    assert [a.tobytes() for a in values(model)] == [b.tobytes() for b in before]


ON_JAX = """
import pathlib
import sys

import keras
from test_plain import MODELS, check_same

assert keras.backend.backend() == "jax"
for name in sys.argv[2:]:
    folder = pathlib.Path(sys.argv[1]) / name
    folder.mkdir()
    check_same(MODELS[name], folder, seeded=True)
"""


@pytest.mark.sameness
@pytest.mark.skipif(not importlib.util.find_spec("jax"), reason="needs JAX")
def test_on_jax_with_every_fit_seeded(tmp_path: Path) -> None:
    environment = {**os.environ, "KERAS_BACKEND": "jax", "PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parent)])}
    done = subprocess.run([sys.executable, "-c", ON_JAX, str(tmp_path), *JAX], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
