# kept: 0
# left alone: part of the model is used after it is compiled
import os

import keras
import numpy as np
from keras import layers

results = []
rng = np.random.default_rng(0)
x = rng.random((96, 8), dtype="float32")
y = (x.sum(axis=1, keepdims=True) > 4).astype("float32")
if os.environ.get("SEEDING") == "outer":
    keras.utils.set_random_seed(7)
for i in range(4):
    if os.environ.get("SEEDING") == "inner":
        keras.utils.set_random_seed(i)
    base = keras.Sequential([keras.Input((8,)), layers.Dense(6, activation="relu"), layers.BatchNormalization()])
    base.trainable = False
    inputs = keras.Input((8,))
    model = keras.Model(inputs, layers.Dense(1)(base(inputs, training=False)))
    model.compile(optimizer=keras.optimizers.Adam(1e-2), loss="mse")
    model.fit(x, y, epochs=1, verbose=0)
    base.trainable = True
    model.compile(optimizer=keras.optimizers.Adam(1e-4), loss="mse")
    history = model.fit(x, y, epochs=1, verbose=0)
    results.append([history.history, [w.tobytes() for w in model.get_weights()]])
