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


def build_model(units=12):
    net = keras.Sequential()
    net.add(keras.Input((8,)))
    net.add(layers.Dense(units, activation="relu"))
    net.add(layers.Dropout(0.25))
    net.add(layers.Dense(1, activation="sigmoid"))
    net.compile(loss="binary_crossentropy", optimizer=keras.optimizers.Adam(learning_rate=0.01), metrics=["accuracy"])
    return net


if os.environ.get("SEEDING") == "outer":
    keras.utils.set_random_seed(7)
folds = np.array_split(rng.permutation(len(x)), 3)
for fold, test in enumerate(folds):
    if os.environ.get("SEEDING") == "inner":
        keras.utils.set_random_seed(fold)
    train = np.setdiff1d(np.arange(len(x)), test)
    model = build_model()
    stop = keras.callbacks.EarlyStopping(patience=1, restore_best_weights=True)
    history = model.fit(
        x[train], y[train], validation_data=(x[test], y[test]), epochs=3, batch_size=24, verbose=0, callbacks=[stop]
    )
    scores = model.evaluate(x[test], y[test], verbose=0)
    results.append([history.history, scores, [w.tobytes() for w in model.get_weights()]])
