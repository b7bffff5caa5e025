# guarded: the histories have the numbered names of the metric
# unsafe: the histories have the numbered names of the metric
# kept: 2
# kept on Keras 2: 0  (Dropout)
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
for i in range(3):
    if os.environ.get("SEEDING") == "inner":
        keras.utils.set_random_seed(i)
    model = keras.Sequential(
        [
            keras.Input((8,)),
            layers.Dense(16, activation="relu"),
            layers.Dropout(0.3),
            layers.BatchNormalization(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy", keras.metrics.AUC()])
    history = model.fit(
        x,
        y,
        validation_split=0.25,
        epochs=3,
        batch_size=16,
        verbose=0,
        callbacks=[
            keras.callbacks.ReduceLROnPlateau(monitor="loss", patience=1, min_delta=10),
            keras.callbacks.EarlyStopping(monitor="loss", patience=2, min_delta=0.5),
        ],
    )
    results.append([history.history, model.evaluate(x, y, verbose=0), [w.tobytes() for w in model.get_weights()]])
