# kept: 4
import os

import keras
import numpy as np
from keras import layers

results = []
rng = np.random.default_rng(0)
x = rng.random((96, 8), dtype="float32")
y = (x.sum(axis=1, keepdims=True) > 4).astype("float32")
if os.environ.get("SEEDING") == "outer":
    keras.utils.set_random_seed(7)
for activation in ["relu", "tanh"]:
    for fold in range(3):
        if os.environ.get("SEEDING") == "inner":
            keras.utils.set_random_seed(fold)
        test = np.arange(fold, len(x), 3)
        train = np.setdiff1d(np.arange(len(x)), test)
        model = keras.Sequential([keras.Input((8,)), layers.Dense(8, activation=activation), layers.Dense(1)])
        model.compile(optimizer="adam", loss="mse")
        history = model.fit(x[train], y[train], epochs=2, verbose=0)
        results.append([activation, history.history, model.evaluate(x[test], y[test], verbose=0)])
