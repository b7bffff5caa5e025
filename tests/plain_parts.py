"""How to build a small model with each plain part of Keras, and train it in a loop with and without the short helper."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers

Helper = Callable[[Any, Any], Any]
FLAT, SERIES, IMAGE, VOLUME, TOKENS = (8,), (6, 4), (8, 8, 3), (4, 4, 4, 2), (6,)


def dense(inputs: Any) -> Any:
    return layers.Dense(4)(inputs)


@dataclass(frozen=True)
class Part:
    """A model with a part of Keras in it: ``body`` stands between an input and a layer for the ``target``."""

    body: Callable[[Any], Any] = dense
    shape: tuple[int, ...] = FLAT
    compiled: Callable[[], dict[str, Any]] = dict
    target: str = "number"
    called: Callable[[Path], list[Any]] = lambda folder: []
    whole: Callable[[], keras.Model] | None = None
    outputs: int = 1

    def build(self) -> keras.Model:
        if self.whole:
            model = self.whole()
        else:
            inputs = keras.Input(self.shape, dtype="int32" if self.shape == TOKENS else "float32")
            units, activation = (1, "sigmoid") if self.target == "number" else (3, "softmax")
            flat = layers.Flatten()(self.body(inputs))
            # named: Keras adds up the losses of several outputs in the order of their names, where 10 stands before 9
            found = [layers.Dense(units, activation, name=f"output_{n:02}")(flat) for n in range(self.outputs)]
            model = keras.Model(inputs, found if self.outputs > 1 else found[0])
        model.compile(**{"optimizer": keras.optimizers.SGD(0.1), "loss": "mse", **self.compiled()})
        return model

    def data(self) -> list[tuple[Any, Any]]:
        """What three iterations train on: other data, and another number of rows."""
        rng = np.random.default_rng(0)
        found = []
        for rows in (24, 16, 24):
            ints = rng.integers(0, 20, (rows, *self.shape)).astype("int32")
            x = ints if self.shape == TOKENS else rng.random((rows, *self.shape), dtype="float32")
            y = rng.integers(0, 2 if self.target == "number" else 3, (rows, 1))
            y = np.eye(3)[y[:, 0]] if self.target == "one_hot" else y.astype("float32")
            found.append((x, [y] * self.outputs if self.outputs > 1 else y))
        return found


def trained(part: Part, folder: Path, helper: Helper | None = None, seeded: bool = False) -> tuple[list[list[bytes]], int]:
    """All numbers of three trainings, as bytes, and how many kept a compiled model; ``seeded``: each fit, once it has begun."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(3)
    found, kept, count = [], None, 0
    for number, (x, y) in enumerate(part.data()):
        model = new = part.build()
        if helper:
            kept = model = helper(kept, new)
        count += model is not new
        called = part.called(folder)
        if seeded:
            called.append(keras.callbacks.LambdaCallback(on_train_begin=lambda logs, n=number: keras.utils.set_random_seed(n)))
        history = model.fit(x, y, epochs=3, batch_size=8, validation_split=0.25, verbose=0, callbacks=called).history
        values = [*history.values(), *model.evaluate(x, y, verbose=0, return_dict=True).values(), *model.get_weights()]
        values.append(model.predict(x, verbose=0))
        found.append([np.asarray(value).tobytes() for value in values])
        found[-1] += [path.read_bytes() for path in sorted(folder.glob("*.csv"))]
    return found, count


def layer(name: str, *arguments: Any, raw: bool = False, shape: tuple[int, ...] = FLAT) -> Part:
    """A layer, called on what another one computes, so that there are gradients through it."""

    def body(inputs: Any) -> Any:
        before = inputs if raw else layers.Dense(shape[-1])(inputs)
        return getattr(layers, name)(*(made() if callable(made) else made for made in arguments))(before)

    return Part(body, shape)


def joined(join: Callable[[list[Any]], Any]) -> Part:
    return Part(lambda inputs: join([layers.Dense(8)(inputs), layers.Dense(8)(inputs)]))


