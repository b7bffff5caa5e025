# kept: 3
import os

import keras
import numpy as np
from keras import layers

results = []
rng = np.random.default_rng(0)
x = rng.random((96, 8), dtype="float32")
y = (x.sum(axis=1, keepdims=True) > 4).astype("float32")


def score(train, test):
    model = keras.Sequential([keras.Input((8,)), layers.Dense(8, activation="relu"), layers.Dense(1, activation="sigmoid")])
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    model.fit(x[train], y[train], epochs=2, verbose=0)
    return model.evaluate(x[test], y[test], verbose=0)


if os.environ.get("SEEDING") == "outer":
    keras.utils.set_random_seed(7)
for fold in range(4):
    if os.environ.get("SEEDING") == "inner":
        keras.utils.set_random_seed(fold)
    test = np.arange(fold, len(x), 4)
    results.append(score(np.setdiff1d(np.arange(len(x)), test), test))
