# kept: 6
import os

import keras
import numpy as np
from keras import layers

results = []
rng = np.random.default_rng(0)
x = rng.random((96, 8), dtype="float32")
y = (x.sum(axis=1, keepdims=True) > 4).astype("float32")


class CrossValidation:
    def __init__(self, units, folds):
        self.units = units
        self.folds = folds
        self.model = None
        self.scores = []

    def build(self):
        model = keras.Sequential(
            [keras.Input((8,)), layers.Dense(self.units, activation="relu"), layers.Dropout(0.3), layers.Dense(1)]
        )
        model.compile(optimizer="adam", loss="mse")
        return model

    def run(self):
        for i, fold in enumerate(np.array_split(np.arange(len(x)), self.folds)):
            if os.environ.get("SEEDING") == "inner":
                keras.utils.set_random_seed(i)
            self.model = self.build()
            self.train(fold)
            self.scores.append(self.model.evaluate(x[fold], y[fold], verbose=0))

    def train(self, fold):
        model = self.model
        history = model.fit(np.delete(x, fold, axis=0), np.delete(y, fold, axis=0), epochs=2, verbose=0)
        results.append(history.history)

    def predict(self, data):
        return self.model.predict(data, verbose=0)


if os.environ.get("SEEDING") == "outer":
    keras.utils.set_random_seed(7)
small, large = CrossValidation(4, 4), CrossValidation(8, 4)
for each in (small, large):
    each.run()
    results.append([each.scores, each.predict(x[:4]).tolist()])
results.append([each.predict(x[:4]).tolist() for each in (small, large)])