def attending(attend: Callable[[Any], Any]) -> Part:
    return Part(lambda inputs: attend(layers.Dense(8)(inputs)), SERIES)


def chain(first: Callable[[], Any]) -> Part:
    return Part(whole=lambda: keras.Sequential([first(), layers.Dense(4), layers.Dropout(0.2), layers.Dense(1)]))


def noisy(inputs: Any) -> Any:
    return layers.Dropout(0.2)(layers.Dense(4, activation="relu")(inputs))


def optimizing(*arguments: Any, **settings: Any) -> Part:
    """An optimizer by its name, or one for which a function is given."""
    made = arguments[0] if callable(arguments[0]) else lambda: getattr(keras.optimizers, arguments[0])(*arguments[1:], **settings)
    return Part(noisy, compiled=lambda: {"optimizer": made()})


def observed(*made: Callable[[Path], Any], optimizer: Callable[[], Any] = lambda: "sgd") -> Part:
    return Part(noisy, compiled=lambda: {"optimizer": optimizer()}, called=lambda folder: [each(folder) for each in made])


def kernels(argument: str, made: list[Callable[[], Any]]) -> Part:
    """Layers side by side, whose weights and gradients show what each argument does."""
    return Part(lambda inputs: layers.Concatenate()([layers.Dense(8, **{argument: each()})(inputs) for each in [*made, made[0]]]))


def _rows(text: str) -> dict[str, list[str]]:
    """``"number: A B"`` as the names by the target that they are for."""
    found: dict[str, list[str]] = {}
    for line in text.strip().splitlines():
        kind, names = line.split(":")
        found.setdefault(kind.strip(), []).extend(names.split())
    return found


