# kept: 4
import os

import keras
import numpy as np
from keras import layers

results = []
rng = np.random.default_rng(0)
x = rng.random((96, 8), dtype="float32")
y = (x.sum(axis=1, keepdims=True) > 4).astype("float32")


def objective(units: int, rate: float, seed: int):
    if os.environ.get("SEEDING") == "inner":
        keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((8,)), layers.Dense(units, activation="relu"), layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="mse")
    history = model.fit(x, y, epochs=2, verbose=0)
    return history.history["loss"]


if os.environ.get("SEEDING") == "outer":
    keras.utils.set_random_seed(7)
for seed in range(3):
    for units in (4, 8):
        losses = objective(units, 10.0 ** -(seed + 1), seed)
        results.append(losses)
