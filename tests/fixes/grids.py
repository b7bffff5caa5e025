"""Searches over parameters: what the architecture depends on, and k-fold inside."""
import itertools

import keras
import numpy as np
from keras import layers
from sklearn.model_selection import KFold, ParameterGrid, train_test_split

x, y = np.load("x.npy"), np.load("y.npy")


def build(width=8, rate=0.1, dropout=0.0, activation="relu"):
    model = keras.Sequential([keras.Input((4,)), layers.Dense(width, activation=activation)])
    model.add(layers.Dropout(dropout))
    model.add(layers.Dense(1))
    model.compile(keras.optimizers.SGD(rate), "mse")
    return model


# nothing to keep
for width in (4, 8, 16):
    model = build(width)  # -> none: differs
    model.fit(x, y)

for width, dropout in itertools.product((4, 8), (0.1, 0.2)):
    model = build(width, dropout=dropout)  # -> none: differs
    model.fit(x, y)

for parameters in ParameterGrid({"width": [4, 8], "rate": [0.1, 0.2]}):
    model = build(**parameters)  # -> none: differs
    model.fit(x, y)

for activation in ("relu", "tanh"):
    model = keras.Sequential()  # -> none: differs
    model.add(keras.Input((4,)))
    model.add(layers.Dense(8, activation=activation))
    model.add(layers.Dense(1))
    model.compile("adam", "mse")
    model.fit(x, y)

for loss in ("mse", "mae"):
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1)])  # -> none: differs
    model.compile("adam", loss)
    model.fit(x, y)

for depth in range(1, 4):
    model = keras.Sequential([keras.Input((4,))])  # -> none: differs
    for _ in range(depth):
        model.add(layers.Dense(8))
    model.compile("adam", "mse")
    model.fit(x, y)

for kind in ("small", "large"):
    if kind == "small":
        width = 4
    else:
        width = 64
    model = build(width)  # -> none: differs
    model.fit(x, y)

for kind in ("small", "large"):
    if kind == "small":
        model = build(4)  # -> reuse
    else:
        model = build(64)  # -> reuse
    model.fit(x, y)

# what does not decide the architecture
for rate in (0.1, 0.01):
    model = build(rate=rate)  # -> reuse
    model.fit(x, y)

for epochs in (1, 2, 3):
    model = build()  # -> reuse
    model.fit(x, y, epochs=epochs)

for batch_size in (16, 32):
    model = build(width=4)  # -> reuse
    model.fit(x, y, batch_size=batch_size)

for size in (0.1, 0.2):
    train, test = train_test_split(x, test_size=size)
    model = build()  # -> reuse
    model.fit(train, y)

# folds within a grid: one keeper for all
results = {}
for width in (4, 8):
    for rate in (0.1, 0.2):
        scores = []
        for train, test in KFold(5).split(x):
            model = build(width, rate)  # -> reuse
            model.fit(x[train], y[train])
            scores.append(model.evaluate(x[test], y[test]))
        results[width, rate] = np.mean(scores)


def cross_validate(width):
    scores = []
    for train, test in KFold(5).split(x):
        model = build(width)  # -> reuse
        model.fit(x[train], y[train])
        scores.append(model.evaluate(x[test], y[test]))
    return scores


for width in (4, 8):
    print(cross_validate(width))


# the function of a grid, and of a grid with repetitions
def objective(width):
    model = build(width)
    return model.fit(x, y).history["loss"][-1]


for width in (4, 8):
    objective(width)  # -> none: differs

for width in (4, 8):
    for repetition in range(3):
        objective(width)  # -> reuse

# growing data, growing classes
for classes in range(2, 5):
    model = keras.Sequential([keras.Input((4,)), layers.Dense(classes)])  # -> none: differs
    model.compile("adam", "mse")
    model.fit(x, y)
