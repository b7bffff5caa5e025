# kept: 4
import os

import keras
import numpy as np
from keras import layers

results = []
rng = np.random.default_rng(0)
x = rng.random((96, 8), dtype="float32")
y = (x.sum(axis=1, keepdims=True) > 4).astype("float32")


class PrunedError(Exception):
    pass


class Prune(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        if batch == 2:
            raise PrunedError


if os.environ.get("SEEDING") == "outer":
    keras.utils.set_random_seed(7)
for i in range(9):
    if os.environ.get("SEEDING") == "inner":
        keras.utils.set_random_seed(i)
    if i in (1, 2):
        continue
    model = keras.Sequential([keras.Input((8,)), layers.Dense(6, activation="relu"), layers.Dense(1)])
    model.compile(optimizer="adam", loss="mse")
    if i == 6:
        break
    try:
        history = model.fit(x, y, epochs=2, batch_size=16, verbose=0, callbacks=[Prune()] if i == 3 else [])
    except PrunedError:
        continue
    results.append([i, history.history, model.evaluate(x, y, verbose=0)])
