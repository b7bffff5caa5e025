# kept: 3
import os

import keras
import numpy as np
import tensorflow as tf
from keras import layers

results = []
rng = np.random.default_rng(0)
x = rng.random((96, 8), dtype="float32")
y = (x.sum(axis=1, keepdims=True) > 4).astype("float32")
keras.utils.set_random_seed(1)
data = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(96, seed=3).batch(16).prefetch(1)
if os.environ.get("SEEDING") == "outer":
    keras.utils.set_random_seed(7)
for i in range(4):
    if os.environ.get("SEEDING") == "inner":
        keras.utils.set_random_seed(i)
    model = keras.Sequential([layers.Dense(8, activation="relu"), layers.BatchNormalization(), layers.Dense(1)])
    model.compile(optimizer="adam", loss="mse")
    history = model.fit(data, epochs=2, verbose=0)
    results.append([history.history, [w.tobytes() for w in model.get_weights()]])
