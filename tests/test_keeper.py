"""What the helper of the ``reuse`` fix keeps, it trains as a new model would be trained: bit for bit."""

# ruff: noqa: E402

from __future__ import annotations

import argparse
import functools
import itertools
import warnings
from collections.abc import Callable
from typing import Any

import pytest

tf = pytest.importorskip("tensorflow")

import keras
import numpy as np
from keeping import Build, X, Y, chain, check_kept, compiled, compiled_model_keeper, fit, some
from keras import layers

Dense = layers.Dense
schedules = keras.optimizers.schedules
FACTORS = np.array([1.0, 2.0], "float32")
SERIES = X[..., None]


def scaled_error(y: Any, p: Any) -> Any:
    return FACTORS[1] * keras.ops.mean(keras.ops.square(y - p))


class ScaledError(keras.losses.Loss):
    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def call(self, y: Any, p: Any) -> Any:
        return self.factor * keras.ops.mean(keras.ops.square(y - p))


class Clip(keras.constraints.Constraint):
    def __init__(self, limit: float) -> None:
        self.limit = limit

    def __call__(self, w: Any) -> Any:
        return keras.ops.clip(w, -self.limit, self.limit)


class Noise(layers.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.seed_generator = keras.random.SeedGenerator()

    def call(self, inputs: Any) -> Any:
        return inputs + keras.random.normal(keras.ops.shape(inputs), seed=self.seed_generator)


class Net(keras.Model):
    def __init__(self, units: int, options: argparse.Namespace) -> None:
        super().__init__()
        self.options = options
        self.hidden = [Dense(units, activation="relu") for _ in range(2)]
        self.dropout = layers.Dropout(0.2)
        self.out = Dense(1)
        self.error = keras.metrics.Mean(name="error")

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        for layer in self.hidden:
            inputs = self.dropout(layer(inputs), training=training)
        return self.out(inputs) * self.options.factor

    def train_step(self, data: Any) -> Any:
        x, y = data
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(self(x, training=True) - y))
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
        self.error.update_state(loss)
        return {"loss": loss, **{metric.name: metric.result() for metric in self.metrics}}


class Study:
    """Builds its model with a loss that is a method."""

    def __init__(self) -> None:
        self.factor = 2.0
        self.models: list[keras.Model] = []

    def loss(self, y: Any, p: Any) -> Any:
        return self.factor * keras.ops.mean(keras.ops.square(y - p))

    def build(self, i: int) -> keras.Model:
        self.models.append(chain(loss=self.loss))
        return self.models[-1]


def closure(i: int) -> keras.Model:
    options, factors = argparse.Namespace(power=2), np.array([3.0], "float32")

    def loss(y: Any, p: Any) -> Any:
        return factors * keras.ops.mean((y - p) ** options.power)

    return chain(loss=loss)


def branched(i: int) -> keras.Model:
    inputs = keras.Input((8,))
    left = Dense(4, kernel_regularizer="l2")(inputs)
    right = layers.Lambda(lambda x: x * FACTORS[1])(Dense(4, activation=lambda x: x * x)(inputs))
    inner = keras.Sequential([Dense(4), layers.Dropout(0.2), layers.BatchNormalization()])
    return compiled(keras.Model(inputs, Dense(1)(inner(layers.Concatenate()([left, right])) * 0.5 + 1)), "adam")


def attention(i: int) -> keras.Model:
    inputs = keras.Input((8, 1))
    queries = Dense(4)(inputs)
    attended = layers.MultiHeadAttention(2, 4, dropout=0.1)(queries, queries)
    pooled = layers.GlobalAveragePooling1D()(layers.LayerNormalization()(queries + attended))
    return compiled(keras.Model(inputs, Dense(1)(pooled)))


def two_outputs(i: int) -> keras.Model:
    inputs = keras.Input((8,))
    hidden = Dense(4)(inputs)
    return compiled(keras.Model(inputs, [Dense(1)(hidden), Dense(1)(hidden)]), loss=["mse", "mae"], loss_weights=[1, 0.5])


def frozen(i: int) -> keras.Model:
    model = keras.Sequential([keras.Input((8,)), Dense(4), layers.BatchNormalization(), Dense(1)])
    model.layers[0].trainable = model.layers[1].trainable = False
    return compiled(model)


def embedding(i: int) -> keras.Model:
    table = keras.initializers.Constant(np.full((6, 3), i))
    return chain(layers.Embedding(6, 3, embeddings_initializer=table), layers.Flatten())


def optimizer(name: str, **settings: Any) -> Build:
    return lambda i: chain(Dense(4), optimizer=getattr(keras.optimizers, name)(**settings))


CONSTANTS = itertools.cycle([0.1, 0.2, 0.3])  # one for each model of a training


def averaged_constants(i: int) -> keras.Model:
    """Every weight of a slot is the same number, but another one in every model."""
    constant = keras.initializers.Constant(next(CONSTANTS))
    model = keras.Sequential([keras.Input((8,)), *(Dense(n, kernel_initializer=constant) for n in (4, 1))])
    return compiled(model, keras.optimizers.Adam(use_ema=True, ema_overwrite_frequency=3))


