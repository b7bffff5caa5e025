"""Models that differ in anything a trace has baked in are told apart by the helper of the ``reuse`` fix."""

# ruff: noqa: E402

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import pytest

tf = pytest.importorskip("tensorflow")

import keras
import numpy as np
from keeping import X, chain, check_told_apart, compiled, compiled_model_keeper
from keras import layers

Dense = layers.Dense
optimizers = keras.optimizers
FACTOR = 0.0
FACTORS = np.zeros(1, "float32")
OPTIONS = argparse.Namespace(factor=0.0)


def square(x: Any) -> Any:
    return keras.ops.mean(keras.ops.square(x))


def reads_global_number(y: Any, p: Any) -> Any:
    return FACTOR * square(y - p)


def reads_global_array(y: Any, p: Any) -> Any:
    return FACTORS * square(y - p)


def reads_global_object(y: Any, p: Any) -> Any:
    return OPTIONS.factor * square(y - p)


def reads_in_inner_function(y: Any, p: Any) -> Any:
    return sum(FACTOR * square(y - p) for _ in range(2))


def calls_function_that_reads(y: Any, p: Any) -> Any:
    return reads_global_number(y, p)


def set_globals(i: int) -> None:
    """What a training script does at module level before it builds: these change, the functions stay the same objects."""
    global FACTOR, FACTORS
    FACTOR, FACTORS, OPTIONS.factor, Settings.factor = float(i), np.full(1, i, "float32"), float(i), float(i)


class Settings:
    factor = 0.0


def reads_class(y: Any, p: Any) -> Any:
    return Settings.factor * square(y - p)


class Study:
    factor = 0.0

    def loss(self, y: Any, p: Any) -> Any:
        return self.factor * square(y - p)

    def by_method(self, i: int) -> keras.Model:
        self.factor = float(i)
        return chain(loss=self.loss)

    def by_closure(self, i: int) -> keras.Model:
        self.factor = float(i)
        return chain(loss=lambda y, p: self.factor * square(y - p))


class Weighted(keras.losses.Loss):
    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def call(self, y: Any, p: Any) -> Any:
        return self.factor * square(y - p)


class Clip(keras.constraints.Constraint):
    def __init__(self, limit: float) -> None:
        self.limit = limit

    def __call__(self, w: Any) -> Any:
        return keras.ops.clip(w, -self.limit, self.limit)


class Scaled(keras.Model):
    """Scales by something that it is given."""

    def __init__(self, factor: Any) -> None:
        super().__init__()
        self._factor = factor
        self.out = Dense(1)

    def factor(self) -> Any:
        return self._factor

    def call(self, inputs: Any) -> Any:
        return self.out(inputs) * self.factor()


class ScaledByOption(Scaled):
    def factor(self) -> Any:
        return self._factor.factor


class ScaledByEntry(Scaled):
    def factor(self) -> Any:
        return self._factor["learning_rate"]


class ScaledByMatrix(Scaled):
    def factor(self) -> Any:
        return keras.ops.sum(self._factor)


class Tuned(keras.Model):
    """Scales by what others set: none of its own methods but ``call`` names it."""

    shared = 0.0

    def __init__(self) -> None:
        super().__init__()
        self.out = Dense(1)

    @property
    def rate(self) -> Any:
        return self.hidden_rate

    def call(self, inputs: Any) -> Any:
        return self.out(inputs) * self.rate


class TunedInTfFunction(Tuned):
    @tf.function
    def call(self, inputs: Any) -> Any:
        return self.out(inputs) * self.outer_rate


class TunedByClass(Tuned):
    def call(self, inputs: Any) -> Any:
        return self.out(inputs) * self.shared


class Pooling(keras.Model):
    def __init__(self, kind: type) -> None:
        super().__init__()
        self.pool = kind(pool_size=2, name="pool")
        self.out = Dense(1)

    def call(self, inputs: Any) -> Any:
        return self.out(self.pool(inputs[..., None])[..., 0])


