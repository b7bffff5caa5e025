# kept: 3
import os

import keras
import numpy as np
from keras import layers

results = []
rng = np.random.default_rng(0)
x = rng.random((96, 8), dtype="float32")
y = (x.sum(axis=1, keepdims=True) > 4).astype("float32")


def build_model():
    net = keras.Sequential([keras.Input((8,)), layers.Dense(6, activation="relu"), layers.Dense(1)])
    net.compile(optimizer="adam", loss="mse", metrics=["mae"])
    return net


if os.environ.get("SEEDING") == "outer":
    keras.utils.set_random_seed(7)
for i in range(4):
    if os.environ.get("SEEDING") == "inner":
        keras.utils.set_random_seed(i)
    results.append(build_model().fit(x, y, epochs=2, verbose=0).history)