_LAYERS: dict[tuple[int, ...], dict[str, tuple[Any, ...]]] = {
    FLAT: {
        "Activation": ("tanh",), "ActivityRegularization": (0.1,), "AlphaDropout": (0.1,), "BatchNormalization": (),
        "Dense": (4, "relu"), "Dropout": (0.3,), "ELU": (), "EinsumDense": ("ab,bc->ac", 4), "Flatten": (),
        "GaussianDropout": (0.3,), "GaussianNoise": (0.1,), "GroupNormalization": (2,), "Identity": (), "LayerNormalization": (),
        "LeakyReLU": (), "PReLU": (), "RMSNormalization": (), "ReLU": (), "RepeatVector": (2,), "Rescaling": (0.5,),
        "Reshape": ((4, 2),), "Softmax": (), "UnitNormalization": (),
        "SpectralNormalization": (lambda: layers.Dense(4),),
    },
    SERIES: {
        "AveragePooling1D": (2,), "Conv1D": (4, 3), "Conv1DTranspose": (4, 3), "Cropping1D": (1,), "DepthwiseConv1D": (3,),
        "GRU": (4,), "LSTM": (4,), "GlobalAveragePooling1D": (), "GlobalMaxPooling1D": (), "MaxPooling1D": (), "Permute": ((2, 1),),
        "SeparableConv1D": (4, 3), "SpatialDropout1D": (0.2,), "UpSampling1D": (), "ZeroPadding1D": (),
        "Bidirectional": (lambda: layers.LSTM(3),), "TimeDistributed": (lambda: layers.Dense(3),),
    },
    IMAGE: {
        "AveragePooling2D": (2,), "Conv2D": (4, 3), "Conv2DTranspose": (4, 3), "Cropping2D": (1,), "DepthwiseConv2D": (3,),
        "GlobalAveragePooling2D": (), "GlobalMaxPooling2D": (), "MaxPooling2D": (), "SeparableConv2D": (4, 3),
        "SpatialDropout2D": (0.2,), "UpSampling2D": (), "ZeroPadding2D": (),
    },
    VOLUME: {
        "AveragePooling3D": (2,), "Conv3D": (2, 2), "Conv3DTranspose": (2, 2), "Cropping3D": (1,), "GlobalAveragePooling3D": (),
        "GlobalMaxPooling3D": (), "MaxPooling3D": (), "SpatialDropout3D": (0.2,), "UpSampling3D": (), "ZeroPadding3D": (),
    },
}  # fmt: skip
_OF_INPUTS: dict[tuple[int, ...], dict[str, tuple[Any, ...]]] = {
    TOKENS: {"CategoryEncoding": (20, "multi_hot"), "Embedding": (20, 4)},
    IMAGE: {
        "CenterCrop": (6, 6), "RandomBrightness": (0.1,), "RandomContrast": (0.1,), "RandomFlip": (),
        "RandomRotation": (0.1,), "RandomTranslation": (0.1, 0.1), "RandomZoom": (0.1,), "Resizing": (6, 6),
    },
}  # fmt: skip
_MERGES = "Add Average Concatenate Maximum Minimum Multiply Subtract add average concatenate maximum minimum multiply subtract"
_LOSSES = """
    number: BinaryCrossentropy BinaryFocalCrossentropy CosineSimilarity Dice Hinge Huber KLDivergence LogCosh MeanAbsoluteError
    number: MeanAbsolutePercentageError MeanSquaredError MeanSquaredLogarithmicError Poisson SquaredHinge Tversky
    one_hot: CategoricalCrossentropy CategoricalFocalCrossentropy CategoricalHinge
    class: SparseCategoricalCrossentropy
    number: binary_crossentropy binary_focal_crossentropy cosine_similarity dice hinge huber kl_divergence log_cosh
    number: mean_absolute_error mean_absolute_percentage_error mean_squared_error mean_squared_logarithmic_error poisson
    number: squared_hinge tversky
    one_hot: categorical_crossentropy categorical_focal_crossentropy categorical_hinge
    class: sparse_categorical_crossentropy
"""
_METRICS = """
    number: AUC Accuracy BinaryAccuracy BinaryCrossentropy CosineSimilarity FalseNegatives FalsePositives Hinge KLDivergence
    number: LogCoshError MeanAbsoluteError MeanAbsolutePercentageError MeanSquaredError MeanSquaredLogarithmicError Poisson
    number: BinaryIoU IoU MeanIoU PrecisionAtRecall RecallAtPrecision SensitivityAtSpecificity SpecificityAtSensitivity
    number: Precision R2Score Recall RootMeanSquaredError SquaredHinge TrueNegatives TruePositives binary_accuracy
    one_hot: CategoricalAccuracy CategoricalCrossentropy CategoricalHinge F1Score FBetaScore categorical_accuracy
    one_hot: OneHotIoU OneHotMeanIoU TopKCategoricalAccuracy top_k_categorical_accuracy
    class: SparseCategoricalAccuracy SparseCategoricalCrossentropy SparseTopKCategoricalAccuracy sparse_categorical_accuracy
    class: sparse_top_k_categorical_accuracy
"""
_ARGUMENTS = {
    "IoU": (2, [0, 1]), "MeanIoU": (2,), "OneHotIoU": (3, [0, 2]), "OneHotMeanIoU": (3,), "PrecisionAtRecall": (0.5,),
    "RecallAtPrecision": (0.5,), "SensitivityAtSpecificity": (0.5,), "SpecificityAtSensitivity": (0.5,),
}  # fmt: skip
_SCHEDULES: dict[str, tuple[Any, ...]] = {
    "CosineDecay": (0.1, 9), "CosineDecayRestarts": (0.1, 4), "ExponentialDecay": (0.1, 3, 0.5), "InverseTimeDecay": (0.1, 3, 0.5),
    "PiecewiseConstantDecay": ([3, 6], [0.1, 0.01, 0.001]), "PolynomialDecay": (0.1, 9),
}  # fmt: skip


def named(module: Any, name: str, *arguments: Any) -> Callable[[], Any]:
    """A function that makes an object of a class, or gives a function that has a small name, as it is."""
    found = getattr(module, name)
    return (lambda: found(*arguments)) if name[0].isupper() else lambda: found


def _stopping(folder: Path) -> Any:
    return keras.callbacks.EarlyStopping("loss", patience=1, min_delta=10, restore_best_weights=True)


