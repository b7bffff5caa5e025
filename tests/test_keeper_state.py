"""Models whose state the helper of the ``reuse`` fix cannot hand over, or that the iteration changed, are used themselves."""

# ruff: noqa: E402

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

tf = pytest.importorskip("tensorflow")

import keras
import numpy as np
from keeping import X, Y, chain, check_handed_through, compiled, compiled_model_keeper
from keras import layers

Dense = layers.Dense
optimizers = keras.optimizers


def square(x: Any) -> Any:
    return keras.ops.mean(keras.ops.square(x))


class DrawsInCall(layers.Layer):
    def call(self, inputs: Any) -> Any:
        return inputs + tf.random.normal(tf.shape(inputs))


class DropsInCall(layers.Layer):
    def call(self, inputs: Any) -> Any:
        return tf.nn.dropout(inputs, 0.5)


class Schedule(optimizers.schedules.LearningRateSchedule):
    def __call__(self, step: Any) -> Any:
        return 0.1


class Unknown(layers.Layer):
    def get_config(self) -> Any:
        raise RuntimeError("no configuration")


class Adversary(keras.Model):
    """Holds a second optimizer."""

    def __init__(self) -> None:
        super().__init__()
        self.out = Dense(1)
        self.other_optimizer = optimizers.Adam()

    def call(self, inputs: Any) -> Any:
        return self.out(inputs)

    def train_step(self, data: Any) -> Any:
        x, y = data
        with tf.GradientTape() as tape:
            loss = square(self(x) - y)
        self.other_optimizer.apply_gradients(zip(tape.gradient(loss, self.trainable_variables), self.trainable_variables))
        return {"loss": loss}


def adapted(i: int) -> keras.Model:
    layer = layers.Normalization()
    layer.adapt(X)
    return chain(layer)


def critic_in_loss(i: int) -> keras.Model:
    critic = keras.Sequential([keras.Input((1,)), Dense(1, name="judge")], name="critic")
    return chain(loss=lambda y, p: square(critic(p) - y))


def stateful(i: int) -> keras.Model:
    parts = [keras.Input(batch_shape=(16, 8, 1)), layers.LSTM(4, stateful=True), Dense(1)]
    return compiled(keras.Sequential(parts))


class Scale(tf.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = tf.Variable(1.0)


def module_in_loss(i: int) -> keras.Model:
    scale = Scale()
    return chain(loss=lambda y, p: scale.weight * square(y - p))


def variable_in_loss(i: int) -> keras.Model:
    annealed = tf.Variable(1.0)
    return chain(loss=lambda y, p: annealed * square(y - p))


HANDED_THROUGH: dict[str, Callable[[int], keras.Model]] = {
    "random numbers in call": lambda i: chain(DrawsInCall()),
    "dropout in call": lambda i: chain(DropsInCall()),
    "statistics that were computed": adapted,
    "state between batches": stateful,
    "another model in the loss": critic_in_loss,
    "another module in the loss": module_in_loss,
    "another variable in the loss": variable_in_loss,
    "schedule without configuration": lambda i: chain(optimizer=optimizers.SGD(Schedule())),
    "layer without configuration": lambda i: chain(Unknown()),
    "no weights yet": lambda i: compiled(keras.Sequential([Dense(1)])),
    "no model": lambda i: object(),
}


@pytest.mark.parametrize("name", HANDED_THROUGH)
def test_handed_through(name: str) -> None:
    check_handed_through(HANDED_THROUGH[name])


def test_second_optimizer() -> None:
    check_handed_through(lambda i: compiled(Adversary()), X)


class Counting(keras.Model):
    """Counts in Python."""

    def __init__(self) -> None:
        super().__init__()
        self.out = Dense(1)
        self.steps = 0

    def call(self, inputs: Any) -> Any:
        self.steps = self.steps + 1
        return self.out(inputs) * self.steps


class Remembering(Counting):
    """Trains a variable that Keras does not know."""

    def __init__(self) -> None:
        super().__init__()
        self.memory = tf.Variable(tf.zeros(2000))

    def call(self, inputs: Any) -> Any:
        return self.out(inputs) + self.memory[1000]


def change_activation(model: keras.Model) -> None:
    model.layers[0].activation = keras.activations.tanh


def freeze(model: keras.Model) -> None:
    model.layers[0].trainable = False


def recompile(model: keras.Model) -> None:
    model.compile("sgd", "mae")


def replace_rate(model: keras.Model) -> None:
    model.optimizer.learning_rate = optimizers.schedules.ExponentialDecay(0.1, 3, 0.5)


def change_regularizer(model: keras.Model) -> None:
    model.layers[0].kernel_regularizer.l2 = 0.5


def change_argument(model: keras.Model) -> None:
    model.layers[1].arguments["factors"].append(3.0)


def change_array(model: keras.Model) -> None:
    model.layers[2].scale[0] = 3.0


def change_rate(model: keras.Model) -> None:
    model.layers[3].rate = 0.9


def change_momentum(model: keras.Model) -> None:
    model.optimizer.momentum = 0.5


def add_layer(model: keras.Model) -> None:
    model.add(Dense(1))


def replace_function(model: keras.Model) -> None:
    model.layers[1].function = lambda x, factors: x * factors[0] + 1


CHANGES = [change_activation, change_regularizer, change_argument, change_array, change_rate, change_momentum]
CHANGES += [add_layer, replace_function, freeze, recompile, replace_rate]


def scale(x: Any, factors: list[float]) -> Any:
    return x * factors[-1]


@pytest.mark.parametrize("reuses", [0, 1, 2])
@pytest.mark.parametrize("change", CHANGES)
def test_changed_in_the_iteration(change: Callable[[keras.Model], None], reuses: int) -> None:
    def build() -> keras.Model:
        arguments = {"factors": [2.0]}
        parts = [layers.Lambda(scale, arguments=arguments), layers.Rescaling(np.ones(4)), layers.Dropout(0.1)]
        return chain(Dense(4, kernel_regularizer=keras.regularizers.L2(0.1)), *parts, optimizer=optimizers.SGD(momentum=0.9))

    keep = compiled_model_keeper()
    first = keep(build())
    for _ in range(reuses):
        first.train_on_batch(X, Y)
        assert keep(build()) is first
    change(first)
    second = build()
    assert keep(second) is second
    assert keep.reused == reuses


@pytest.mark.parametrize("kind", [Counting, Remembering])
def test_state_of_ones_own(kind: type) -> None:
    keep = compiled_model_keeper()
    first = keep(compiled(kind()), X)
    first.fit(X, Y, verbose=0)
    second = compiled(kind())
    assert keep(second, X) is second


def test_optimizer_of_other_variables() -> None:
    keep = compiled_model_keeper()
    first = keep(compiled(keras.Sequential([keras.Input((8,)), Dense(4), Dense(1)]), "adam"))
    second = compiled(keras.Sequential([keras.Input((8,)), Dense(4), Dense(1)]), "adam")
    second.optimizer.build(second.layers[0].trainable_variables)
    assert keep(second) is second
    assert keep(compiled(keras.Sequential([keras.Input((8,)), Dense(4), Dense(1)]), "adam")) is first
