# kept: 3
import os

import keras
import numpy as np
from keras import layers

results = []
rng = np.random.default_rng(0)
x = rng.random((96, 8), dtype="float32")
y = (x.sum(axis=1, keepdims=True) > 4).astype("float32")


class Experiment:
    def __init__(self, units):
        self.units = units
        self.model = None

    def build(self):
        self.model = keras.Sequential([keras.Input((8,)), layers.Dense(self.units, activation="relu"), layers.Dense(1)])
        self.model.compile(optimizer="adam", loss="mse")

    def run(self, repeats):
        for i in range(repeats):
            if os.environ.get("SEEDING") == "inner":
                keras.utils.set_random_seed(i)
            self.build()
            history = self.model.fit(x, y, epochs=2, verbose=0)
            results.append([history.history, self.model.evaluate(x, y, verbose=0)])


if os.environ.get("SEEDING") == "outer":
    keras.utils.set_random_seed(7)
Experiment(8).run(4)
