# ---- clear
import keras
import optuna

optuna.create_study().optimize(lambda trial: keras.Sequential([keras.layers.Dense(1)]).evaluate(x, y))  # no fix: a lambda has no body to write into


# ---- clear
import keras
import numpy as np

for i in x: keras.backend.clear_session(); model = keras.Sequential(); model.fit(i)  # no fix: the session is cleared in every iteration already


# ---- clear
from keras.models import Sequential
for i in x:
    model = Sequential()  # no fix: nothing that the file imports leads to clear_session()
    model.fit(x, y)


# ---- clear
import keras
import numpy as np


def build(units):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
    model.compile("adam", "mse")
    return model



with strategy.scope():
    for units in (1, 2):
        model = build(units)  # no fix: the loop stands in a distribution scope, where clear_session() raises
        model.fit(x, y)


# ---- clear
import keras
import numpy as np


def build(units):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
    model.compile("adam", "mse")
    return model



for units in (1, 2):
    model = build(units)  # no fix: clear_session() reads what the iteration makes
    if model.fit(x, y):
        continue
    keras.backend.clear_session(units)


# ---- clear
import keras
import numpy as np


def build(units):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
    model.compile("adam", "mse")
    return model



for units in (1, 2):
    model = build(units)  # unsafe: automatic names start again after clearing, and the loop reads 'dense_2'
    model.fit(x, y)
    print(model.get_layer('dense_2'))


# ---- clear
import keras
import numpy as np


def build(units):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
    model.compile("adam", "mse")
    return model



with graph.as_default():
    for units in (1, 2):
        model = build(units)  # no fix: the loop stands in a graph or session of its own, where clear_session() raises
        model.fit(x, y)


# ---- clear
import keras
import numpy as np


def build(units):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
    model.compile("adam", "mse")
    return model



import tensorflow as tf

@tf.function
def search():
    for units in (1, 2):
        model = build(units)  # no fix: the loop stands in a tf.function, where clear_session() raises
        model.fit(x, y)


# ---- clear
import keras
import numpy as np


def build(units):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
    model.compile("adam", "mse")
    return model



for units in (1, 2):
    model = build(units)  # unsafe: clear_session() resets the dtype policy, custom objects, distribution, logging and keras.random in Keras 3
    model.fit(x, y)
    noise = keras.random.normal((3,))


# ---- clear
import keras
import optuna


from scikeras.wrappers import KerasRegressor
from sklearn.model_selection import GridSearchCV, cross_val_score

def build():
    return keras.Sequential([keras.layers.Dense(1)])  # unsafe: what is in use between the calls of GridSearchCV() is not known; the function returns the model, and models of different iterations get equal names

GridSearchCV(KerasRegressor(build), {})


# ---- clear
import keras
import numpy as np


def build(units):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
    model.compile("adam", "mse")
    return model



inputs = keras.Input((8,))
for units in (1, 2):
    model = keras.Model(inputs, keras.layers.Dense(units)(inputs))  # unsafe: inputs was made before the loop, and what is made after clearing gets the same names
    model.fit(x, y)


# ---- clear
import keras
import numpy as np


def build(units):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
    model.compile("adam", "mse")
    return model



for units in (1, 2):
    model = build(units)  # no fix: clear_session() is called where it cannot be moved from
    if model.fit(x, y):
        continue
    done = keras.backend.clear_session()


# ---- clear
import keras
import tensorflow as tf
from reports import describe

tf.compat.v1.disable_eager_execution()

for i in range(9):
    model = keras.Sequential([keras.layers.Dense(1)])  # unsafe: the model is handed to describe(), which may keep it; in graph mode a model is unusable once the session is cleared
    model.compile("adam", "mse")
    describe(model)
    model.fit(x, y)
