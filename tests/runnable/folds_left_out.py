# kept: 6
import os

import keras
import numpy as np
from keras import layers

results = []
rng = np.random.default_rng(0)
x = rng.random((96, 8), dtype="float32")
y = (x.sum(axis=1, keepdims=True) > 4).astype("float32")
parts = np.array_split(np.arange(96), 4)


def run_fold(data, target, part):
    model = keras.Sequential([layers.Dense(6, activation="relu"), layers.Dense(1)])
    model.compile(optimizer="adam", loss="mse")
    history = model.fit(np.delete(data, part, axis=0), np.delete(target, part, axis=0), epochs=2, verbose=0)
    results.append([history.history, model.evaluate(data[part], target[part], verbose=0)])


if os.environ.get("SEEDING") == "outer":
    keras.utils.set_random_seed(7)
for i in range(4):
    if os.environ.get("SEEDING") == "inner":
        keras.utils.set_random_seed(i)
    model = keras.Sequential([layers.Dense(8, activation="relu"), layers.Dropout(0.2), layers.Dense(1)])
    model.compile(optimizer="adam", loss="mse")
    history = model.fit(np.delete(x, parts[i], axis=0), np.delete(y, parts[i], axis=0), epochs=2, verbose=0)
    results.append([history.history, [w.tobytes() for w in model.get_weights()]])
for part in parts:
    if os.environ.get("SEEDING") == "inner":
        keras.utils.set_random_seed(9)
    run_fold(x, y, part)
