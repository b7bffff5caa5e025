"""KerasTuner builds and clears by itself; its hypermodel, called by hand, builds a model each time."""
import keras
import keras_tuner
from kerastuner.engine.tuner import Tuner


def build(hp):
    return keras.Sequential([keras.layers.Dense(hp.Int("units", 4, 64))])


class Hyper(keras_tuner.HyperModel):
    def build(self, hp):
        return keras.Sequential([keras.layers.Dense(hp.Int("units", 4, 64))])


class FoldTuner(Tuner):
    def run_trial(self, trial, x, y):
        for fold in range(3):
            model = self.hypermodel.build(trial.hyperparameters)  # -> KL101
            model.fit(x, y)


tuner = keras_tuner.RandomSearch(build, objective="val_loss", max_trials=20)
tuner.search(1, 2)
keras_tuner.RandomSearch(Hyper(), objective="val_loss").search(1, 2)
best = tuner.get_best_hyperparameters()[0]
for fold in range(3):
    model = tuner.hypermodel.build(best)  # -> KL101
    model.fit(1)
for fold in range(3):
    model = Hyper().build(best)  # -> KL102
    model.fit(1)
