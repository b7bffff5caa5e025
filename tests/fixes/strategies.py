"""Distribution scopes and graphs around a construction, a loop, or the function of a loop."""
import contextlib

import keras
import numpy as np
import tensorflow as tf
from keras import layers

x, y = np.load("x.npy"), np.load("y.npy")
strategy = tf.distribute.MirroredStrategy()


def build():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1)])
    model.compile("adam", "mse")
    return model


def build_distributed():
    with strategy.scope():
        model = build()
    return model


for i in range(5):
    model = build()  # -> reuse
    model.fit(x, y)

for i in range(5):
    model = build_distributed()  # -> reuse unsafe: distribution scope
    model.fit(x, y)

for i in range(5):
    with strategy.scope():
        model = build()  # -> none: distribution scope
    model.fit(x, y)

for i in range(5):
    with strategy.scope() if len(x) > 10 else contextlib.nullcontext():
        model = build()  # -> none: distribution scope
    model.fit(x, y)

with strategy.scope():
    for i in range(5):
        model = build()  # -> none: distribution scope
        model.fit(x, y)


def score():
    model = build()
    return model.fit(x, y)


with strategy.scope():
    print([score() for _ in range(5)])  # -> none: distribution scope


def cross_validate():
    for i in range(5):
        model = build()  # -> reuse unsafe: distribution scope
        model.fit(x, y)


def main():
    with strategy.scope():
        cross_validate()


for i in range(5):
    with tf.Graph().as_default():
        model = build()  # -> none: a graph of its own
        model.fit(x, y)

for i in range(5):
    with tf.device("/gpu:0"):
        model = build()  # -> reuse
        model.fit(x, y)
