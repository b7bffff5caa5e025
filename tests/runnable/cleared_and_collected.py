# kept: 3
import gc
import os

import keras
import numpy as np

results = []
rng = np.random.default_rng(0)
x = rng.random((64, 4), dtype="float32")
y = x.sum(axis=1, keepdims=True)


def work():
    inputs = keras.layers.Input(shape=(4,))
    hidden = inputs
    for _ in range(6):
        hidden = keras.layers.Dense(5, activation="relu")(hidden)
        hidden = keras.layers.Dropout(0.1)(hidden)
    outputs = keras.layers.Dense(1)(hidden)
    model = keras.Model(inputs=inputs, outputs=outputs)
    model.compile(optimizer="adam", loss="mse", metrics=["mae"])
    history = model.fit(x, y, epochs=2, verbose=0)
    results.append([history.history, model.evaluate(x, y, verbose=0), [w.tobytes() for w in model.get_weights()]])
    del model
    gc.collect()


if os.environ.get("SEEDING") == "outer":
    keras.utils.set_random_seed(7)
for i in range(4):
    if os.environ.get("SEEDING") == "inner":
        keras.utils.set_random_seed(i)
    work()
    keras.backend.clear_session()
    _ = gc.collect()