class Shift(layers.Layer):
    """Says nothing of its configuration."""

    def build(self, shape: Any) -> None:
        self.shift = self.add_weight(shape=(1,), initializer="ones")

    def call(self, inputs: Any) -> Any:
        return inputs + self.shift

    def get_config(self) -> Any:
        raise NotImplementedError


class Shifted(keras.Model):
    def __init__(self, trainable: bool) -> None:
        super().__init__()
        self.first = Shift(trainable=trainable)
        self.out = Dense(1)

    def call(self, inputs: Any) -> Any:
        return self.out(self.first(inputs))

    def get_config(self) -> Any:
        raise NotImplementedError


def tuned(i: int) -> keras.Model:
    model = compiled(Tuned())
    model.hidden_rate = float(i)
    return model


def tuned_in_tf_function(i: int) -> keras.Model:
    model = compiled(TunedInTfFunction())
    model.outer_rate = float(i)
    return model


def tuned_by_class(i: int) -> keras.Model:
    TunedByClass.shared = float(i)
    return compiled(TunedByClass())


def matrix(i: int) -> Any:
    """Large ones are printed without their middle."""
    values = np.zeros(2000, "float32")
    values[1000] = i
    return tf.constant(values)


def lambda_on_closure(i: int) -> keras.Model:
    return chain(layers.Lambda(lambda x: x * i))


def lambda_on_global(i: int) -> keras.Model:
    set_globals(i)
    return chain(layers.Lambda(lambda x: x * FACTOR))


def with_globals(loss: Any) -> Callable[[int], keras.Model]:
    def build(i: int) -> keras.Model:
        set_globals(i)
        return chain(loss=loss)

    return build


def partly_frozen(i: int) -> keras.Model:
    model = keras.Sequential([keras.Input((8,)), Dense(4), Dense(1)])
    model.layers[0].trainable = not i
    return compiled(model)


def wired(i: int) -> keras.Model:
    inputs = keras.Input((8,))
    first, second = Dense(8), Dense(8)
    hidden = second(first(inputs)) if i else first(inputs) + second(inputs)
    return compiled(keras.Model(inputs, Dense(1)(layers.Activation("relu")(hidden))))


def schedule(i: int) -> Any:
    return optimizers.schedules.ExponentialDecay(0.1, 3 + i, 0.5)


def subclass(kind: type, value: Callable[[int], Any]) -> Callable[[int], keras.Model]:
    return lambda i: compiled(kind(value(i)))


def function_loss(i: int) -> Any:
    return [lambda y, p: square(y - p), lambda y, p: square(y - p) + 1][i]


