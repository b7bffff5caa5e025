# unsafe
# kept: 0
# guarded: the loss reads what every fold computes
import os

import keras
import numpy as np
from keras import layers

results = []
rng = np.random.default_rng(0)
x = rng.random((96, 8), dtype="float32")
y = (x.sum(axis=1, keepdims=True) > 4).astype("float32")


def weighted_error(y_true, y_pred):
    return weight * keras.losses.mean_squared_error(y_true, y_pred)


if os.environ.get("SEEDING") == "outer":
    keras.utils.set_random_seed(7)
for fold in range(4):
    if os.environ.get("SEEDING") == "inner":
        keras.utils.set_random_seed(fold)
    train = np.setdiff1d(np.arange(len(x)), np.arange(fold, len(x), 4))
    weight = np.float32(1 / (1 + fold))
    model = keras.Sequential([keras.Input((8,)), layers.Dense(6, activation="relu"), layers.Dense(1)])
    model.compile(optimizer="sgd", loss=weighted_error)
    history = model.fit(x[train], y[train], epochs=2, verbose=0)
    results.append([history.history, [w.tobytes() for w in model.get_weights()]])
