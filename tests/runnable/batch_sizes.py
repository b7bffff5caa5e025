# kept: 3
import os

import keras
import numpy as np
from keras import layers

results = []
rng = np.random.default_rng(0)
x = rng.random((96, 8), dtype="float32")
y = (x.sum(axis=1, keepdims=True) > 4).astype("float32")


def score(size, seed):
    if os.environ.get("SEEDING") == "inner":
        keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((8,)), layers.Dense(32, activation="relu"), layers.Dropout(0.2), layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.SGD(0.1, momentum=0.9), loss="mse")
    history = model.fit(x, y, epochs=3, batch_size=size, validation_split=0.25, verbose=0)
    return history.history, model.evaluate(x, y, verbose=0), model.predict(x[:size], verbose=0).tobytes()


if os.environ.get("SEEDING") == "outer":
    keras.utils.set_random_seed(7)
for seed, size in enumerate((32, 5, 17, 96)):
    results.append(score(size, seed))
