"""Functions that a loop calls: the keeper belongs to the file, so a model must not outlive a call."""
import asyncio
import keras
import numpy as np
from functools import partial
from keras import layers

x, y = np.load("x.npy"), np.load("y.npy")
registry = {}
last = None


def build(width=8):
    model = keras.Sequential([keras.Input((4,)), layers.Dense(width), layers.Dense(1)])
    model.compile("adam", "mse")
    return model


# called from two loops: one keeper
def score(data):
    model = build()
    model.fit(data, y)
    return model.evaluate(data, y)


for data in np.split(x, 3):
    print(score(data))  # -> reuse

total = sum(score(data) for data in np.split(x, 5))  # -> reuse


# functions that call functions
def outer(data):
    return inner(data) + 1


def inner(data):
    model = build()
    history = model.fit(data, y)
    return history.history["loss"][-1]


for data in np.split(x, 3):
    outer(data)  # -> reuse


# the model is stored or returned
def stores(name):
    model = build()
    model.fit(x, y)
    registry[name] = model


for name in "abc":
    stores(name)  # -> none: collection


def returns_all(name):
    model = build()
    history = model.fit(x, y)
    return model, history


for name in "abc":
    print(returns_all(name)[1].history)  # -> none: with other values


def remembers(name):
    global last
    last = build()
    last.fit(x, y)


for name in "abc":
    remembers(name)  # -> none: global
    registry[name] = last


def gives_a_function(name):
    model = build()
    model.fit(x, y)

    def predict(data):
        return model.predict(data)

    return predict


for name in "abc":
    registry[name] = gives_a_function(name)  # -> none: the function returns the model


def gives_a_lambda(name):
    model = build()
    model.fit(x, y)
    return lambda data: model.predict(data)


for name in "abc":
    registry[name] = gives_a_lambda(name)  # -> none: the function returns the model


def gives_a_generator(name):
    model = build()
    return (model.predict(part) for part in x)


for name in "abc":
    registry[name] = gives_a_generator(name)  # -> none: the function returns the model


def gives_a_map(name):
    model = build()
    return map(model.predict, x)


for name in "abc":
    registry[name] = gives_a_map(name)  # -> none: the function returns the model


def uses_a_generator(name):
    model = build()
    return sum(model.predict(part) for part in x), np.mean([model.predict(part) for part in x])


for name in "abc":
    print(uses_a_generator(name))  # -> reuse


def takes_anything(**options):
    registry.update(options)


for name in "abc":
    model = build()  # -> reuse unsafe: takes_anything()
    takes_anything(net=model)


def uses_a_function(name):
    model = build()

    def predict(data):
        return model.predict(data)

    model.fit(x, y)
    return predict(x), sorted(x, key=lambda row: model.predict(row))


for name in "abc":
    print(uses_a_function(name))  # -> reuse


# recursion: two models at once
def deeper(depth):
    model = build()
    model.fit(x, y)
    if depth:
        deeper(depth - 1)
    return model.evaluate(x, y)


for depth in range(3):
    deeper(depth)  # -> none: calls itself


def ping(depth):
    model = build()
    model.fit(x, y)
    pong(depth)
    return model.evaluate(x, y)


def pong(depth):
    if depth:
        ping(depth - 1)


for depth in range(3):
    ping(depth)  # -> none: calls itself


# generators and coroutines run side by side
def steps(data):
    model = build()
    for _ in range(3):
        yield model.train_on_batch(data, y)


for data in np.split(x, 3):
    print(list(steps(data)))  # -> none: generator


async def train_soon(data):
    model = build()
    model.fit(data, y)
    await asyncio.sleep(0)
    return model.evaluate(data, y)


async def train_all():
    for data in np.split(x, 3):
        await train_soon(data)  # -> none: coroutine


# lambdas, partials, tables of factories
make = lambda: build(16)
for i in range(3):
    model = make()  # -> reuse
    model.fit(x, y)

small = partial(build, width=2)
for i in range(3):
    model = small()  # -> reuse
    model.fit(x, y)

factories = {"small": build, "large": partial(build, 64)}
for i in range(3):
    model = factories["small"]()  # -> reuse
    model.fit(x, y)

for name, factory in factories.items():
    model = factory()  # -> none: differs
    model.fit(x, y)


# a factory that trains, one that returns more, one that hands its model to someone
def fitted():
    model = build()
    model.fit(x, y)
    return model


for i in range(3):
    model = fitted()  # -> none: runs the model before it returns it
    print(model.predict(x))


def with_optimizer():
    optimizer = keras.optimizers.Adam()
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1)])
    model.compile(optimizer, "mse")
    return model, optimizer


for i in range(3):
    model, optimizer = with_optimizer()  # -> none: with other values
    model.fit(x, y)


def registered(name):
    model = build()
    registry[name] = model
    return model


for name in "abc":
    model = registered(name)  # -> none: registry[name] gets a part of the new model
    model.fit(x, y)


# training in a function that is given the model
def train(model, data):
    model.fit(data, y)
    return model.evaluate(data, y)


def train_and_keep(model, data):
    model.fit(data, y)
    registry["last"] = model


for data in np.split(x, 3):
    model = build()  # -> reuse
    print(train(model, data))

for data in np.split(x, 3):
    print(train(build(), data))  # -> reuse

for data in np.split(x, 3):
    model = build()  # -> none: collection
    train_and_keep(model, data)