def built_optimizer(i: int) -> keras.Model:
    model = chain(Dense(4), optimizer="adam")
    if i:
        model.optimizer.build(model.trainable_variables)
        for variable in model.optimizer.variables[2:]:
            variable.assign(variable + 0.5)
    return model


RANDOM = (layers.Dropout, layers.GaussianNoise, layers.GaussianDropout, layers.AlphaDropout)
KEPT: dict[str, Build] = {
    "Dropout, BatchNormalization": lambda i: chain(layers.Dropout(0.3), layers.BatchNormalization(), optimizer="adam"),
    "Dropout with a seed": lambda i: chain(layers.Dropout(0.3, seed=5)),
    "random layers": lambda i: chain(*(layer(0.1) for layer in RANDOM)),
    "a seed generator of one's own": lambda i: chain(Noise()),
    "layers named like arguments of others": lambda i: chain(Dense(4), layers.Activation("relu"), layers.Dropout(0.1)),
    "another learning rate": lambda i: chain(optimizer=keras.optimizers.Adam([0.1, 0.01][i])),
    "initializers with another seed": lambda i: chain(Dense(4, kernel_initializer=keras.initializers.GlorotUniform(seed=i))),
    "another constant in an initializer": embedding,
    "numbered names": lambda i: chain(Dense(4, name=f"hidden_{i}"), metrics=[keras.metrics.AUC(name=f"auc_{i}")]),
    "branched": branched,
    "attention": attention,
    "two outputs": two_outputs,
    "frozen layers": frozen,
    "metrics": lambda i: chain(loss="binary_crossentropy", metrics=["accuracy", keras.metrics.AUC(), keras.metrics.Recall()]),
    "a loss object": lambda i: chain(loss=ScaledError(2.0)),
    "a loss that reads a global array": lambda i: chain(loss=scaled_error),
    "a loss that reads its closure": closure,
    "a loss that is a method": Study().build,
    "a loss with an argument filled in": lambda i: chain(loss=functools.partial(keras.losses.huber, delta=2.0)),
    "a constraint of one's own": lambda i: chain(Dense(4, kernel_constraint=Clip(0.1))),
    "spectral normalization": lambda i: chain(layers.SpectralNormalization(Dense(4))),
    "SGD": optimizer("SGD", momentum=0.9, nesterov=True),
    "Adam": optimizer("Adam", amsgrad=True),
    "Adagrad": optimizer("Adagrad"),
    "Ftrl": optimizer("Ftrl"),
    "averaged weights": optimizer("Adam", use_ema=True, ema_overwrite_frequency=3),
    "accumulated gradients": optimizer("Adam", gradient_accumulation_steps=3),
    "averaged weights, all the same at first": averaged_constants,
    "an optimizer that was built": built_optimizer,
    "scaled loss": lambda i: chain(
        optimizer=keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(), dynamic_growth_steps=3)
    ),
}
WITHOUT_PLATEAU: dict[str, Build] = {
    "a schedule": optimizer("Adam", learning_rate=schedules.ExponentialDecay(0.1, 3, 0.5)),
    "cosine decay": optimizer("SGD", learning_rate=schedules.CosineDecay(0.1, 5)),
}
SERIAL: dict[str, Build] = {
    "LSTM": lambda i: chain(layers.LSTM(4, dropout=0.2, recurrent_dropout=0.1), layers.Dropout(0.1), shape=(8, 1)),
    "Bidirectional": lambda i: chain(layers.Bidirectional(layers.GRU(3)), shape=(8, 1)),
    "convolutions": lambda i: chain(layers.TimeDistributed(Dense(3)), layers.Conv1D(4, 3), layers.Flatten(), shape=(8, 1)),
}


def short_fit(model: keras.Model, i: int, **settings: Any) -> Any:
    return list(model.fit(X, Y, epochs=2, batch_size=16, verbose=0, **settings).history.values())


QUICK = [
    "Dropout, BatchNormalization",
    "a seed generator of one's own",
    "two outputs",
    "frozen layers",
    "a loss that reads its closure",
    "Adam",
    "averaged weights, all the same at first",
]


@pytest.mark.parametrize("name", some(QUICK, KEPT))
def test_kept(name: str) -> None:
    ys = [Y, Y] if name == "two outputs" else Y
    check_kept(KEPT[name], fit=lambda model, i: fit(model, i, X, ys))


@pytest.mark.parametrize("name", some(["a schedule"], WITHOUT_PLATEAU))
def test_schedules(name: str) -> None:
    check_kept(WITHOUT_PLATEAU[name], short_fit)


@pytest.mark.training
@pytest.mark.parametrize("name", SERIAL)
def test_series(name: str) -> None:
    check_kept(SERIAL[name], fit=lambda model, i: fit(model, i, SERIES))


