"""A model that the helper of the ``hoist`` fix puts back trains as a new model with the same weights would: bit for bit."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("tensorflow")

import keras
import numpy as np
from keeping import some
from keras import layers

from flake8_keras_loops.fixes.outcome import Settings
from flake8_keras_loops.fixes.rewrite import rewrite
from flake8_keras_loops.fixes.snippets import keeper, restorer

#: The helper as it is written into a file, and as the helper module has it.
each_restorer = pytest.mark.parametrize(
    "model_restorer", [restorer.model_restorer, keeper.model_restorer], ids=["written", "imported"]
)

_rng = np.random.default_rng(0)
X = _rng.random((64, 8), dtype="float32")
Y = (X.sum(axis=1, keepdims=True) > 4).astype("float32")
SERIES = X[..., None]


def stack(*parts: Any, shape: tuple[int, ...] = (8,)) -> keras.Model:
    return keras.Sequential([keras.Input(shape), *parts, layers.Dense(1, activation="sigmoid")])


def noisy() -> keras.Model:
    model = stack(layers.Dense(16, activation="relu"), layers.BatchNormalization(), layers.Dropout(0.4))
    model.compile(keras.optimizers.Adam(1e-2), "binary_crossentropy", metrics=["accuracy", keras.metrics.AUC(name="auc")])
    return model


def scheduled() -> keras.Model:
    model = stack(layers.Dense(8), layers.GaussianNoise(0.1))
    schedule = keras.optimizers.schedules.ExponentialDecay(1e-2, 3, 0.9)
    model.compile(keras.optimizers.RMSprop(schedule, momentum=0.5), "mse")
    return model


def recurrent() -> keras.Model:
    model = stack(layers.LSTM(4, dropout=0.2, recurrent_dropout=0.2), shape=(8, 1))
    model.compile(keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True), "mse")
    return model


def branched() -> keras.Model:
    inputs = keras.Input((8,))
    left = layers.Dropout(0.3)(layers.Dense(8)(inputs))
    right = layers.BatchNormalization()(layers.Dense(8)(inputs))
    model = keras.Model(inputs, layers.Dense(1)(layers.Concatenate()([left, right])))
    model.compile(keras.optimizers.Nadam(1e-2), "mse")
    return model


def averaged() -> keras.Model:
    model = stack(layers.Dense(8))
    model.compile(keras.optimizers.Adam(1e-2, use_ema=True, ema_overwrite_frequency=5), "mse")
    return model


MODELS = {f.__name__: f for f in (noisy, scheduled, recurrent, branched, averaged)}


def callbacks(with_rate: bool) -> list[Any]:
    stopping = keras.callbacks.EarlyStopping("loss", patience=1, min_delta=0.2, restore_best_weights=True)
    slowing = keras.callbacks.ReduceLROnPlateau("loss", factor=0.1, patience=0, min_delta=0.1)
    return [stopping, slowing] if with_rate else [stopping]


def trained(model: Any, seed: int, with_rate: bool) -> list[Any]:
    """All there is to see of a training."""
    keras.utils.set_random_seed(seed)
    x = SERIES if len(model.input_shape) == 3 else X
    history = model.fit(x, Y, epochs=4, batch_size=16, validation_split=0.25, verbose=0, callbacks=callbacks(with_rate))
    evaluated = model.evaluate(x, Y, verbose=0, return_dict=True)
    state = [variable.numpy() for variable in [*model.variables, *model.optimizer.variables]]
    return [history.history, model.stop_training, evaluated, model.predict(x, verbose=0), *state]


def same(first: Any, second: Any) -> bool:
    if isinstance(first, dict):
        return list(first) == list(second) and all(same(first[key], second[key]) for key in first)
    return bool(np.array_equal(np.asarray(first), np.asarray(second)))


def with_new_models(build: Callable[[], keras.Model], with_rate: bool) -> list[list[Any]]:
    results = []
    for seed in range(3):
        keras.utils.set_random_seed(7)
        results.append(trained(build(), seed, with_rate))
    return results


def with_one_model(
    build: Callable[[], keras.Model], with_rate: bool, restorer: Callable[[Any], Callable[[], None]]
) -> list[list[Any]]:
    keras.utils.set_random_seed(7)
    model = build()
    restore = restorer(model)
    results = []
    for seed in range(3):
        restore()
        results.append(trained(model, seed, with_rate))
    return results


@pytest.mark.parametrize("name", some(["noisy"], MODELS))
@each_restorer
def test_training_again_equals_training_a_new_model(name: str, model_restorer: Any) -> None:
    with_rate = name != "scheduled"  # a schedule cannot be reduced
    expected = with_new_models(MODELS[name], with_rate)
    found = with_one_model(MODELS[name], with_rate, model_restorer)
    for wanted, got in zip(expected, found):
        assert len(wanted) == len(got)
        assert all(same(a, b) for a, b in zip(wanted, got))


@pytest.mark.training
def test_the_comparison_sees_what_setting_the_weights_leaves() -> None:
    def weights_only(model: Any) -> Callable[[], None]:
        initial = model.get_weights()
        return lambda: model.set_weights(initial)

    expected = with_new_models(noisy, True)
    found = with_one_model(noisy, True, weights_only)
    assert all(same(a, b) for a, b in zip(expected[0], found[0]))
    assert not same(expected[1][0], found[1][0])


@each_restorer
def test_a_rate_that_was_reduced_and_a_training_that_was_stopped_are_put_back(model_restorer: Any) -> None:
    model = noisy()
    restore = model_restorer(model)
    trained(model, 0, True)
    assert model.stop_training
    assert float(model.optimizer.learning_rate) < 1e-2
    assert int(model.optimizer.iterations) > 0
    restore()
    assert not model.stop_training
    assert float(model.optimizer.learning_rate) == pytest.approx(1e-2)
    assert int(model.optimizer.iterations) == 0


@each_restorer
def test_a_model_that_is_not_compiled_is_put_back(model_restorer: Any) -> None:
    model = stack(layers.Dense(3))
    before = model.get_weights()
    restore = model_restorer(model)
    model.set_weights([weight + 1 for weight in before])
    restore()
    assert all(same(a, b) for a, b in zip(before, model.get_weights()))


@each_restorer
def test_without_the_weights_it_puts_back_what_compiling_makes_anew(model_restorer: Any) -> None:
    found: list[list[list[Any]]] = []
    for compiles in (True, False):
        keras.utils.set_random_seed(7)
        model = noisy()
        renew = model_restorer(model, weights=False)
        found.append([])
        for seed in range(3):
            if compiles:
                model.compile(
                    keras.optimizers.Adam(1e-2), "binary_crossentropy", metrics=["accuracy", keras.metrics.AUC(name="auc")]
                )
            else:
                renew()
            found[-1].append(trained(model, seed, True)[:4])
    assert all(same(a, b) for wanted, got in zip(*found) for a, b in zip(wanted, got))


@pytest.mark.training
@each_restorer
def test_what_is_remembered_does_not_change_with_the_model(model_restorer: Any) -> None:
    model = noisy()
    restore = model_restorer(model)
    before = [variable.numpy().copy() for variable in model.variables]
    for _ in range(2):
        trained(model, 0, True)
        restore()
        assert all(same(a, variable.numpy()) for a, variable in zip(before, model.variables))


SCORED = """
    import keras
    import numpy as np

    results = []
    for path in paths:
        model = keras.Sequential([
            keras.Input((8,)),
            keras.layers.Dense(6, activation="tanh"),
            keras.layers.BatchNormalization(),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(1),
        ])
        model.compile("adam", "mse")
        model.load_weights(path)
        results.append((model.predict(x, verbose=0), model.evaluate(x, y, verbose=0)))
