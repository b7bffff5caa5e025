# kept: 0
# hoisted
# unsafe
import os

import keras
import numpy as np
from keras import layers

results = []
x = np.random.default_rng(0).random((96, 8), dtype="float32")
y = (x.sum(axis=1, keepdims=True) > 4).astype("float32")
keras.utils.set_random_seed(7)  # the model stays the same one, however the loop is seeded
model = keras.Sequential(
    [keras.Input((8,)), layers.Dense(16, activation="relu"), layers.BatchNormalization(), layers.Dropout(0.3), layers.Dense(1)]
)
first = model.get_weights()
for fold, held_out in enumerate(np.array_split(np.arange(96), 4)):
    if os.environ.get("SEEDING") == "inner":
        keras.utils.set_random_seed(fold)
    model.set_weights(first)
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss="mse", metrics=["mae"])
    slower = keras.callbacks.ReduceLROnPlateau(monitor="loss", patience=0, min_delta=1.0, cooldown=0)
    history = model.fit(np.delete(x, held_out, axis=0), np.delete(y, held_out, axis=0), epochs=4, verbose=0, callbacks=[slower])
    scores = model.evaluate(x[held_out], y[held_out], verbose=0)
    results.append([history.history, scores, [w.tobytes() for w in model.get_weights()]])