@pytest.mark.parametrize("seeding", some(["inner"], ["outer", "inner"]))
@pytest.mark.parametrize(
    "x",
    [
        pytest.param(X, id="array"),
        pytest.param(tf.constant(X), id="tensor", marks=pytest.mark.training),
        pytest.param(X.astype("float64"), id="double", marks=pytest.mark.training),
    ],
)
def test_subclass_without_input(x: Any, seeding: str) -> None:
    check_kept(lambda i: compiled(Net(4, argparse.Namespace(factor=2.0)), "adam"), x=x, seeding=seeding)


@pytest.mark.training
def test_data_frames() -> None:
    class Frame:  # what the helper knows of pandas
        shape, values = X.shape, X

    check_kept(lambda i: compiled(keras.Sequential([Dense(4, activation="relu"), Dense(1)])), x=Frame())


@pytest.mark.training
def test_augmented_images() -> None:
    images = np.repeat(X[:, :, None, None], 8, axis=2)
    augment = (layers.RandomFlip, lambda: layers.RandomRotation(0.1), lambda: layers.RandomZoom(0.1))

    def build(i: int) -> keras.Model:
        return chain(*(layer() for layer in augment), layers.Conv2D(2, 3), layers.Flatten(), shape=(8, 8, 1))

    check_kept(build, fit=lambda model, i: fit(model, i, images))


@pytest.mark.training
def test_mixed_precision() -> None:
    def build(i: int) -> keras.Model:
        keras.mixed_precision.set_dtype_policy("mixed_float16")  # clearing the session undoes it
        model = chain(Dense(4), optimizer=keras.optimizers.Adam())
        assert model.optimizer.inner_optimizer
        return model

    try:
        check_kept(build)
    finally:
        keras.mixed_precision.set_dtype_policy("float32")


@pytest.mark.training
@pytest.mark.parametrize(
    "settings",
    [{"class_weight": {0: 1.0, 1: 3.0}}, {"sample_weight": X[:, 0]}, {"validation_split": 0.5}, {"shuffle": False}],
    ids=lambda settings: next(iter(settings)),
)
def test_arguments_of_fit(settings: dict[str, Any]) -> None:
    check_kept(lambda i: chain(layers.Dropout(0.2)), fit=lambda model, i: short_fit(model, i, **settings))


def test_batch_by_batch() -> None:
    def by_batch(model: keras.Model, i: int) -> Any:
        assert not model.stop_training
        losses = [model.train_on_batch(X, Y) for _ in range(2)]
        fit(model, i)
        return losses

    check_kept(lambda i: chain(metrics=["mae"]), by_batch)


def test_only_predicting() -> None:
    def build(i: int) -> keras.Model:
        return keras.Sequential([keras.Input((8,)), Dense(4), Dense(1)])

    check_kept(build, fit=lambda model, i: model.predict(X, verbose=0).tobytes())


@pytest.mark.training
def test_session_cleared_in_the_loop() -> None:
    def build(i: int) -> keras.Model:
        keras.backend.clear_session()
        return chain(layers.Dropout(0.2), optimizer="adam")

    check_kept(build)


def test_exception_while_training() -> None:
    class Break(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            raise KeyError

    def interrupted(model: keras.Model, i: int) -> Any:
        if i == 1:
            with pytest.raises(KeyError):
                short_fit(model, i, callbacks=[Break()])
        return short_fit(model, i)

    check_kept(lambda i: chain(layers.Dropout(0.2), optimizer="adam"), interrupted)


@pytest.mark.training
def test_part_built_before_the_loop() -> None:
    def once() -> Callable[[int], keras.Model]:
        base: list[Any] = []

        def build(i: int) -> keras.Model:
            if not i:
                base[:] = [keras.Sequential([keras.Input((8,)), Dense(4), layers.Dropout(0.2)])]
            inputs = keras.Input((8,))
            return compiled(keras.Model(inputs, Dense(1)(base[0](inputs))), "adam")

        return build

    check_kept(once())


def test_two_kinds_take_turns() -> None:
    keep = compiled_model_keeper()
    models = [keep(chain(Dense(units))) for units in (4, 8, 4, 8)]
    assert models[2:] == models[:2]


def test_limit() -> None:
    keep = compiled_model_keeper(limit=2)
    models = [keep(chain(Dense(units))) for units in (1, 2, 3)]
    assert keep(chain(Dense(3))) is models[2]
    assert keep(chain(Dense(2))) is models[1]
    assert keep(chain(Dense(1))) is not models[0]


@pytest.mark.parametrize("name", ["branched", "embedding", "a loss that is a method", "subclass"])
def test_warnings_as_errors(name: str) -> None:
    build = {**KEPT, "embedding": embedding, "subclass": lambda i: compiled(Net(4, argparse.Namespace(factor=2.0)))}[name]
    keep = compiled_model_keeper()
    first, second = build(0), build(1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert keep(first, X) is first
        assert keep(second, X) is first
