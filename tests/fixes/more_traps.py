"""Parts in loops over layers, objects in objects, teachers and students, and what is harmless in all of this."""
import keras
import numpy as np
import tensorflow as tf
from keras import layers

x, y = np.load("x.npy"), np.load("y.npy")
registry = []
norms = []


def build(depth=2):
    model = keras.Sequential([keras.Input((4,))])
    for _ in range(depth):
        model.add(layers.Dense(4))
    model.compile("adam", "mse")
    return model


class Watch(keras.callbacks.Callback):
    def __init__(self, net):
        super().__init__()
        self.net = net

    def on_epoch_end(self, epoch, logs=None):
        print(self.net.predict(x))


class Registered:
    def __init__(self, net):
        registry.append(net)
        self.net = net

    def score(self):
        return self.net.evaluate(x, y)


class Fluent:
    def __init__(self, net):
        self.net = net

    def train(self):
        self.net.fit(x, y)
        return self


class Compiling:
    def __init__(self, net):
        self.net = net

    def train(self):
        self.net.compile("adam", "mse")
        self.net.fit(x, y)


# loops over layers
for i in range(5):
    model = build()  # -> reuse unsafe: layer.name
    model.fit(x, y)
    for layer in model.layers:
        print(layer.name, layer.get_weights())
    norms.append([tf.norm(w) for w in model.trainable_weights])
    norms.append(sum(np.prod(w.shape) for w in model.weights))

kept = []
for i in range(5):
    model = build()  # -> none: a part of the model is kept
    for layer in model.layers:
        kept.append(layer)

by_name = {}
for i in range(5):
    model = build()  # -> reuse unsafe: a part of the model is kept
    for layer in model.layers:
        by_name[layer.name] = layer

for i in range(5):
    model = build()  # -> none: trainable changes after compile()
    model.fit(x, y)
    for layer in model.layers:
        layer.trainable = False
    model.fit(x, y)

for i in range(5):
    model = build()  # -> none: a part of the model is kept
    kept.append(list(model.trainable_variables))

for i in range(5):
    model = build()  # -> none: a part of the model is kept
    for number, layer in enumerate(reversed(model.layers)):
        kept.append((number, layer))

averages = [tf.Variable(weight) for weight in build().trainable_weights]
for i in range(5):
    model = build()  # -> reuse
    model.fit(x, y)
    for average, weight in zip(averages, model.trainable_weights):
        average.assign(0.9 * average + 0.1 * weight)

# objects in lists, of classes that do more
for i in range(5):
    model = build()  # -> reuse
    model.fit(x, y, callbacks=[Watch(model)])

for i in range(5):
    model = build()  # -> reuse unsafe: holds the model
    callbacks = []
    callbacks.append(Watch(model))
    model.fit(x, y, callbacks=callbacks)

for i in range(5):
    model = build()  # -> none: collected
    print(Registered(model).score())

for i in range(5):
    model = build()  # -> none: every iteration
    registry.append(Watch(model))

for i in range(5):
    model = build()  # -> reuse
    print(Fluent(model).train() is None)

for i in range(5):
    model = build()  # -> none: fluent holds the model
    fluent = Fluent(model).train()
    registry.append(fluent)

for i in range(5):
    model = build()  # -> none: compile() changes the model
    Compiling(model).train()

# teachers and students
teacher = None
for generation in range(3):
    student = build()  # -> none: teacher
    student.fit(x, y if teacher is None else teacher.predict(x))
    teacher = student

# its predictions are enough
targets = y
for generation in range(3):
    student = build()  # -> reuse
    student.fit(x, targets)
    targets = student.predict(x)

# in the middle of an expression
for i in range(5):
    model = build()  # -> none: every iteration
    registry.append(((again := model), i))

# a depth that is the same for all
for i in range(5):
    model = keras.Sequential()  # -> reuse
    model.add(keras.Input((4,)))
    for units in (8, 4):
        model.add(layers.Dense(units))
        if units > 4:
            model.add(layers.Dropout(0.1))
    model.compile("adam", "mse")
    model.fit(x, y)

# layers in a list that is made anew
for i in range(5):
    blocks = []
    for units in (8, 4):
        blocks.append(layers.Dense(units))
    model = keras.Sequential([keras.Input((4,)), *blocks])  # -> reuse
    model.compile("adam", "mse")
    model.fit(x, y)

all_blocks = []
for i in range(5):
    block = layers.Dense(4)
    all_blocks.append(block)
    model = keras.Sequential([keras.Input((4,)), block])  # -> none: block, a part of the model, is collected
    model.compile("adam", "mse")
    model.fit(x, y)


# the function of a loop that is given parts, sizes, data
def run(units, optimizer, data):
    model = keras.Sequential([keras.Input((4,)), layers.Dense(units)])
    model.compile(optimizer, "mse")
    return model.fit(data, y).history["loss"]


for i in range(5):
    run(4, keras.optimizers.Adam(), x)  # -> reuse

for i in range(5):
    run(4, "adam", x)  # -> reuse


def run_with(base, data):
    model = keras.Sequential([base, layers.Dense(1)])
    model.compile("adam", "mse")
    return model.fit(data, y).history["loss"]


shared = layers.Dense(4)
for i in range(5):
    run_with(shared, x)  # -> reuse unsafe: base, a part of the model, comes from the caller
