# kept: 7
import os

import keras
import numpy as np
from keras import layers

results = []
rng = np.random.default_rng(0)
x = rng.random((96, 8), dtype="float32")
y = (x.sum(axis=1, keepdims=True) > 4).astype("float32")


def client_model():
    net = keras.Sequential([keras.Input((8,)), layers.Dense(6, activation="relu"), layers.Dense(1)])
    net.compile(optimizer=keras.optimizers.SGD(0.05), loss="mse")
    return net


if os.environ.get("SEEDING") == "outer":
    keras.utils.set_random_seed(7)
weights = [np.full((8, 6), 0.1), np.zeros(6), np.full((6, 1), 0.1), np.zeros(1)]
for i in range(4):
    if os.environ.get("SEEDING") == "inner":
        keras.utils.set_random_seed(i)
    updates = []
    for client in range(2):
        model = client_model()
        model.set_weights(weights)
        model.fit(x[client::2], y[client::2], epochs=1, verbose=0)
        updates.append(model.get_weights())
    weights = [np.mean(values, axis=0) for values in zip(*updates)]
    results.append([w.tobytes() for w in weights])
