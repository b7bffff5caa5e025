# kept: 3
import os

import keras
import numpy as np
from keras import layers

results = []
rng = np.random.default_rng(0)
x = rng.random((96, 8), dtype="float32")
y = (x.sum(axis=1, keepdims=True) > 4).astype("float32")


class Net:
    def __init__(self, units=8):
        self.units = units
        self.model = None

    def build(self):
        self.model = keras.Sequential([keras.Input((8,)), layers.Dense(self.units, activation="relu"), layers.Dense(1)])
        self.model.compile(optimizer="sgd", loss="mse")


def evaluate(net, fold):
    return net.model.evaluate(x[fold], y[fold], verbose=0)


for i, fold in enumerate(np.array_split(np.arange(len(x)), 4)):
    if i == 0 or os.environ.get("SEEDING") == "inner":
        keras.utils.set_random_seed(i)
    net = Net()
    net.build()
    history = net.model.fit(x, y, epochs=2, verbose=0)
    results.append([history.history, evaluate(net, fold)])
results.append(evaluate(net, np.arange(12)))
