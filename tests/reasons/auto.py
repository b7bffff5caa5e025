# ---- auto
import keras
renew = 1
for i in range(9):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])  # no fix: the file uses the name renew for something else
    model.compile(loss='mse')
    model.fit(x, y)


# ---- auto
import keras
import numpy as np

options = {'units': 4}
for i in range(9):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(**options), keras.layers.Dense(1)])  # unsafe: what **options holds is not known
    model.compile("adam", "mse")
    model.fit(x, y)


# ---- auto
import keras
import numpy as np

x, y = np.zeros((60, 8)), np.zeros((60, 1))


for i in range(1, 4):
    a = x[:, :i]
    model = keras.Sequential([keras.layers.Dense(1)])  # unsafe: a may have another shape in every iteration
    model.compile("adam", "mse")
    model.fit(a, y)


# ---- auto
import keras
import numpy as np

for i in range(9):
    with keras.device(f'gpu:{i}'):
        model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])  # no fix: keras.device(f'gpu:{i}') differs from iteration to iteration, and a kept model stays on its device
        model.compile("adam", "mse")
    model.fit(x, y)


# ---- auto
import keras
import numpy as np

def change(it):
    it.layers[0].activation = abs


for i in range(9):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])  # unsafe: the model's attribute extra is set; the model's attribute extra is set in line 12
    model.compile("adam", "mse")
    model.fit(x, y)
    model.extra = i


# ---- auto
import keras
import numpy as np

for i in range(9):
    with keras.DTypePolicy(i):
        model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])  # unsafe: the model is built in keras.DTypePolicy(i), which differs by iteration; the model is built in keras.DTypePolicy(i)
        model.compile("adam", "mse")
    model.fit(x, y)


# ---- auto
import keras
import numpy as np

for i in range(9):
    model = keras.Sequential([keras.Input((8, 1), batch_size=4), keras.layers.LSTM(4, stateful=True), keras.layers.Dense(1)])  # unsafe: a stateful layer keeps its state; a kept model with stateful=True is not tested to give the same bits
    model.compile("adam", "mse")
    model.fit(x, y)


# ---- auto
import random

import jax
import tensorflow as tf
from tensorflow import keras

model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
optimizer = keras.optimizers.Adam()
x = tf.ones((4, 3))
seen = []


for i in range(3):
    model.make_train_function(force=True)  # no fix: without force=True the model keeps the function that it has


# ---- auto
import random

import jax
import tensorflow as tf
from tensorflow import keras

model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
optimizer = keras.optimizers.Adam()
x = tf.ones((4, 3))
seen = []


for i in range(3):
    model.fit(x, x)
    print(jax.jit(lambda a: model(a))(x))  # unsafe: JAX takes model for a constant when it traces


# ---- auto
import keras
import numpy as np


for trial in range(100):
    keras.backend.clear_session()
    try:
        model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])  # no fix: the model is only built, never run: that is cheap, and there is nothing to keep
    finally:
        if trial:
            pass
        else:
            print("first")


# ---- auto
import keras
import numpy as np

import os
import random

x, y = np.zeros((48, 6)), np.zeros((48, 1))
results = []


for fold in range(3):
    model = keras.Sequential([keras.layers.Dense(1)])  # no fix: the model is used before it has weights
    model.compile('adam', 'mse')
    results.append(len(model.get_weights()))
    model.fit(x, y)


# ---- auto
import keras
import numpy as np
import tensorflow as tf

x, y = np.zeros((9, 4)), np.zeros((9, 1))


def build():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.compile("adam", "mse")
    return model


for i in range(3):
    @tf.function  # no fix: nothing else is in the loop
    def step(batch):
        return batch + 1


# ---- auto
import random

import jax
import tensorflow as tf
from tensorflow import keras

model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
optimizer = keras.optimizers.Adam()
x = tf.ones((4, 3))
seen = []


for i in range(3):

    @tf.function  # no fix: step is bound in another place too
    def step(x):
        return model(x)

    step(x)
    step = None


# ---- auto
import random

import jax
import tensorflow as tf
from tensorflow import keras

model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
optimizer = keras.optimizers.Adam()
x = tf.ones((4, 3))
seen = []


