"""Callbacks, closures and histories that may hold a model."""
import keras
import numpy as np
from keras import layers

x, y = np.load("x.npy"), np.load("y.npy")


def build():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1)])
    model.compile("adam", "mse")
    return model


class Best(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        self.logs = logs


# callbacks of the iteration
for i in range(5):
    model = build()  # -> reuse
    stop = keras.callbacks.EarlyStopping(patience=2)
    seen = []
    model.fit(x, y, callbacks=[stop, Best(), keras.callbacks.LambdaCallback(on_epoch_end=lambda e, l: seen.append(l))])
    print(stop.stopped_epoch, stop.best)

# a list of callbacks for all
callbacks = [keras.callbacks.ReduceLROnPlateau(), keras.callbacks.EarlyStopping(restore_best_weights=True)]
for i in range(5):
    model = build()  # -> reuse
    model.fit(x, y, callbacks=callbacks)

# given the model
for i in range(5):
    model = build()  # -> reuse unsafe: handed to Watch()
    model.fit(x, y, callbacks=[Watch(model)])

for i in range(5):
    model = build()  # -> reuse
    model.fit(x, y, callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=lambda e, l: print(model.predict(x)))])

# kept, with the model that fit() gives them
kept = []
for i in range(5):
    model = build()  # -> reuse unsafe: watch
    watch = Best()
    model.fit(x, y, callbacks=[watch])
    kept.append(watch)

# histories: their numbers may be kept
histories = []
for i in range(5):
    model = build()  # -> reuse
    history = model.fit(x, y)
    histories.append(history)
print([history.history for history in histories])

# closures see the name as it is when they are called
def predict(data):
    return model.predict(data)


for i in range(5):
    model = build()  # -> reuse
    model.fit(x, y)
    print(predict(x))

later = []
for i in range(5):
    model = build()  # -> reuse
    later.append(lambda data: model.predict(data))

# default arguments, bound methods and comprehensions see it now
for i in range(5):
    model = build()  # -> none: default
    later.append(lambda data, model=model: model.predict(data))

for i in range(5):
    model = build()  # -> none: default

    def evaluate(data, net=model):
        return net.evaluate(data)

    later.append(evaluate)

for i in range(5):
    model = build()  # -> none: collected
    later.append(model.predict)

for i in range(5):
    model = build()  # -> reuse
    function = model.predict
    print(function(x))

for i in range(5):
    model = build()  # -> reuse
    print([model.predict(part) for part in np.split(x, 3)], sum(model.predict(x) for _ in range(3)))

# names by which results are looked up
for i in range(5):
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1)])  # -> reuse unsafe: looked up
    model.compile("adam", "mse", metrics=[keras.metrics.AUC(name=f"auc_{i}")])
    print(model.fit(x, y).history[f"auc_{i}"])

for i in range(5):
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1)])  # -> reuse unsafe: looked up
    model.compile("adam", "mse", metrics=[keras.metrics.AUC()])
    history = model.fit(x, y)
    key = "auc" if i == 0 else f"auc_{i}"
    print(history.history[key])

for i in range(5):
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1, name=f"out_{i}")])  # -> reuse unsafe: looked up
    model.compile("adam", "mse")
    model.fit(x, y)
    print(model.get_layer(f"out_{i}").get_weights())

for i in range(5):
    model = build()  # -> reuse
    history = model.fit(x, y, validation_split=0.2)
    for name in ("loss", "mae"):
        print(i, history.history[name], history.history["val_" + name])
