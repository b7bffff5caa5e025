# kept: 2
# guarded: a Lambda layer and a loss function of the file
import os

import keras
import numpy as np
from keras import layers

results = []
rng = np.random.default_rng(0)
x = rng.random((96, 8), dtype="float32")
y = (x.sum(axis=1, keepdims=True) > 4).astype("float32")


def weighted_error(y_true, y_pred):
    return 2.0 * keras.losses.mean_squared_error(y_true, y_pred)


if os.environ.get("SEEDING") == "outer":
    keras.utils.set_random_seed(7)
for i in range(3):
    if os.environ.get("SEEDING") == "inner":
        keras.utils.set_random_seed(i)
    inputs = keras.Input((8,))
    left = layers.Dense(6, activation="relu", kernel_regularizer="l2")(inputs)
    right = layers.Lambda(lambda t: t * 0.5)(layers.Dense(6)(inputs))
    merged = layers.Concatenate()([left, right])
    outputs = layers.Dense(1)(layers.BatchNormalization()(merged))
    model = keras.Model(inputs, outputs)
    model.compile(optimizer=keras.optimizers.Adam(1e-2), loss=weighted_error, metrics=["mae"])
    history = model.fit(x, y, epochs=2, batch_size=16, verbose=0)
    results.append([history.history, model.predict(x, verbose=0).tobytes(), [w.tobytes() for w in model.get_weights()]])
