"""Statements of all kinds around and between construction and use."""
import contextlib

import keras
import numpy as np
from keras import layers

x, y = np.load("x.npy"), np.load("y.npy")
flag = len(x) > 10


def build(width=8):
    model = keras.Sequential([keras.Input((4,)), layers.Dense(width), layers.Dense(1)])
    model.compile("adam", "mse")
    return model


def other():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


for i in range(5): model = build(); model.fit(x, y)  # -> reuse

for i in range(5):
    model = build(); model.fit(x, y)  # -> reuse

for i in range(5): build().fit(x, y)  # -> reuse

for i in range(5):
    print(build().fit(x, y).history["loss"])  # -> reuse

losses = [build().fit(x, y).history["loss"] for _ in range(5)]  # -> reuse

for i in range(5):
    model = (
        build()  # -> reuse
        if flag
        else other()  # -> reuse
    )
    model.fit(x, y)

for i in range(5):
    if flag:
        model = build()  # -> reuse
    else:
        model = other()  # -> reuse
    model.fit(x, y)

for i in range(5):
    if flag:
        model = keras.Sequential([keras.Input((4,)), layers.Dense(1)])  # -> none: block of its own
    else:
        model = keras.Sequential([keras.Input((4,)), layers.Dense(2)])  # -> none: block of its own
    model.compile("adam", "mse")
    model.fit(x, y)

for i in range(5):
    try:
        model = build()  # -> reuse
        model.fit(x, y)
    except ValueError:
        continue
    finally:
        print(i)
else:
    print("done")

while True:
    model = build()  # -> reuse
    if model.fit(x, y).history["loss"][-1] < 0.1:
        break

rounds = 0
while (rounds := rounds + 1) < 5:
    model = build()  # -> reuse
    model.fit(x, y)

for i in range(5):
    if (model := build()) is not None:  # -> none: inside an expression
        model.fit(x, y)

for i in range(5):
    first = second = build()  # -> none: several names
    first.fit(x, y)
    print(second.predict(x))

for i in range(5):
    model: keras.Model = build()  # -> reuse
    model.fit(x, y)

for i in range(5):
    with contextlib.suppress(ValueError):
        model = build()  # -> reuse
        model.fit(x, y)

for i in range(5):
    match i:
        case 0:
            model = build()  # -> reuse
        case _:
            model = other()  # -> reuse
    model.fit(x, y)

for i in range(5):
    model = build()  # -> reuse
    model.fit(x, y)
    del model

# two models in one loop, alive at the same time
for i in range(5):
    teacher = build()  # -> reuse
    student = other()  # -> reuse
    teacher.fit(x, y)
    student.fit(x, teacher.predict(x))

# twice from one factory
for i in range(5):
    left = build()  # -> reuse
    right = build()  # -> reuse
    left.fit(x, y)
    right.fit(x, y)
    right.set_weights(left.get_weights())

# built again later in the body
for i in range(5):
    model = build()  # -> reuse
    model.fit(x, y)
    print(model.evaluate(x, y))
    model = build()  # -> reuse
    model.fit(x, y)

# the first one is still there under another name
for i in range(5):
    model = build()  # -> reuse
    model.fit(x, y)
    first = model
    model = build()  # -> reuse
    model.fit(x, first.predict(x))

# built again only now and then: the model lives through several iterations
model = build()
for i in range(50):
    if i % 10 == 0:
        model = build()  # -> reuse unsafe: not every iteration builds model
    model.fit(x, y)


class Runs:
    for i in range(5):
        model = build()  # -> reuse
        model.fit(x, y)


def star(*models, **options):
    return len(models)


for i in range(5):
    model = build()  # -> none: put into a collection
    print(star(*[model]), star(*model))

for i in range(5):
    model = build()  # -> reuse unsafe: star
    star(model)

# one after the other by the same names, in nested loops
for i in range(3):
    for j in range(3):
        model = build()  # -> reuse
        model.fit(x, y)
    for j in range(3):
        model = other()  # -> reuse
        model.fit(x, y)