for i in range(3):
    if i:
        print(i)
        f = tf.function(model)  # no fix: it is made in a block of its own, not directly in the loop's body
        print(f(x))


# ---- auto
import random

import jax
import tensorflow as tf
from tensorflow import keras

model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
optimizer = keras.optimizers.Adam()
x = tf.ones((4, 3))
seen = []


for i in range(3):

    @tf.function  # no fix: it reads i, which every iteration binds
    def step(x):
        return x * i

    step(x)


# ---- auto
import keras
import numpy as np
import tensorflow as tf

x, y = np.zeros((9, 4)), np.zeros((9, 1))


def build():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.compile("adam", "mse")
    return model


model = build()
for epoch in range(4):
    model.fit(x, y)
    model.compile("adam", "mse")  # no fix: the model is used in line 16, before it is compiled


# ---- auto
import random

import jax
import tensorflow as tf
from tensorflow import keras

model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
optimizer = keras.optimizers.Adam()
x = tf.ones((4, 3))
seen = []


for i in range(3):

    @tf.function  # unsafe: print() runs when the function is traced, which then happens once
    def step(x):
        print(x)
        return model(x)

    step(x)


# ---- auto
import random

import jax
import tensorflow as tf
from tensorflow import keras

model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
optimizer = keras.optimizers.Adam()
x = tf.ones((4, 3))
seen = []


for i in range(3):

    @tf.function  # unsafe: the loop sets model.trainable, which a trace may not see
    def step(x):
        return model(x)

    step(x)
    model.trainable = i > 1


# ---- auto
import keras
import numpy as np

units = 4
cfg = {'units': 4}


def grow():
    cfg['units'] += 1


for i in range(9):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(cfg['units']), keras.layers.Dense(1)])  # unsafe: what builds the model reads cfg['units'], and the loop sets ['units']
    model.compile("adam", "mse")
    model.fit(x, y)
    grow()


# ---- auto
import keras
import numpy as np

import os
import random

x, y = np.zeros((48, 6)), np.zeros((48, 1))
results = []


def build():
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(4), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    return model


for fold in range(3):
    model = build()  # unsafe: print(model) shows which model it is
    model.fit(x, y)
    print(model)


# ---- auto
import random

import jax
import tensorflow as tf
from tensorflow import keras

model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
optimizer = keras.optimizers.Adam()
x = tf.ones((4, 3))
seen = []


def score(x):
    f = tf.function(model)
    print(x)
    return f(x)


for i in range(3):
    y = score(x)  # no fix: score() does more than make the function


# ---- auto
import random

import jax
import tensorflow as tf
from tensorflow import keras

model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
optimizer = keras.optimizers.Adam()
x = tf.ones((4, 3))
seen = []


for i in range(3):

    @tf.function  # no fix: tf.Variable() makes a variable, for each function that is traced
    def step(x):
        v = tf.Variable(1.0)
        return x * v

    step(x)


# ---- auto
import keras
import numpy as np
import tensorflow as tf

x, y = np.zeros((9, 4)), np.zeros((9, 1))


def build():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.compile("adam", "mse")
    return model


for i in range(3):
    if i:
        print(step(x))
    step = tf.function(lambda batch: batch + 1)  # no fix: step is used in line 16, before it is made
    print(step(x))


# ---- auto
import keras
import numpy as np
import tensorflow as tf

x, y = np.zeros((9, 4)), np.zeros((9, 1))


def build():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.compile("adam", "mse")
    return model


for i in range(3):
    @tf.function  # no fix: @register may have an effect in every iteration
    @register
    def step(batch):
        return batch + 1

    print(step(x))


# ---- auto
import random

import jax
import tensorflow as tf
from tensorflow import keras

model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
optimizer = keras.optimizers.Adam()
x = tf.ones((4, 3))
seen = []


for i in range(3):

    @tf.function  # unsafe: model.count is set when the function is traced, which then happens once
    def step(x):
        model.count = 1
        return model(x)

    step(x)


# ---- auto
import keras
import numpy as np

class Halve(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        self.model.optimizer.momentum = 0.5


for i in range(9):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])  # unsafe: callbacks in line 12 may change the model
    model.compile("adam", "mse")
    model.fit(x, y, callbacks=[Halve()])


