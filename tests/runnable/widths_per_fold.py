# kept: 4
import os

import keras
import numpy as np
from keras import layers

results = []
rng = np.random.default_rng(0)
x = rng.random((96, 8), dtype="float32")
y = (x.sum(axis=1, keepdims=True) > 4).astype("float32")


def build_model(units, dropout):
    net = keras.Sequential([keras.Input((8,)), layers.Dense(units), layers.Dropout(dropout), layers.Dense(1)])
    net.compile(optimizer="adam", loss="mse")
    return net


if os.environ.get("SEEDING") == "outer":
    keras.utils.set_random_seed(7)
for fold in range(3):
    test = np.arange(fold, len(x), 3)
    train = np.setdiff1d(np.arange(len(x)), test)
    for units, dropout in ((4, 0.5), (8, 0.2)):
        if os.environ.get("SEEDING") == "inner":
            keras.utils.set_random_seed(fold)
        model = build_model(units, dropout)
        history = model.fit(x[train], y[train], epochs=2, verbose=0)
        results.append([units, history.history, model.evaluate(x[test], y[test], verbose=0)])