TOLD_APART: dict[str, Callable[[int], keras.Model]] = {
    "layer size": lambda i: chain(Dense(4 + i)),
    "number of layers": lambda i: chain(*(Dense(1) for _ in range(i + 1))),
    "wiring": wired,
    "activation": lambda i: chain(Dense(4, activation=["relu", "tanh"][i])),
    "activation function": lambda i: chain(Dense(4, activation=[lambda x: x * x, lambda x: x * 2.0][i])),
    "layer of an inner model": lambda i: chain(keras.Sequential([keras.Input((8,)), layers.Dropout(0.1 + i / 10)])),
    "layer in a pipeline": lambda i: chain(layers.Pipeline([layers.Dropout(0.1 + i / 10)])),
    "dropout rate": lambda i: chain(layers.Dropout(0.2 + i / 10)),
    "dropout seed": lambda i: chain(layers.Dropout(0.2, seed=i)),
    "regularizer": lambda i: chain(Dense(4, kernel_regularizer=["l1", "l2"][i])),
    "regularizer's factor": lambda i: chain(Dense(4, kernel_regularizer=keras.regularizers.L2(0.1 + i))),
    "constraint": lambda i: chain(Dense(4, kernel_constraint=Clip(0.1 + i))),
    "momentum of BatchNormalization": lambda i: chain(layers.BatchNormalization(momentum=0.9 - i / 10)),
    "layer's explicit name": lambda i: chain(Dense(4, name="ab"[i])),
    "trainable": partly_frozen,
    "dtype": lambda i: chain(Dense(4, dtype=["float32", "float64"][i])),
    "loss": lambda i: chain(loss=["mse", "mae"][i]),
    "loss function": lambda i: chain(loss=function_loss(i)),
    "loss object's argument": lambda i: chain(loss=keras.losses.Huber(1.0 + i)),
    "loss object of one's own": lambda i: chain(loss=Weighted(i)),
    "loss that is a method": Study().by_method,
    "loss over self": Study().by_closure,
    "global number": with_globals(reads_global_number),
    "global array": with_globals(reads_global_array),
    "global object": with_globals(reads_global_object),
    "class attribute": with_globals(reads_class),
    "global in an inner function": with_globals(reads_in_inner_function),
    "global in a function called": with_globals(calls_function_that_reads),
    "default argument": lambda i: chain(loss=lambda y, p, factor=float(i): factor * square(y - p)),
    "metric": lambda i: chain(metrics=[["mae"], ["mse"]][i]),
    "metric's argument": lambda i: chain(metrics=[keras.metrics.BinaryAccuracy(threshold=0.5 + i / 10)]),
    "weights of losses": lambda i: chain(loss_weights=[1.0 + i]),
    "optimizer": lambda i: chain(optimizer=["sgd", "adam"][i]),
    "momentum": lambda i: chain(optimizer=optimizers.SGD(momentum=0.9 - i / 10)),
    "clipping": lambda i: chain(optimizer=optimizers.SGD(clipnorm=1.0 + i)),
    "schedule": lambda i: chain(optimizer=optimizers.SGD(schedule(i))),
    "schedule or number": lambda i: chain(optimizer=optimizers.SGD([schedule(0), 0.1][i])),
    "inner optimizer": lambda i: chain(optimizer=optimizers.LossScaleOptimizer(optimizers.SGD(momentum=0.9 - i / 10))),
    "jit_compile": lambda i: chain(jit_compile=bool(i)),
    "run_eagerly": lambda i: chain(run_eagerly=bool(i)),
    "steps_per_execution": lambda i: chain(steps_per_execution=i + 1),
    "Lambda over a closure": lambda_on_closure,
    "Lambda over a global": lambda_on_global,
    "input shape": lambda i: chain(layers.GlobalAveragePooling1D(), shape=(8 + i, 2)),
}
SUBCLASSES: dict[str, Callable[[int], keras.Model]] = {
    "argument": subclass(Scaled, float),
    "array": subclass(Scaled, lambda i: np.full(1, i, "float32")),
    "namespace": subclass(ScaledByOption, lambda i: argparse.Namespace(factor=float(i))),
    "entry called like a setting": subclass(ScaledByEntry, lambda i: {"learning_rate": float(i)}),
    "large tensor": subclass(ScaledByMatrix, matrix),
    "attribute read in a property": tuned,
    "attribute read in a tf.function": tuned_in_tf_function,
    "attribute of the class": tuned_by_class,
    "type of a layer": subclass(Pooling, lambda i: [layers.MaxPooling1D, layers.AveragePooling1D][i]),
    "trainable": subclass(Shifted, bool),
}


@pytest.fixture(autouse=True)
def _globals() -> None:
    set_globals(0)


@pytest.mark.parametrize("name", TOLD_APART)
def test_told_apart(name: str) -> None:
    check_told_apart(TOLD_APART[name])


@pytest.mark.parametrize("name", SUBCLASSES)
def test_subclasses_told_apart(name: str) -> None:
    check_told_apart(SUBCLASSES[name], X)


def test_shape_of_x() -> None:
    keep = compiled_model_keeper()
    first, second = (compiled(Scaled(2.0)) for _ in range(2))
    assert keep(first, X) is first
    assert keep(second, X[:, :4]) is second
    assert second.predict(X[:, :4], verbose=0).shape == (len(X), 1)
