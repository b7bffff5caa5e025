# kept: 0
# hoisted
import os
import tempfile

import keras
import numpy as np
from keras import layers

results = []
keras.utils.set_random_seed(1)
x = np.random.default_rng(0).random((64, 8), dtype="float32")
y = (x.sum(axis=1, keepdims=True) > 4).astype("float32")
saved = os.path.join(tempfile.mkdtemp(), "scorer.keras")
scorer = keras.Sequential([keras.Input((8,)), layers.Dense(8, activation="relu"), layers.Dropout(0.5), layers.Dense(1)])
scorer.compile(optimizer="adam", loss="mse", metrics=["mae"])
scorer.fit(x, y, epochs=2, verbose=0)
scorer.save(saved)


def mean_score(net, rows):
    return float(net.predict(rows, verbose=0).mean())


for part in range(4):
    if os.environ.get("SEEDING") == "inner":
        keras.utils.set_random_seed(part)
    model = keras.models.load_model(saved)
    rows = x[part * 16 : part * 16 + 16]
    results.append([mean_score(model, rows), model.evaluate(rows, y[:16], verbose=0), np.asarray(model(rows)).tobytes()])
