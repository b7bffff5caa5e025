# kept: 6
import os

import keras
import numpy as np
from keras import layers

results = []
rng = np.random.default_rng(0)
x = rng.random((96, 8), dtype="float32")
y = (x.sum(axis=1, keepdims=True) > 4).astype("float32")


class Trainer:
    def __init__(self, units, rate):
        self.units = units
        self.rate = rate
        self.epochs = 0
        self.model = self.build_model()

    def build_model(self):
        inputs = keras.Input((8,))
        hidden = layers.BatchNormalization()(layers.Dense(self.units, activation="relu")(inputs))
        model = keras.Model(inputs, layers.Dense(1)(layers.Dropout(0.3)(hidden)))
        model.compile(optimizer=keras.optimizers.Adam(self.rate), loss="mse")
        return model

    def train(self, fold):
        stop = keras.callbacks.EarlyStopping(patience=1)
        history = self.model.fit(
            np.delete(x, fold, axis=0),
            np.delete(y, fold, axis=0),
            validation_data=(x[fold], y[fold]),
            epochs=3,
            callbacks=[stop],
            verbose=0,
        )
        self.epochs += len(history.epoch)
        return history.history

    def score(self, fold):
        return self.model.evaluate(x[fold], y[fold], verbose=0)


def cross_validate(units):
    for i, fold in enumerate(np.array_split(np.arange(len(x)), 4)):
        if os.environ.get("SEEDING") == "inner":
            keras.utils.set_random_seed(i)
        trainer = Trainer(units, 0.01 / (i + 1))
        results.append([trainer.train(fold), trainer.epochs, trainer.score(fold)])
        results.append(trainer.model.predict(x[:4], verbose=0).tolist())


if os.environ.get("SEEDING") == "outer":
    keras.utils.set_random_seed(7)
for units in (4, 8):
    cross_validate(units)