# ---- auto
import tensorflow as tf
from tensorflow import keras

tf.compat.v1.disable_eager_execution()

def build(units):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
    model.compile("adam", "mse")
    return model


tf.compat.v1.set_random_seed(1)

for units in (1, 2):
    model = build(units)  # unsafe: in graph mode a seed set before the loop is cleared with the graph
    model.fit(x, y)


# ---- auto
import keras
import numpy as np

import os
import random

x, y = np.zeros((48, 6)), np.zeros((48, 1))
results = []


for target in (y, z):
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(4), keras.layers.Dense(3)])  # unsafe: which accuracy it is depends on the shape of the first data
    model.compile('adam', 'mse', metrics=['accuracy'])
    model.fit(x, target)


# ---- auto
import random

import jax
import tensorflow as tf
from tensorflow import keras

model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
optimizer = keras.optimizers.Adam()
x = tf.ones((4, 3))
seen = []


for i in range(3):

    @tf.function  # unsafe: tf.random.normal() starts again in a function that is made again
    def step(x):
        x += tf.random.normal(x.shape)
        return model(x)

    step(x)


# ---- auto
import keras
import numpy as np

import os
import random

x, y = np.zeros((48, 6)), np.zeros((48, 1))
results = []


for fold in range(3):
    model = keras.Sequential([keras.layers.Dense(1, name='a')], name='m')  # unsafe: what is saved or copied of the model tells that it was built before its first run
    model.compile('adam', 'mse')
    model.fit(x, y)
    results.append(model.to_json())


# ---- auto
import tensorflow as tf
from tensorflow import keras

tf.compat.v1.disable_eager_execution()

def build(units):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
    model.compile("adam", "mse")
    return model


keras.backend.set_session(make_session())

for units in (1, 2):
    model = build(units)  # unsafe: the session that set_session() was given is dropped with its options
    model.fit(x, y)


# ---- auto
import random

import jax
import tensorflow as tf
from tensorflow import keras

model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
optimizer = keras.optimizers.Adam()
x = tf.ones((4, 3))
seen = []


noise = keras.layers.Dropout(0.5)
for i in range(3):

    @tf.function  # unsafe: in Keras 2 dropout starts again in a function that is made again
    def step(x):
        return model(x, training=True)

    step(x)


# ---- auto
import tensorflow as tf
from tensorflow import keras

tf.compat.v1.disable_eager_execution()

def build(units):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
    model.compile("adam", "mse")
    return model



base = build(3)
for units in (1, 2):
    model = build(units)  # no fix: base was made before the loop, and in graph mode is unusable once the session is cleared
    model.fit(x, base.predict(x))


# ---- auto
import keras
import numpy as np

def outer(units):
    def score():
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(units)])
        model.compile("adam", "mse")
        model.fit(x, y)
        return model.evaluate(x, y)

    for i in range(3):
        print(score())  # unsafe: what builds the model reads units of the function around, which may be another one


outer(3)
outer(4)


# ---- auto
import keras
import numpy as np
import tensorflow as tf

x, y = np.zeros((9, 4)), np.zeros((9, 1))


def build():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.compile("adam", "mse")
    return model


for layer in net.layers:
    part = keras.Model(net.inputs, layer.output)  # no fix: each model ends at another layer of one model
    print(part.predict(x))


# ---- auto
import random

import jax
import tensorflow as tf
from tensorflow import keras

model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
optimizer = keras.optimizers.Adam()
x = tf.ones((4, 3))
seen = []


for i in range(3):

    @tf.function  # unsafe: model.compile() in the loop may change what was traced
    def step(x):
        return model(x)

    step(x)
    model.compile()  # unsafe: it can be fixed once the unsafe fixes of this file are made


# ---- auto
import keras
import numpy as np

def more():
    global n
    n = 5


n = 4


def score(fold):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(n), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    model.fit(x[fold], y[fold])
    return model.evaluate(x, y)


for run in (1, 2):
    more()
    for fold in folds:
        print(score(fold))  # unsafe: what builds the model reads n, a global that a function changes


# ---- auto
import keras
import numpy as np

import os
import random

