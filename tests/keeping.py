"""Train models with and without the helper of the ``reuse`` fix, and compare."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from flake8_keras_loops.fixes.snippets.keeper import compiled_model_keeper

_rng = np.random.default_rng(0)
X = _rng.random((32, 8), dtype="float32")
Y = (X.sum(axis=1, keepdims=True) > 4).astype("float32")

Build = Callable[[int], keras.Model]
Fit = Callable[[keras.Model, int], Any]


def some(quick: Iterable[str], every: Iterable[str]) -> list[Any]:
    """Parameters of which all but the ``quick`` ones are run under the marker ``training``."""
    chosen = set(quick)
    assert chosen <= set(every)
    return [pytest.param(each, marks=() if each in chosen else pytest.mark.training) for each in every]


def compiled(model: keras.Model, optimizer: Any = "sgd", loss: Any = "mse", **settings: Any) -> keras.Model:
    model.compile(optimizer, loss, **settings)
    return model


def chain(*parts: keras.layers.Layer, shape: tuple[int, ...] = (8,), **settings: Any) -> keras.Model:
    """A compiled Sequential that ends in one number."""
    return compiled(keras.Sequential([keras.Input(shape), *parts, layers.Dense(1)]), **settings)


def fit(model: keras.Model, i: int, x: Any = X, y: Any = Y, **settings: Any) -> Any:
    """Train in a way that leaves much behind: the learning rate falls and training is stopped."""
    callbacks = [
        keras.callbacks.ReduceLROnPlateau(monitor="loss", patience=1, min_delta=100),
        keras.callbacks.EarlyStopping(monitor="loss", patience=2, min_delta=100),
    ]
    history = model.fit(x, y, epochs=4, batch_size=16, verbose=0, callbacks=callbacks, **settings).history
    return list(history.values())


def trained(build: Build, keep: Any, seeding: str, x: Any, fit: Fit) -> list[Any]:
    keras.backend.clear_session()
    keras.utils.set_random_seed(7)
    results = []
    for i in (0, 1, 1):  # what the keeper learns at the first reuse it uses at the second
        if seeding == "inner":
            keras.utils.set_random_seed(i)
        model = keep(build(i), x)
        results.append([fit(model, i), [weight.tobytes() for weight in model.get_weights()]])
    return results


def check_kept(build: Build, fit: Fit = fit, x: Any = None, seeding: str = "outer", kept: int = 2) -> None:
    """Three models, one after the other, are trained alike with and without the helper, and it keeps the first."""
    keep = compiled_model_keeper()
    expected = trained(build, lambda model, x: model, seeding, x, fit)
    assert trained(build, keep, seeding, x, fit) == expected
    assert keep.reused == kept


def check_told_apart(build: Build, x: Any = None) -> None:
    """``build(0)`` built again stands for a kept one, ``build(1)`` does not."""
    keep = compiled_model_keeper()
    first = keep(build(0), x)
    assert keep(build(0), x) is first
    other = build(1)
    assert keep(other, x) is other


def check_handed_through(build: Build, x: Any = None) -> None:
    """Of these none is kept."""
    keep = compiled_model_keeper()
    for _ in range(3):
        model = build(0)
        assert keep(model, x) is model
    assert keep.reused == 0