def every_part(listed: dict[str, str]) -> dict[str, Part]:
    """By full name. ``listed``: names by module, for the modules whose parts are all built in the same way."""
    parts = {f"keras.{name}": Part(noisy) for name in ("Input", "Model")}
    parts["keras.Sequential"] = chain(lambda: keras.Input((8,)))
    parts["keras.layers.InputLayer"] = chain(lambda: layers.InputLayer((8,)))
    for raw, table in ((False, _LAYERS), (True, _OF_INPUTS)):
        for shape, rows in table.items():
            parts |= {f"keras.layers.{name}": layer(name, *each, raw=raw, shape=shape) for name, each in rows.items()}
    parts["keras.layers.Masking"] = Part(lambda inputs: layers.LSTM(4)(layers.Masking()(inputs)), SERIES)
    for name in _MERGES.split():
        parts[f"keras.layers.{name}"] = joined(getattr(layers, name)() if name[0].isupper() else getattr(layers, name))
    parts["keras.layers.Dot"] = joined(lambda both: layers.Dot(1)(both))
    parts["keras.layers.dot"] = joined(lambda both: layers.dot(both, 1))
    parts["keras.layers.Attention"] = attending(lambda x: layers.Attention()([x, x]))
    parts["keras.layers.AdditiveAttention"] = attending(lambda x: layers.AdditiveAttention()([x, x]))
    parts["keras.layers.MultiHeadAttention"] = attending(lambda x: layers.MultiHeadAttention(2, 4, dropout=0.1)(x, x))
    parts["keras.layers.GroupQueryAttention"] = attending(lambda x: layers.GroupQueryAttention(4, 4, 2)(x, x))
    for name in listed["keras.optimizers"].split():
        parts[f"keras.optimizers.{name}"] = optimizing(name)
    parts["keras.optimizers.LossScaleOptimizer"] = optimizing(
        lambda: keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(), dynamic_growth_steps=3)
    )
    for name, each in _SCHEDULES.items():
        made = named(keras.optimizers.schedules, name, *each)
        parts[f"keras.optimizers.schedules.{name}"] = optimizing(lambda made=made: keras.optimizers.Adam(made()))
    parts |= {f"keras.callbacks.{name}": part for name, part in _CALLBACKS.items()}
    return parts


def every_group(listed: dict[str, str]) -> dict[str, tuple[list[str], Part]]:
    """Parts that do not get in each other's way, in one model: the full names, and the model."""
    groups = {}
    for target, names in _rows(_METRICS).items():
        made = [named(keras.metrics, name, *_ARGUMENTS.get(name, ())) for name in names]
        part = Part(compiled=lambda made=made: {"metrics": [*BY_SHAPE, *(each() for each in made)]}, target=target)
        groups[f"metrics of a {target}"] = [f"keras.metrics.{name}" for name in names], part
    for target, names in _rows(_LOSSES).items():
        made = [named(keras.losses, name) for name in names]
        part = Part(compiled=lambda made=made: {"loss": [each() for each in made]}, target=target, outputs=len(names))
        groups[f"losses of a {target}"] = [f"keras.losses.{name}" for name in names], part
    for module, argument in _KERNELS.items():
        names = listed[f"keras.{module}"].split()
        part = kernels(argument, [named(getattr(keras, module), name) for name in names])
        groups[module] = [f"keras.{module}.{name}" for name in names], part
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        names = listed["tensorflow.nn"].split()
        groups["tensorflow.nn"] = (
            [f"tensorflow.nn.{name}" for name in names],
            kernels("activation", [named(tf.nn, name) for name in names]),
        )
    layered = listed["activation"].split()
    part = kernels("activation", [named(layers, name) for name in layered])
    groups["layers as activations"] = [f"activation.{name}" for name in layered], part
    return groups