x, y = np.zeros((48, 6)), np.zeros((48, 1))
results = []


def units(seen=[]):
    seen += [0]
    return 3 + len(seen)


for fold in range(3):
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(units()), keras.layers.Dense(1)])  # unsafe: a default argument of units() may change
    model.compile("adam", "mse")
    model.fit(x, y)
    results.append(model.evaluate(x, y))


# ---- auto
import keras
import numpy as np
from keras.layers import Add, Dense, Input

x, y = np.random.rand(64, 4), np.random.rand(64, 1)
for fold in range(4):
    parts = [Input((4,)), Dense(3)]
    other = parts
    if fold == 2:
        other.append(Dense(3))
    model = keras.Sequential(parts)  # unsafe: what builds the model reads parts, which may change: line 8 gives it another name
    model.compile(loss="mse", optimizer="adam")
    model.fit(x, y)


# ---- auto
import keras
import numpy as np
from keras.layers import Add, Dense, Input

x, y = np.random.rand(64, 4), np.random.rand(64, 1)
widths = iter([3, 4, 5, 6, 7, 8, 9])
for fold in range(4):
    inputs = h = Input((4,))
    for _ in range(2):
        h = Dense(next(widths))(h)
    model = keras.Model(inputs, h)  # unsafe: what builds the model reads widths, which may change: it is used up
    model.compile(loss="mse", optimizer="adam")
    model.fit(x, y)


# ---- auto
import keras
import numpy as np

import os
import random

x, y = np.zeros((48, 6)), np.zeros((48, 1))
results = []


for fold in range(3):
    init = keras.initializers.GlorotUniform(seed=fold)
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(1, kernel_initializer=init)])  # unsafe: what is saved or copied of the model has the first one's settings, and they differ
    model.compile('adam', 'mse')
    model.fit(x, y)
    model.save('m.keras')


# ---- auto
import keras
import numpy as np
import tensorflow as tf

x, y = np.zeros((9, 4)), np.zeros((9, 1))


def build():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.compile("adam", "mse")
    return model


model = build()
for epoch in range(4):
    for other in models:
        model.compile("adam", "mse")  # unsafe: the model would be compiled even if the loop does not run at all, and may have been compiled otherwise
        model.evaluate(x, y)
    model = other


# ---- auto
import keras
import numpy as np

import os
import random

x, y = np.zeros((48, 6)), np.zeros((48, 1))
results = []


def build():
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(4), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    return model


for fold in range(3):
    model = build()  # unsafe: train_on_batch() is traced again for another number of rows, and may give other last bits
    model.train_on_batch(x[: 8 + fold], y[: 8 + fold])


# ---- auto
import keras
import numpy as np

import os
import random

x, y = np.zeros((48, 6)), np.zeros((48, 1))
results = []


def build():
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(4), keras.layers.BatchNormalization(), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    return model


for fold in range(3):
    model = build()  # unsafe: batch_size=8 + fold may differ, and what is traced again may give other last bits
    model.fit(x, y, batch_size=8 + fold)


# ---- auto
import keras
import numpy as np

import os
import random

x, y = np.zeros((48, 6)), np.zeros((48, 1))
results = []


class Box:
    n = 3

    def __len__(self):
        self.n += 1
        return self.n


box = Box()
for fold in range(3):
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(len(box)), keras.layers.Dense(1)])  # unsafe: len(box) runs code, which may give something else the next time
    model.compile("adam", "mse")
    model.fit(x, y)
    results.append(model.evaluate(x, y))


# ---- auto
import keras
import numpy as np

import os
import random

x, y = np.zeros((48, 6)), np.zeros((48, 1))
results = []


def counter():
    n = 3

    def count():
        nonlocal n
        n += 1
        return n

    return count


units = counter()
for fold in range(3):
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(units()), keras.layers.Dense(1)])  # unsafe: count() may give something else at its next call
    model.compile("adam", "mse")
    model.fit(x, y)
    results.append(model.evaluate(x, y))


# ---- auto
import os
import random
from pathlib import Path

import keras
import numpy as np
from keras.models import load_model

PATH = "scorer.keras"
opt = keras.optimizers.Adam()
net = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
lazy = keras.Sequential([keras.layers.Dense(1)])
start = net.get_weights()


