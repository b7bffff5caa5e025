# kept: 6
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
for i in range(4):
    if os.environ.get("SEEDING") == "inner":
        keras.utils.set_random_seed(i)
    small = keras.Sequential([keras.Input((8,)), layers.Dense(1)])
    small.compile(optimizer="sgd", loss="mse")
    large = keras.Sequential([keras.Input((8,)), layers.Dense(12, activation="relu"), layers.Dense(1)])
    large.compile(optimizer="adam", loss="mae")
    first = small.fit(x, y, epochs=2, verbose=0)
    second = large.fit(x, y - small.predict(x, verbose=0), epochs=2, verbose=0)
    results.append([first.history, second.history, [w.tobytes() for w in small.get_weights() + large.get_weights()]])
