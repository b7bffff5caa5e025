# kept: 3
import os

import keras
import numpy as np
from keras import layers

results = []
rng = np.random.default_rng(0)
x = rng.random((96, 8), dtype="float32")
y = (x.sum(axis=1, keepdims=True) > 4).astype("float32")


def make_net():
    inputs = keras.Input((8,))
    hidden = layers.Dense(10, activation="tanh")(inputs)
    return keras.Model(inputs, layers.Dense(1)(hidden))


if os.environ.get("SEEDING") == "outer":
    keras.utils.set_random_seed(7)
for i in range(4):
    if os.environ.get("SEEDING") == "inner":
        keras.utils.set_random_seed(i)
    net = make_net()
    net.compile("sgd", "mse")
    net.fit(x, y, epochs=2, verbose=0)
    results.append([net.evaluate(x, y, verbose=0), [w.tobytes() for w in net.get_weights()]])