def score(model, x):
    return model.predict(x).mean()


def tune(model, x):
    model.set_weights([2 * w for w in model.get_weights()])


for fold in folds:
    done = net.compile("adam", "mse")  # no fix: compile() is part of a larger statement
    net.fit(x)


# ---- auto
import keras
import numpy as np

x, y = np.zeros((60, 8)), np.zeros((60, 1))


def build_model(units=8):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units), keras.layers.Dropout(0.2), keras.layers.Dense(1)])
    model.compile(optimizer="adam", loss="mse")
    return model


for i in range(3):
    a = keras.Input((8,))
    model = keras.Model(a, [keras.layers.Dense(1)(a), keras.layers.Dense(1)(a)])  # unsafe: keras.Model() may have several outputs, which count by their automatic names
    model.compile('adam', 'mse')
    model.fit(x, [y, y])


# ---- auto
import keras
import numpy as np

x, y = np.zeros((60, 8)), np.zeros((60, 1))


def build_model(units=8):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units), keras.layers.Dropout(0.2), keras.layers.Dense(1)])
    model.compile(optimizer="adam", loss="mse")
    return model


for i in range(3):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(3, activation=keras.layers.PReLU()), keras.layers.Dense(1)])  # unsafe: keras.layers.PReLU() may have variables of its own
    model.compile(optimizer="adam", loss="mse")
    model.fit(x, y)


# ---- auto
import os
import random
from pathlib import Path

import keras
import numpy as np
from keras.models import load_model

PATH = "scorer.keras"
opt = keras.optimizers.Adam()
net = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
lazy = keras.Sequential([keras.layers.Dense(1)])
start = net.get_weights()


def score(model, x):
    return model.predict(x).mean()


def tune(model, x):
    model.set_weights([2 * w for w in model.get_weights()])


for fold in folds:
    net.compile(opt, "mse")  # no fix: the loop trains step by step, with metrics that compile() makes anew
    net.train_on_batch(x, y)


# ---- auto
import keras
import numpy as np

x, y = np.zeros((60, 8)), np.zeros((60, 1))
models = []


def peek():
    pass


class Experiment:
    def build(self):
        model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
        model.compile(optimizer="adam", loss="mse")
        return model

    def run(self):
        for fold in range(5):
            pass
            self.model = self.build()  # unsafe: the object is handed on in line 23, with its model
            self.model.fit(x, y)
            models.append(self)

    


experiment = Experiment()
experiment.run()


# ---- auto
import keras
import numpy as np

import os
import random

x, y = np.zeros((48, 6)), np.zeros((48, 1))
results = []


def score(deep):
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(4), keras.layers.Dense(1)])
    model.compile('adam', 'mse')
    model.fit(x, y, callbacks=[Again()] if deep else [])
    return model.evaluate(x, y)


