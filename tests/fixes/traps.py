"""Less common ways to hold a model, or to depend on which one it is."""
import asyncio
import copy
import functools
import pickle
from threading import Thread

import keras
import numpy as np
import tensorflow as tf
from keras import layers

x, y = np.load("x.npy"), np.load("y.npy")
keep_compiled = None
data = tf.data.Dataset.from_tensor_slices((x, y))


def build():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1)])
    model.compile("adam", "mse")
    return model


def train(net):
    net.fit(x, y)


# threads
for i in range(5):
    model = build()  # -> reuse unsafe: handed to Thread()
    Thread(target=train, args=(model,)).start()

for i in range(5):
    model = build()  # -> reuse unsafe: Thread
    Thread(target=model.fit, args=(x, y)).start()

for i in range(5):
    model = build()  # -> reuse unsafe: the loop starts threads

    def work():
        model.fit(x, y)

    Thread(target=work).start()

# a function that was traced with the first model
net = None


@tf.function
def step(batch):
    return net(batch)


for i in range(5):
    net = build()  # -> reuse unsafe: a traced function reads the model
    print(step(x))


# one that is given the model, one that is made anew
@tf.function
def step_of(some, batch):
    return some(batch)


for i in range(5):
    current = build()  # -> reuse

    @tf.function
    def inner_step(batch):
        return current(batch)

    print(step_of(current, x), inner_step(x))

# a lazy data set
for i in range(5):
    teacher = build()  # -> reuse unsafe: a traced function reads the model
    teacher.fit(data)
    data = data.map(lambda a, b: (a, teacher(a)))

# copies and files
for i in range(5):
    model = build()  # -> reuse
    model.fit(x, y)
    with open(f"{i}.pickle", "wb") as file:
        pickle.dump(model, file)

best = None
for i in range(5):
    model = build()  # -> reuse
    model.fit(x, y)
    if best is None or i == 3:
        best = copy.deepcopy(model)

# kept when something goes wrong
failed = []
for i in range(5):
    try:
        model = build()  # -> none: every iteration
        model.fit(x, y)
    except ValueError:
        failed.append(model)

# keyword arguments, partials, attributes by name
for i in range(5):
    model = build()  # -> none: put into a collection
    options = {"net": model}
    train(**options)

later = []
for i in range(5):
    model = build()  # -> none: every iteration's model is collected
    later.append(functools.partial(train, model))

space = type("Space", (), {})()
for i in range(5):
    model = build()  # -> reuse unsafe: setattr()
    setattr(space, f"model_{i}", model)

# compared with the one of before, in one statement
previous = None
for i in range(5):
    model = build()  # -> none: put into a collection
    model.fit(x, y)
    if previous:
        print(previous[0].predict(x) - model.predict(x))
    previous = [model]

# an optimizer from outside, used in a function
optimizer = keras.optimizers.Adam()


def custom(net, optimizer):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(net(x))
    optimizer.apply_gradients(zip(tape.gradient(loss, net.trainable_variables), net.trainable_variables))


for i in range(5):
    model = build()  # -> reuse unsafe: optimizer is not made anew
    custom(model, optimizer)


# factories that keep something
made = []
current_parts = {}


def remembering():
    model = build()
    made.append(model)
    return model


def sharing():
    dense = layers.Dense(1)
    current_parts["dense"] = dense
    model = keras.Sequential([keras.Input((4,)), dense])
    model.compile("adam", "mse")
    return model


def nested():
    return remembering()


for i in range(5):
    model = remembering()  # -> none: made gets a part
    model.fit(x, y)

for i in range(5):
    model = nested()  # -> none: made gets a part
    model.fit(x, y)

for i in range(5):
    model = sharing()  # -> none: gets a part of the new model
    model.fit(x, y)


coder = None


def global_part():
    global coder
    inputs = keras.Input((4,))
    coder = keras.Model(inputs, layers.Dense(2)(inputs))
    return keras.Model(inputs, layers.Dense(4)(coder(inputs)))


for i in range(5):
    model = global_part()  # -> none: coder gets a part of the new model
    model.compile("adam", "mse")
    model.fit(x, x)


# a part that a function reads; one that only the loss reads
def show():
    print(dense.get_weights())


for i in range(5):
    dense = layers.Dense(1)
    model = keras.Sequential([keras.Input((4,)), dense])  # -> none: dense was made for the new model
    model.compile("adam", "mse")
    model.fit(x, y)
    show()

for i in range(5):
    own = layers.Dense(1)
    model = keras.Sequential([keras.Input((4,)), own])  # -> reuse

    def loss(a, b):
        return tf.reduce_mean((a - b) ** 2) + tf.reduce_sum(own.kernel**2)

    model.compile("adam", loss)
    model.fit(x, y)

# settings that a loss reads
settings = {"alpha": 0}


def weighted(a, b):
    return settings["alpha"] * tf.reduce_mean((a - b) ** 2)


for i in range(5):
    settings["alpha"] = i
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1)])  # -> reuse unsafe: weighted() reads settings
    model.compile("adam", weighted)
    model.fit(x, y)


class Builder:
    def build(self):
        self.encoder = keras.Sequential([keras.Input((4,)), layers.Dense(2)])
        return keras.Sequential([self.encoder, layers.Dense(4)])

    def build_own(self):
        self.model = build()
        return self.model

    def run(self):
        for i in range(5):
            model = self.build()  # -> none: self.encoder gets a part
            model.compile("adam", "mse")
            model.fit(x, x)
            print(self.encoder.predict(x))

    def run_own(self):
        for i in range(5):
            model = self.build_own()  # -> none: self.model gets a part
            model.fit(x, y)

    def parts(self):
        for i in range(5):
            inputs = keras.Input((4,))
            code = layers.Dense(2)(inputs)
            self.coder = keras.Model(inputs, code)  # -> none: another model is built on it
            model = keras.Model(inputs, layers.Dense(4)(self.coder(inputs)))  # -> none: self.coder
            model.compile("adam", "mse")
            model.fit(x, x)


# recursion within a loop of the function
def tree(depth):
    model = build()
    model.fit(x, y)
    for _ in range(2):
        if depth:
            tree(depth - 1)  # -> none: calls itself
    return model.evaluate(x, y)


for i in range(3):
    tree(i)  # -> none: calls itself


async def main():
    for i in range(5):
        model = build()  # -> reuse
        model.fit(x, y)
        await asyncio.sleep(0)
