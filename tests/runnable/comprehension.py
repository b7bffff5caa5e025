# kept: 3
import os

import keras
import numpy as np
from keras import layers

results = []
rng = np.random.default_rng(0)
x = rng.random((96, 8), dtype="float32")
y = (x.sum(axis=1, keepdims=True) > 4).astype("float32")


def score(seed):
    if os.environ.get("SEEDING") == "inner":
        keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((8,)), layers.Dense(6, activation="relu"), layers.Dense(1)])
    model.compile(optimizer="adam", loss="mse")
    model.fit(x, y, epochs=2, verbose=0)
    return model.evaluate(x, y, verbose=0)


if os.environ.get("SEEDING") == "outer":
    keras.utils.set_random_seed(7)
results += [score(seed) for seed in range(4)]
