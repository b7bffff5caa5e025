"""The loops that most people write."""
import keras
import numpy as np
import tensorflow as tf
from keras import layers
from sklearn.model_selection import KFold

x, y = np.load("x.npy"), np.load("y.npy")


def build(width=8, rate=1e-3):
    model = keras.Sequential([keras.Input((4,)), layers.Dense(width, activation="relu"), layers.Dense(1)])
    model.compile(keras.optimizers.Adam(rate), "mse")
    return model


# k-fold with a factory
scores = []
for train, test in KFold(5).split(x):
    model = build()  # -> reuse
    model.fit(x[train], y[train], epochs=3, verbose=0)
    scores.append(model.evaluate(x[test], y[test], verbose=0))

# several seeds
for seed in range(3):
    keras.utils.set_random_seed(seed)
    model = build()  # -> reuse
    history = model.fit(x, y, validation_split=0.2)
    print(seed, min(history.history["val_loss"]))

# built and compiled in the loop itself
for fold in range(5):
    model = keras.Sequential()  # -> reuse
    model.add(keras.Input((4,)))
    model.add(layers.Dense(8))
    model.add(layers.Dropout(0.5))
    model.add(layers.Dense(1))
    model.compile(loss="mse", optimizer="adam", metrics=["mae"])

    model.fit(x, y)

# functional, with names for the parts that nothing uses afterwards
for fold in range(5):
    inputs = keras.Input((4,))
    hidden = layers.Dense(8)(inputs)
    hidden = layers.Dropout(0.2)(hidden)
    outputs = layers.Dense(1)(hidden)
    model = keras.Model(inputs, outputs)  # -> reuse
    optimizer = keras.optimizers.SGD(0.1)
    model.compile(optimizer=optimizer, loss="mse")
    model.fit(x, y)
    np.save(f"{fold}.npy", model.predict(x))


# a function that builds, trains and scores
def evaluate(train, test):
    model = build()
    model.fit(x[train], y[train])
    loss = model.evaluate(x[test], y[test])
    return loss


print([evaluate(train, test) for train, test in KFold(5).split(x)])  # -> reuse


# the same, with callbacks, files and predictions
def run(train, test, name):
    model = tf.keras.Sequential()
    model.add(tf.keras.layers.Dense(8, input_shape=(4,)))
    model.add(tf.keras.layers.Dense(1))
    model.compile("adam", "mse")
    stop = tf.keras.callbacks.EarlyStopping(patience=3, restore_best_weights=True)
    best = tf.keras.callbacks.ModelCheckpoint(f"{name}.keras", save_best_only=True)
    history = model.fit(x[train], y[train], callbacks=[stop, best], validation_data=(x[test], y[test]))
    model.load_weights(f"{name}.keras")
    model.save(f"{name}-final.keras")
    predicted = np.argmax(model.predict(x[test]), axis=1)
    return history.history, predicted, len(history.epoch)


for i, (train, test) in enumerate(KFold(5).split(x)):
    curves, predicted, epochs = run(train, test, f"fold{i}")  # -> reuse

# restarts, the best weights kept
best_loss, best_weights = np.inf, None
for restart in range(10):
    net = build()  # -> reuse
    loss = net.fit(x, y, verbose=0).history["loss"][-1]
    if loss < best_loss:
        best_loss, best_weights = loss, net.get_weights()

# a learning rate that differs
for rate in (1e-2, 1e-3, 1e-4):
    model = build(rate=rate)  # -> reuse
    model.fit(x, y)

# data that differ, the architecture follows their shape
for name in ("a", "b", "c"):
    data = np.load(name)
    model = keras.Sequential([keras.Input(data.shape[1:]), layers.Dense(1)])  # -> reuse
    model.compile("sgd", "mse")
    model.fit(data, y)
    model.save_weights(f"{name}.weights.h5")
    del model

# clearing as well
for fold in range(5):
    keras.backend.clear_session()
    model = build()  # -> reuse
    model.fit(x, y)

# a custom training loop
loss_fn = keras.losses.MeanSquaredError()
for seed in range(3):
    model = build()  # -> reuse
    optimizer = keras.optimizers.Adam()
    for step in range(100):
        with tf.GradientTape() as tape:
            loss = loss_fn(y, model(x, training=True))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))

# batches, and looking at the model
for seed in range(3):
    model = build()  # -> reuse unsafe: names that Keras counts up
    model.summary()
    print(model.count_params(), len(model.layers), [layer.name for layer in model.layers])
    for a, b in zip(np.split(x, 4), np.split(y, 4)):
        model.train_on_batch(a, b)
    first = model.layers[0].get_weights()[0]
    keras.utils.plot_model(model, "model.png")
    rate = float(model.optimizer.learning_rate)
