# kept: 0
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
repeats = int(os.environ.get("REPEATS", "0"))
for i in range(repeats):
    if os.environ.get("SEEDING") == "inner":
        keras.utils.set_random_seed(i)
    model = keras.Sequential([keras.Input((8,)), layers.Dense(1)])
    model.compile(optimizer="adam", loss="mse")
    model.fit(x, y, verbose=0)
    results.append(model.evaluate(x, y, verbose=0))
results.append("nothing was trained")
