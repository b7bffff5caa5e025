# kept: 3
# guarded: never compiled
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
snapshots = [[rng.random((8, 4)), np.zeros(4), rng.random((4, 1)), np.ones(1)] for _ in range(4)]
for i, snapshot in enumerate(snapshots):
    if os.environ.get("SEEDING") == "inner":
        keras.utils.set_random_seed(i)
    model = keras.Sequential([keras.Input((8,)), layers.Dense(4, activation="relu"), layers.Dense(1)])
    model.set_weights(snapshot)
    results.append(model.predict(x, verbose=0).tobytes())
