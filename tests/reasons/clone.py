# ---- clone
from keras.models import clone_model, Sequential
template = Sequential()
for i in x:
    m = clone_model(template)  # no fix: the loop clones a model already
    m.fit(i)


# ---- clone
from keras import Sequential
for i in x:
    model = Sequential()  # no fix: nothing that the file imports leads to clone_model()
    model.fit(i)


# ---- clone
import keras
import numpy as np


def build(units=4):
    return keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])


models = list(map(build, sizes))  # no fix: map() makes the calls, there is no loop body to write into


# ---- clone
import keras
import numpy as np


def build(units=4):
    return keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])


for i in x:
    models.append(build(np.random.randint(3)))  # no fix: np.random.randint() has to be called in every iteration


# ---- clone
import keras
import numpy as np


def build(units=4):
    return keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])



for fold in folds:
    model = keras.applications.VGG16()  # no fix: VGG16() comes with weights, which a clone does not have
    model.fit(x)


# ---- clone
import keras
import numpy as np


def build(units=4):
    return keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])



for fold in folds:
    model = keras.models.load_model("m.keras")  # no fix: load_model() gives the model weights, which a clone does not have
    model.fit(x)


# ---- clone
import keras
import numpy as np


def build(units=4):
    return keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])



def make():
    model = build()
    return model.evaluate(x)

for fold in folds:
    print(make())  # no fix: make(), which the loop calls, builds and uses the model


# ---- clone
import keras
import numpy as np


def build(units=4):
    return keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])



class Net(keras.Model):
    pass

for fold in folds:
    model = Net()  # no fix: a subclass of Model can be cloned only where its get_config() gives all of it back
    model.fit(x)


# ---- clone
import keras
import numpy as np


def build(units=4):
    return keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])



for fold in folds:
    model = keras.Sequential([keras.Input((8,)), keras.layers.Lambda(lambda x: x + 1)])  # no fix: a Lambda layer's Python function cannot be cloned
    model.fit(x)


# ---- clone
import keras
import numpy as np


def build(units=4):
    return keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])



def make():
    keras.backend.clear_session()
    return build()

for fold in folds:
    model = make()  # no fix: make() clears the session, which has to happen in every iteration
    model.fit(x)


# ---- clone
import keras
import numpy as np


def build(units=4):
    return keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])



for fold in folds:
    model = build()  # no fix: the block in line 12 prepares the model
    for layer in model.layers:
        layer.trainable = False
    model.compile("adam", "mse")
    model.fit(x)


# ---- clone
import keras
import numpy as np


def build(units=4):
    return keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])



class Scale(keras.layers.Layer):
    pass

for fold in folds:
    model = keras.Sequential([keras.Input((8,)), Scale()])  # no fix: Scale is the project's own class, which a clone finds only if it is registered
    model.fit(x)


# ---- clone
import keras
import numpy as np


for fold in folds:
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1, keras.initializers.GlorotUniform(seed=1))])  # unsafe: under one seed a clone starts from other weights than a model built again, unless the model is linear; an initializer with a fixed seed gives every clone the same weights
    model.fit(x)


# ---- clone
import keras
import numpy as np


def make():
    model = keras.Sequential([keras.Input((8,))])
    model.compile("adam", "mse")
    return model

for fold in folds:
    model = make()  # unsafe: under one seed a clone starts from other weights than a model built again, unless the model is linear; the function that builds the model compiles it, and Keras 2 does not compile the clone
    model.fit(x)


# ---- clone
import keras
import numpy as np


def build(units=4):
    return keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])



def swish(x):
    return x

def make():
    return keras.Sequential([keras.Input((8,)), keras.layers.Dense(1, activation=swish)])

for fold in folds:
    model = make()  # no fix: Dense() is given a function of the project, which a clone finds only if it is registered
    model.fit(x)
