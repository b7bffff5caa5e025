"""Registries are no ensembles: under literal names, or loaded to predict."""
import glob

import keras
import numpy as np
from keras.models import load_model


def build(name):
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(len(name))])


models = {}
for name in ("cats", "dogs"):
    models[name] = build(name)
for name in ("cats", "dogs"):
    models[name].predict([[1.0, 2, 3, 4]])

by_letter = {n: keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)]) for n in "ab"}
by_name = {name: build(name) for name in ["small", "large"]}
ensemble = [load_model(path) for path in sorted(glob.glob("models/*.keras"))]
loaded = {}
for path in glob.glob("models/*.keras"):
    loaded[path] = load_model(path)
NAMES = ["a", "b"]
for name in NAMES:
    models[name] = load_model(f"{name}.keras")


def predict(x):
    return [model.predict(x) for model in ensemble]


class Service:
    def __init__(self):
        self.models = {}
        for name in ("cats", "dogs"):
            model = build(name)
            self.models[name] = model

    def infer(self, name, x):
        return self.models[name].predict(x)


# numbered ones that are asked are the members of one

members = [load_model(f"member_{i}.keras") for i in range(5)]  # -> KL105
paths = [f"member_{i}.keras" for i in range(5)]
checkpoints = [load_model(path) for path in paths]  # -> KL105
unasked = [load_model(f"member_{i}.keras") for i in range(5)]
averaged = [model(np.ones((1, 4))) for model in checkpoints]


def summed(x):
    return sum(model.predict(x) for model in members)


# trained in the loop, they are

trained = {}
for name in ("cats", "dogs"):
    trained[name] = build(name)  # -> KL105
    trained[name].compile(loss="mse")
    trained[name].fit(name)
for name in ("cats", "dogs"):
    model = build(name)  # -> KL105
    model.fit(name)
    trained[name] = model
numbered = {}
for number in range(5):
    numbered[number] = build("x")  # -> KL105
same = [load_model("same.keras") for _ in range(5)]  # -> KL105
tuned = []
for path in glob.glob("models/*.keras"):
    model = load_model(path)  # -> KL105
    model.fit(path)
    tuned.append(model)
