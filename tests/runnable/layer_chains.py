# kept: 2
import os

import keras
import numpy as np
from keras import layers

results = []
rng = np.random.default_rng(0)
x = rng.random((48, 8, 8, 2), dtype="float32")
y = rng.integers(3, size=48)
batch_norm = True
if os.environ.get("SEEDING") == "outer":
    keras.utils.set_random_seed(7)
for i in range(3):
    if os.environ.get("SEEDING") == "inner":
        keras.utils.set_random_seed(i)
    inputs = keras.Input((8, 8, 2))
    t = inputs
    skips = []
    width = 4
    for _ in range(2):
        shortcut = layers.Conv2D(width, 1)(t)
        t = layers.Conv2D(width, 3, padding="same", activation="relu")(t)
        if batch_norm:
            t = layers.BatchNormalization()(t)
        t = layers.Add()([t, shortcut])
        skips.append(t)
        t = layers.MaxPooling2D()(t)
        width *= 2
    while skips:
        t = layers.UpSampling2D()(t)
        t = layers.Concatenate()([t, skips.pop()])
    t = layers.Dropout(0.2)(layers.GlobalAveragePooling2D()(t))
    model = keras.Model(inputs, layers.Dense(3, activation="softmax")(t))
    model.compile("adam", "sparse_categorical_crossentropy")
    history = model.fit(x, y, epochs=2, batch_size=16, verbose=0)
    results.append([history.history, model.predict(x, verbose=0).tobytes(), [w.tobytes() for w in model.get_weights()]])