"""


def test_loading_weights_and_predicting_gives_the_same(tmp_path: Path) -> None:
    paths = []
    for number in range(3):
        model = keras.Sequential(
            [
                keras.Input((8,)),
                layers.Dense(6, activation="tanh"),
                layers.BatchNormalization(),
                layers.Dropout(0.5),
                layers.Dense(1),
            ]
        )
        model.compile("adam", "mse")
        model.fit(X, Y, verbose=0)
        paths.append(str(tmp_path / f"{number}.weights.h5"))
        model.save_weights(paths[-1])
    text = textwrap.dedent(SCORED)
    new = rewrite(text, "scored.py", Settings(strategy="hoist"))
    assert new.text.index("model = keras.Sequential") < new.text.index("for path in paths")
    results = []
    for program in (text, new.text):
        names: dict[str, Any] = {"paths": paths, "x": X, "y": Y}
        exec(compile(program, "scored.py", "exec"), names)
        results.append(names["results"])
    assert len(results[0]) == 3
    for (wanted, loss), (got, other) in zip(*results):
        assert same(wanted, got)
        assert loss == other


TRAINED = """
    import keras

    keras.utils.set_random_seed(7)
    losses = []
    for seed in range(3):
        model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(6), keras.layers.Dropout(0.5), keras.layers.Dense(1)])
        model.compile(keras.optimizers.Adam(0.01), "mse")
        keras.utils.set_random_seed(seed)
        losses.append(model.fit(x, y, epochs=2, verbose=0).history["loss"])
"""


def test_a_fixed_program_trains_the_first_iteration_as_before_and_each_from_the_same_start() -> None:
    text = textwrap.dedent(TRAINED)
    new = rewrite(text, "trained.py", Settings(strategy="hoist", same_weights=True))
    assert "restore_model()" in new.text
    assert not any(outcome.reason for outcome in new.outcomes)
    found = []
    for program in (text, new.text, new.text.replace("keras.utils.set_random_seed(seed)", "keras.utils.set_random_seed(0)")):
        names: dict[str, Any] = {"x": X, "y": Y}
        exec(compile(program, "trained.py", "exec"), names)
        found.append(names["losses"])
    assert found[0][0] == found[1][0]
    assert found[1][0] != found[1][1]
    assert found[2][0] == found[2][1] == found[2][2]
