"""Models that outlive their iteration."""
import keras
import numpy as np
from keras import layers

x, y = np.load("x.npy"), np.load("y.npy")


def build():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1)])
    model.compile("adam", "mse")
    return model


# the best one is kept
best_model, best_loss = None, np.inf
for i in range(5):
    model = build()  # -> none: the best model so far is kept
    loss = model.fit(x, y).history["loss"][-1]
    if loss < best_loss:
        best_model, best_loss = model, loss

# the same in two statements
for i in range(5):
    model = build()  # -> none: best_model
    loss = model.fit(x, y).history["loss"][-1]
    if loss < best_loss:
        best_loss = loss
        best_model = model

# and in one expression
best = None
for i in range(5):
    model = build()  # -> none: best
    model.fit(x, y)
    best = model if best is None or i == 3 else best

# in lists and dicts
ensemble = []
for i in range(5):
    model = build()  # -> none: every iteration's model
    model.fit(x, y)
    ensemble.append(model)

by_name = {}
for name in range(5):
    model = build()  # -> none: every iteration's model
    model.fit(x, y)
    by_name[name] = model

for name in range(5):
    model = build()  # -> none: every iteration's model
    by_name.update({name: model})

for name in range(5):
    model = build()  # -> none: every iteration's model
    ensemble += [model]

for name in range(5):
    model = build()  # -> none: every iteration's model
    ensemble = ensemble + [(name, model)]

for name in range(5):
    ensemble.append(build())  # -> none: every iteration's model

models = [build() for _ in range(5)]  # -> none: every iteration's model
named = {name: build() for name in range(5)}  # -> none: every iteration's model

# the previous one is compared with
previous = None
for i in range(5):
    model = build()  # -> none: previous
    model.fit(x, y)
    if previous is not None:
        print(np.abs(model.predict(x) - previous.predict(x)).mean())
    previous = model

# taken before the new one is built
model = build()
for i in range(5):
    old = model
    model = build()  # -> none: old
    model.fit(x, old.predict(x))

# swapped
old, new = build(), build()
for i in range(5):
    old, new = new, build()  # -> none: assigned together with other values
    new.fit(x, old.predict(x))

# only the last one lives on
for i in range(5):
    model = build()  # -> reuse
    model.fit(x, y)
    final = model
print(final.predict(x))
model.save("last.keras")

# kept beyond the outer loop, but one at a time in the inner one
winners = []
for name in range(5):
    for i in range(5):
        model = build()  # -> reuse
        model.fit(x, y)
    winners.append(model)


# yielded, returned
def train_all():
    for i in range(5):
        model = build()  # -> none: every iteration
        model.fit(x, y)
        yield model


def train_until_good():
    while True:
        model = build()  # -> reuse
        model.fit(x, y)
        if model.evaluate(x, y) < 0.1:
            return model


def train_and_return():
    losses = []
    for i in range(5):
        model = build()  # -> reuse
        losses.append(model.fit(x, y).history["loss"])
    return model, losses


# in a queue, a namespace, an object
import queue
import types

waiting = queue.Queue()
for i in range(5):
    model = build()  # -> none: every iteration
    waiting.put(model)

space = types.SimpleNamespace()
for i in range(5):
    model = build()  # -> none: space.model
    if i == 2:
        space.model = model

for i in range(5):
    model = build()  # -> none: every iteration
    results = {"loss": 1, "model": model}
    ensemble.append(results)

# an object made anew holds it
holders = []
for i in range(5):
    holder = types.SimpleNamespace()
    holder.model = build()  # -> reuse unsafe: holder
    holder.model.fit(x, y)
    holders.append(holder)

# a copy may be kept
copies = []
for i in range(5):
    model = build()  # -> reuse
    model.fit(x, y)
    twin = keras.models.clone_model(model)  # -> reuse
    twin.set_weights(model.get_weights())
    print(twin.predict(x))