class Again(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        results.append(score(False))


for i in range(2):
    results.append(score(True))  # unsafe: a callback calls score(), whose model is in use


# ---- auto
import os
import random
from pathlib import Path

import keras
import numpy as np
from keras.models import load_model

PATH = "scorer.keras"
opt = keras.optimizers.Adam()
net = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
lazy = keras.Sequential([keras.layers.Dense(1)])
start = net.get_weights()


def score(model, x):
    return model.predict(x).mean()


def tune(model, x):
    model.set_weights([2 * w for w in model.get_weights()])


def check(optimizer):
    for x in xs:
        net.compile(optimizer, "mse")  # no fix: it is not known whether compile() makes the optimizer anew
        net.fit(x)


# ---- auto
import keras
import numpy as np

x, y = np.zeros((60, 8)), np.zeros((60, 1))
models = []


def peek():
    experiment.model = None or build()


class Experiment:
    def build(self):
        model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
        model.compile(optimizer="adam", loss="mse")
        return model

    def run(self):
        for fold in range(5):
            pass
            self.model = self.build()  # unsafe: experiment.model is set in line 9 too
            self.model.fit(x, y)
            peek()

    


experiment = Experiment()
experiment.run()


# ---- auto
import os
import random
from pathlib import Path

import keras
import numpy as np
from keras.models import load_model

PATH = "scorer.keras"
opt = keras.optimizers.Adam()
net = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
lazy = keras.Sequential([keras.layers.Dense(1)])
start = net.get_weights()


def score(model, x):
    return model.predict(x).mean()


def tune(model, x):
    model.set_weights([2 * w for w in model.get_weights()])


for fold in folds:
    if fold:
        net.compile("adam", "mse")  # no fix: compile(), or what it reads, stands in a block of its own, not directly in the loop's body
    net.fit(x, y)


# ---- auto
import os
import random
from pathlib import Path

import keras
import numpy as np
from keras.models import load_model

PATH = "scorer.keras"
opt = keras.optimizers.Adam()
net = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
lazy = keras.Sequential([keras.layers.Dense(1)])
start = net.get_weights()


def score(model, x):
    return model.predict(x).mean()


def tune(model, x):
    model.set_weights([2 * w for w in model.get_weights()])


for fold in folds:
    lazy.compile("adam", "mse")  # no fix: compile() makes the optimizer anew, and that cannot be put back before the model has weights
    lazy.fit(x, y)


# ---- auto
import os
import random
from pathlib import Path

import keras
import numpy as np
from keras.models import load_model

PATH = "scorer.keras"
opt = keras.optimizers.Adam()
net = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
lazy = keras.Sequential([keras.layers.Dense(1)])
start = net.get_weights()


def score(model, x):
    return model.predict(x).mean()


def tune(model, x):
    model.set_weights([2 * w for w in model.get_weights()])


import tensorflow as tf
tf.compat.v1.disable_eager_execution()
for fold in folds:
    net.compile("adam", "mse")  # no fix: in graph mode the optimizer's state cannot be put back
    net.fit(x)


# ---- auto
import os
import random
from pathlib import Path

import keras
import numpy as np
from keras.models import load_model

PATH = "scorer.keras"
opt = keras.optimizers.Adam()
net = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
lazy = keras.Sequential([keras.layers.Dense(1)])
start = net.get_weights()


def score(model, x):
    return model.predict(x).mean()


def tune(model, x):
    model.set_weights([2 * w for w in model.get_weights()])


net.compile("adam", "mae")
for x in xs:
    net.compile("adam", "mse")  # unsafe: the model, compiled in line 24, would be compiled anew even if the loop does not run at all
    print(net.evaluate(x))


# ---- auto
import os
import random
from pathlib import Path

import keras
import numpy as np
from keras.models import load_model

PATH = "scorer.keras"
opt = keras.optimizers.Adam()
net = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
lazy = keras.Sequential([keras.layers.Dense(1)])
start = net.get_weights()


def score(model, x):
    return model.predict(x).mean()


def tune(model, x):
    model.set_weights([2 * w for w in model.get_weights()])


def check(model):
    for x in xs:
        model.compile(optimizer="adam", loss="mse")  # no fix: compile() makes the optimizer anew, and it is not known whether the model has weights by then
        model.fit(x)


# ---- auto
import os
import random
from pathlib import Path

import keras
import numpy as np
from keras.models import load_model

PATH = "scorer.keras"
opt = keras.optimizers.Adam()
net = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
lazy = keras.Sequential([keras.layers.Dense(1)])
start = net.get_weights()


def score(model, x):
    return model.predict(x).mean()


def tune(model, x):
    model.set_weights([2 * w for w in model.get_weights()])


class Gan(keras.Model):
    def compile(self, optimizer, loss):
        super().compile(loss=loss)
        self.second = optimizer

gan = Gan()
for fold in folds:
    gan.compile(optimizer="adam", loss="mse")  # no fix: the model's class has a compile() of its own
    gan.fit(x)


# ---- auto
import keras
import numpy as np


x, y = np.zeros((60, 8)), np.zeros((60, 1))
folds, kept_ones = np.split(np.arange(60), 5), []


class Trainer:
    model = keras.Sequential()

    def __init__(self, units=8):
        self.units = units
        self.model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units), keras.layers.Dense(1)])
        self.model.compile(optimizer="adam", loss="mse")
        pass

    def train(self, fold):
        self.model.fit(x[fold], y[fold])

    def score(self, fold):
        return self.model.evaluate(x[fold], y[fold])

    


