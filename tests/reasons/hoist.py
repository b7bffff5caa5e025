# ---- hoist
import keras
import numpy as np

def build(units=4):
    return keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])







for fold in folds:
    print(build().evaluate(x, y))  # no fix: the model is not assigned to a name by itself


# ---- hoist
import keras
import numpy as np

def build(units=4):
    return keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])








for fold in folds:
    model = build()  # no fix: model is deleted in line 17
    model.fit(x)
    del model


# ---- hoist
import keras
import numpy as np

def build(units=4):
    return keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])







scores = [build().evaluate(x, y) for _ in range(3)]  # no fix: a comprehension or map() has no body to write into


# ---- hoist
import keras
import numpy as np

def build(units=4):
    return keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])








for fold in folds:
    model = build(size := 3)  # no fix: what builds the model has an effect of its own
    model.fit(x)


# ---- hoist
import keras
import numpy as np

def build(units=4):
    return keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])








for fold in folds:
    size = read_size()
    model = build(size)  # no fix: read_size() in line 15 may do more than build the model
    model.fit(x)


# ---- hoist
import keras
import numpy as np

def build(units=4):
    return keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])








for fold in folds:
    if fold:
        model = build()  # no fix: the model is built in a block of its own, not directly in the loop's body
        model.fit(x[fold])


# ---- hoist
import keras
import numpy as np

def build(units=4):
    return keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])








import tensorflow as tf
tf.compat.v1.disable_eager_execution()
for fold in folds:
    model = build()  # no fix: in graph mode the model's state cannot be put back
    model.fit(x)


# ---- hoist
import keras
import numpy as np

def build(units=4):
    return keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])








model = None
for fold in folds:
    if model is not None:
        print("again")
    model = build()  # no fix: model is used in line 16, before the new model is complete
    model.fit(x)


# ---- hoist
import keras
import numpy as np


def build(units=4):
    return keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])



for fold in folds:
    model = build()  # unsafe: the model is called in line 13, and may be training, which loading weights may not undo
    model.load_weights(fold)
    model(x, training=True)


# ---- hoist
import keras
import numpy as np


def build(units=4):
    return keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])



for fold in folds:
    model = build()  # unsafe: every iteration would start from the same random state, and load_weights() may load the optimizer's state too
    model.set_weights(weights)
    model.fit(x)


# ---- hoist
import keras
import numpy as np


def build(units=4):
    return keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])



for fold in folds:
    model = build()  # unsafe: every iteration would start from the same weights; the Nadam optimizer of Keras 2 keeps a count that cannot be put back
    model.compile("nadam", "mse")
    model.fit(x)


# ---- hoist
import keras
import numpy as np


def build(units=4):
    return keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])



model = build()
model.fit(x)
for fold in folds:
    model = build()  # unsafe: model has a value before the loop, and would lose it even if the loop does not run
    model.load_weights(fold)
    model.predict(x)
model.predict(x)


# ---- hoist
import keras
import numpy as np


def build(units=4):
    return keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])



import random
keras.utils.set_random_seed(1)
for fold in folds:
    model = build()  # unsafe: building draws from Python's random numbers, and so does random.random()
    model.load_weights(fold)
    model.predict(random.random() * x)


# ---- hoist
import keras
import numpy as np


def build(units=4):
    return keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])



for fold in folds:
    model = keras.Sequential([keras.Input((8,)), keras.layers.Lambda(noise)])  # unsafe: keras.layers.Lambda() is not one of the library's layers and may keep something, which loading weights may not undo
    model.load_weights(fold)
    model.predict(x)


# ---- hoist
import keras
import numpy as np


def build(units=4):
    return keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])



for fold in folds:
    model = keras.models.load_model("m.keras")  # unsafe: fit() in line 12 may change the model, and every iteration would start from the same random state; model.save() may write the file that the model is loaded from
    model.fit(x)
    model.save("m.keras")


# ---- hoist
import keras
import numpy as np


def build(units=4):
    return keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])



for fold in folds:
    inputs = keras.Input((8,))
    outputs = keras.layers.Dropout(0.5)(inputs, training=True)
    model = keras.Model(inputs, outputs)  # unsafe: a layer in line 12 runs as in training, which loading weights may not undo
    model.load_weights(fold)
    model.predict(x)


# ---- hoist
import keras
import numpy as np
import tensorflow as tf

x, y = np.zeros((9, 4)), np.zeros((9, 1))


def build():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.compile("adam", "mse")
    return model


import shutil

for row in x:
    model = keras.models.load_model("m.keras")  # unsafe: the file that the model is loaded from may be written during shutil.copy()
    print(model.predict(row))
    shutil.copy("other.keras", "m.keras")


# ---- hoist
import keras
import numpy as np
import tensorflow as tf

x, y = np.zeros((9, 4)), np.zeros((9, 1))


def build():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.compile("adam", "mse")
    return model


def run():
    global model
    for row in x:
        model = keras.models.load_model("m.keras")  # unsafe: model is a global name, which others may change, and every iteration would start from the same random state
        print(model.predict(row))


# ---- hoist
import keras
import numpy as np
import tensorflow as tf

x, y = np.zeros((9, 4)), np.zeros((9, 1))


def build():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.compile("adam", "mse")
    return model


for path in paths:
    sizes = [4]
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(sizes[0])])  # no fix: sizes is changed in line 19, and every iteration would go on with that
    model.load_weights(path)
    print(model.predict(x))
    sizes.append(3)


# ---- hoist
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


for x in xs:
    model = load_model(latest())  # unsafe: it is not certain that the same file is loaded
    model.predict(x)


# ---- hoist
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


for x in xs:
    model = load_model(PATH)  # unsafe: line 26 hands the model on, and every iteration would start from the same random state; the model goes where it is not followed
    scaled = model @ other


# ---- hoist
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



keras.utils.set_random_seed(1)
for x in xs:
    model = load_model(PATH)  # unsafe: loading draws random numbers, and so does keras.Sequential()
    model.predict(x)
    small = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])  # no fix: the loop does not use the model
