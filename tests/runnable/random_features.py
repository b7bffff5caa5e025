# kept: 3
# predicts
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
    inputs = keras.Input((8,))
    features = layers.Dense(16, activation="tanh")(layers.BatchNormalization()(inputs))
    model = keras.Model(inputs, layers.Dropout(0.2)(features))
    results.append(model.predict(x[i * 10 :], verbose=0).tobytes())