for fold in folds:
    pass
    trainer = Trainer(8)  # unsafe: Trainer itself has model
    trainer.train(fold)
    pass
    print(trainer.score(fold))


# ---- auto
import keras
import numpy as np


x, y = np.zeros((60, 8)), np.zeros((60, 1))
folds, kept_ones = np.split(np.arange(60), 5), []


class Trainer:
    limit = 1

    def __init__(self, units=8):
        self.units = units
        self.model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units), keras.layers.Dense(1)])
        self.model.compile(optimizer="adam", loss="mse")
        pass

    def train(self, fold):
        self.model.fit(x[fold], y[fold])

    def score(self, fold):
        return self.model.evaluate(x[fold], y[fold])

    


def go(n):
    for fold in folds:
        trainer = Trainer(8)  # unsafe: go() calls itself, and its objects would share one self.model
        if n:
            go(n - 1)
        trainer.train(fold)


go(2)


# ---- auto
import keras
import numpy as np


x, y = np.zeros((60, 8)), np.zeros((60, 1))
folds, kept_ones = np.split(np.arange(60), 5), []


class Trainer:
    limit = 1

    def __init__(self, units=8):
        self.units = units
        self.model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units), keras.layers.Dense(1)])
        self.model.compile(optimizer="adam", loss="mse")
        pass

    @profile
    def train(self, fold):
        self.model.fit(x[fold], y[fold])

    def score(self, fold):
        return self.model.evaluate(x[fold], y[fold])

    


for fold in folds:
    pass
    trainer = Trainer(8)  # unsafe: a decorator may change Trainer.train()
    trainer.train(fold)
    pass
    print(trainer.score(fold))


# ---- auto
import keras
import numpy as np

class Base:
    pass

x, y = np.zeros((60, 8)), np.zeros((60, 1))
folds, kept_ones = np.split(np.arange(60), 5), []


class Trainer(Base):
    limit = 1

    def __init__(self, units=8):
        self.units = units
        self.model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units), keras.layers.Dense(1)])
        self.model.compile(optimizer="adam", loss="mse")
        pass

    def train(self, fold):
        self.model.fit(x[fold], y[fold])

    def score(self, fold):
        return self.model.evaluate(x[fold], y[fold])

    


for fold in folds:
    pass
    trainer = Trainer(8)  # unsafe: Trainer derives from another class
    trainer.train(fold)
    pass
    print(trainer.score(fold))


# ---- auto
import keras
import numpy as np


x, y = np.zeros((60, 8)), np.zeros((60, 1))
folds, kept_ones = np.split(np.arange(60), 5), []


class Trainer:
    limit = 1

    def __init__(self, units=8):
        self.units = units
        self.model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units), keras.layers.Dense(1)])
        self.model.compile(optimizer="adam", loss="mse")
        pass

    def train(self, fold):
        self.model.fit(x[fold], y[fold])

    def score(self, fold):
        return self.model.evaluate(x[fold], y[fold])

    


for fold in folds:
    pass
    trainer = Trainer(8)  # unsafe: setattr() in line 31 may change an object; trainer holds the model and is used in line 31; setattr() is called in the loop
    trainer.train(fold)
    setattr(trainer, 'units', 9)
    print(trainer.score(fold))


# ---- auto
import keras
import numpy as np


x, y = np.zeros((60, 8)), np.zeros((60, 1))
folds, kept_ones = np.split(np.arange(60), 5), []


class Trainer:
    limit = 1

    def __init__(self, units=8):
        self.units = units
        self.model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units), keras.layers.Dense(1)])
        self.model.compile(optimizer="adam", loss="mse")
        pass

    def train(self, fold):
        self.model.fit(x[fold], y[fold])

    def score(self, fold):
        return self.model.evaluate(x[fold], y[fold])

    pass


class Child(Trainer):
    pass


for fold in folds:
    pass
    trainer = Trainer(8)  # unsafe: objects of the class would share one self.model; another class derives from Trainer
    trainer.train(fold)
    pass
    print(trainer.score(fold))


# ---- auto
import keras
import numpy as np

import threading

