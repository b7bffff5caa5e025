"""Histories of which somebody asks the model."""
import keras
import numpy as np

x, y = np.load("x.npy"), np.load("y.npy")


def build():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    return model


# their model may not
runs = []
for i in range(5):
    model = build()  # -> reuse unsafe: .model
    runs.append(model.fit(x, y))
print([run.model.predict(x) for run in runs])

for i in range(5):
    model = build()  # -> reuse
    history = model.fit(x, y)
    print(history.history["loss"], history.epoch)