BY_SHAPE = ["acc", "accuracy"]
_KERNELS = {
    "initializers": "kernel_initializer", "regularizers": "kernel_regularizer", "constraints": "kernel_constraint",
    "activations": "activation",
}  # fmt: skip
_CALLBACKS = {
    "CSVLogger": observed(lambda folder: keras.callbacks.CSVLogger(folder / "log.csv", append=True)),
    "EarlyStopping": observed(_stopping),
    "History": observed(lambda folder: keras.callbacks.History()),
    "LearningRateScheduler": observed(lambda folder: keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.5)),
    "ModelCheckpoint": observed(
        lambda folder: keras.callbacks.ModelCheckpoint(folder / "a.weights.h5", save_best_only=True, save_weights_only=True)
    ),
    "ProgbarLogger": observed(lambda folder: keras.callbacks.ProgbarLogger()),
    "ReduceLROnPlateau": observed(lambda folder: keras.callbacks.ReduceLROnPlateau("loss", patience=1, min_delta=10)),
    "SwapEMAWeights": observed(
        lambda folder: keras.callbacks.SwapEMAWeights(swap_on_epoch=True), optimizer=lambda: keras.optimizers.Adam(use_ema=True)
    ),
    "TerminateOnNaN": observed(lambda folder: keras.callbacks.TerminateOnNaN()),
}


def convolutional(inputs: Any) -> Any:
    hidden = layers.BatchNormalization()(layers.Conv2D(8, 3, padding="same", activation="relu")(inputs))
    hidden = layers.Add()([hidden, layers.Conv2D(8, 1, kernel_regularizer="l2")(inputs)])
    return layers.Dropout(0.3)(layers.GlobalAveragePooling2D()(layers.MaxPooling2D()(hidden)))


def attentive(inputs: Any) -> Any:
    hidden = layers.Dense(8)(inputs)
    hidden = layers.LayerNormalization()(layers.add([hidden, layers.MultiHeadAttention(2, 4, dropout=0.2)(hidden, hidden)]))
    return layers.Bidirectional(layers.GRU(4, dropout=0.2))(hidden)


def nested() -> keras.Model:
    changes = keras.Sequential([layers.RandomFlip(), layers.Rescaling(2.0)])
    last = keras.Sequential([layers.Dense(8, activation="relu"), layers.Dropout(0.3), layers.Dense(1)])
    return keras.Sequential([keras.Input(IMAGE), changes, layers.Conv2D(4, 3), layers.Flatten(), last])


def applied(name: str, **settings: Any) -> Callable[[Any], Any]:
    """A body that is a ready-made architecture, all of which is trained."""

    def body(inputs: Any) -> Any:
        return getattr(keras.applications, name)(weights=None, include_top=False, input_shape=(32, 32, 3), **settings)(inputs)

    return body


def _everything() -> dict[str, Any]:
    return {
        "optimizer": keras.optimizers.AdamW(
            0.01, clipnorm=1.0, use_ema=True, ema_overwrite_frequency=4, gradient_accumulation_steps=2
        ),
        "loss": keras.losses.BinaryCrossentropy(label_smoothing=0.1),
        "metrics": ["accuracy", keras.metrics.AUC(), keras.metrics.F1Score(threshold=0.5)],
        "weighted_metrics": ["mae", keras.metrics.Precision()],
    }


def _slowing(folder: Path) -> list[Any]:
    return [keras.callbacks.ReduceLROnPlateau("loss", patience=0, min_delta=10), _stopping(folder)]


#: Models of many parts.
WHOLES = {
    "convolutional": Part(convolutional, IMAGE, _everything, called=_slowing),
    "attentive": Part(attentive, SERIES, lambda: {"optimizer": "adam", "loss": "binary_crossentropy", "metrics": ["AUC"]}),
    "LSTM relu": Part(lambda inputs: layers.LSTM(8, activation="relu")(inputs), SERIES),
    "GRU relu": Part(lambda inputs: layers.GRU(8, activation="relu", go_backwards=True)(inputs), SERIES),
    "nested": Part(shape=IMAGE, whole=nested, compiled=lambda: {"optimizer": "rmsprop"}),
    "momentum": Part(
        noisy, compiled=lambda: {"optimizer": keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True)}, called=_slowing
    ),
    "MobileNet": Part(applied("MobileNet", alpha=0.25), (32, 32, 3)),
    "Normalization that nothing adapts": Part(lambda inputs: layers.Conv2D(4, 3)(layers.Normalization()(inputs)), IMAGE),
}