x, y = np.zeros((60, 8)), np.zeros((60, 1))
folds, kept_ones = np.split(np.arange(60), 5), []


class Trainer:
    limit = 1

    def __init__(self, units=8):
        self.units = units
        self.model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units), keras.layers.Dense(1)])
        self.model.compile(optimizer="adam", loss="mse")
        pass

    def train(self, fold):
        self.model.fit(x[fold], y[fold])

    def score(self, fold):
        return self.model.evaluate(x[fold], y[fold])

    


for fold in folds:
    pass
    trainer = Trainer(8)  # unsafe: trainer holds the model and is used in line 32; the file uses threads, and one kept model cannot serve two at a time
    trainer.train(fold)
    threading.Thread(target=trainer.train, args=(fold,)).start()
    print(trainer.score(fold))


# ---- auto
import keras
import numpy as np
import tensorflow as tf

x, y = np.zeros((9, 4)), np.zeros((9, 1))


def build():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.compile("adam", "mse")
    return model


critic, gan = keras.Sequential([keras.layers.Dense(1)]), keras.Sequential([keras.layers.Dense(2)])
for epoch in range(4):
    critic.trainable = True
    critic.compile("adam", "mse")  # no fix: trainable changes between two models, whose optimizers would go on from iteration to iteration
    critic.train_on_batch(x, y)
    critic.trainable = False
    gan.compile("adam", "mse")  # no fix: trainable changes between two models, whose optimizers would go on from iteration to iteration
    gan.train_on_batch(x, y)


# ---- auto
import keras
import numpy as np
import tensorflow as tf

x, y = np.zeros((9, 4)), np.zeros((9, 1))


def build():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.compile("adam", "mse")
    return model


model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])


def train():
    model.fit(x, y)


for epoch in range(3):
    train()
    model.compile("adam", "mse")  # no fix: the model is used before it is compiled


# ---- auto
import keras
import numpy as np
import tensorflow as tf

x, y = np.zeros((9, 4)), np.zeros((9, 1))


def build():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.compile("adam", "mse")
    return model


size = 1


def grow():
    global size
    size += 1


for i in range(3):
    step = tf.function(lambda batch: batch * size)  # unsafe: a function sets size, which a trace does not see
    print(step(x))
    grow()


# ---- auto
import keras
import numpy as np
import tensorflow as tf

x, y = np.zeros((9, 4)), np.zeros((9, 1))


def build():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.compile("adam", "mse")
    return model


from mine import names

for i in range(3):
    step = tf.function(lambda batch: batch + 1, name=(yield_name := names[0]))  # no fix: making it has an effect of its own
    print(step(x))


# ---- auto
import keras
import numpy as np
import tensorflow as tf

x, y = np.zeros((9, 4)), np.zeros((9, 1))


def build():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.compile("adam", "mse")
    return model


def make():
    return tf.function(lambda batch: batch * 2)


def other():
    return tf.function(lambda batch: batch * 3)


for i in range(3):
    step = (make if x.any() else other)()  # no fix: it is not clear which function make if x.any() else other() is
    print(step(x))


# ---- auto
import flask
import keras

app = flask.Flask(__name__)


@app.route("/")
def index():
    model = keras.models.load_model("m.keras")  # no fix: requests are served side by side, in threads or processes
    return str(model.predict(x))


# ---- auto
import flwr as fl
import keras


def client_fn(cid):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])  # no fix: clients run side by side, in processes of their own
    model.compile("adam", "mse")
    model.fit(x, y)
    return Client(model)


fl.client.ClientApp(client_fn)


# ---- auto
import keras
import ray


@ray.remote
def train(n):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    return model.fit(x, y).history


for n in range(3):
    train.remote(n)  # no fix: each call runs in a worker process


# ---- auto
import keras
from scikeras.wrappers import KerasRegressor


def build():
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    return model


est = KerasRegressor(build)
for fold in range(3):
    est.fit(x, y)  # no fix: the estimator builds a model in each fit, and has it for itself


# ---- auto
import tensorflow as tf


def make_step(number):
    @tf.function
    def step(x):
        return x * 2.0

    return step


for number in range(9):
    step = make_step(number)  # no fix: it gets number, which every iteration binds
    step(tf.ones(3))
