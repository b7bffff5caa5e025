# ---- reuse
import keras
import numpy as np
import tensorflow as tf

x, y = np.zeros((9, 4)), np.zeros((9, 1))


def build():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.compile("adam", "mse")
    return model


for i in range(3):
    build()  # no fix: what it builds is not used


# ---- reuse
import keras
import numpy as np
import tensorflow as tf

x, y = np.zeros((9, 4)), np.zeros((9, 1))


def build():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.compile("adam", "mse")
    return model


for i in range(3):
    model = build()  # no fix: adapt() changes the model
    model.adapt(x)
    model.fit(x, y)


# ---- reuse
import keras
import numpy as np
import tensorflow as tf

x, y = np.zeros((9, 4)), np.zeros((9, 1))


def build():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.compile("adam", "mse")
    return model


slots = [None]
for i in range(3):
    slots[0] = build()  # no fix: it is put into a collection
    slots[0].fit(x, y)


# ---- reuse, helper module
import keras
import numpy as np


for i in range(3):
    class Same(keras.layers.Layer):
        def call(self, inputs):
            return inputs

    model = keras.Sequential([keras.Input((4,)), Same(), keras.layers.Dense(1)])  # no fix: the class Same is defined anew in every iteration, so no model is like the one before
    model.compile("adam", "mse")
    model.fit(x, y)


# ---- reuse
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
    for i in range(3):
        model = build()  # no fix: model is a global name, which holds the model beyond the function
        model.fit(x, y)


# ---- reuse
import keras
import numpy as np
import tensorflow as tf

x, y = np.zeros((9, 4)), np.zeros((9, 1))


def build():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.compile("adam", "mse")
    return model


for i in range(3):
    holder.model = build()  # unsafe: holder may be kept, and the model in it; holder.model can be changed from elsewhere
    holder.model.fit(x, y)


# ---- reuse, helper module
import keras
import numpy as np


class Run:
    def loss(self, a, b):
        return self.cfg.alpha * (a - b)

    def run(self):
        for i in range(3):
            self.cfg.step()
            model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])  # unsafe: what is compiled reads self.cfg, which changes in the loop
            model.compile("adam", self.loss)
            model.fit(x, y)


# ---- reuse, helper module
import keras
import numpy as np


def build(loss="mse", optimizer="adam", metrics=None):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile(optimizer, loss, metrics=[keras.metrics.AUC()])
    return model

for i in range(3):
    model = build()  # unsafe: 'auc' is looked up, a name that Keras counts up, and a kept model keeps its own
    history = model.fit(x, y)
    print(history.history['auc'])


# ---- reuse, helper module
import keras
import numpy as np


def build(loss="mse", optimizer="adam", metrics=None):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile(optimizer, loss, metrics=[keras.metrics.AUC()])
    return model

for i in range(3):
    model = build()  # unsafe: evaluate() with return_dict reads names that Keras counts up (auc)
    history = model.fit(x, y)
    print(model.evaluate(x, y, return_dict=True))


# ---- reuse, helper module
import keras
import numpy as np


def build(loss="mse", optimizer="adam", metrics=None):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile(optimizer, loss, metrics=metrics)
    return model

for i in range(3):
    model = build()  # unsafe: weights are loaded by names that Keras counts up, and a kept model keeps its own
    history = model.fit(x, y)
    model.save_weights('w.h5')
build().load_weights('w.h5', by_name=True)


# ---- reuse
import keras
import numpy as np
import tensorflow as tf

x, y = np.zeros((9, 4)), np.zeros((9, 1))


def build():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.compile("adam", "mse")
    return model


def scores(net):
    for row in x:
        yield net.predict(row)


for i in range(3):
    model = build()  # unsafe: scores() goes on with the model later; line 22 hands the model on
    model.fit(x, y)
    later = scores(model)


# ---- reuse
import keras
import numpy as np
import tensorflow as tf

x, y = np.zeros((9, 4)), np.zeros((9, 1))


def build():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.compile("adam", "mse")
    return model


found = {}
for i in range(3):
    layer = keras.layers.Dense(3)
    found["first"] = layer
    model = keras.Sequential([keras.Input((4,)), layer])  # no fix: layer, a part of the model, is stored
    model.compile("adam", "mse")
    model.fit(x, y)


# ---- reuse
import keras
import numpy as np
import tensorflow as tf

x, y = np.zeros((9, 4)), np.zeros((9, 1))


def build():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.compile("adam", "mse")
    return model


class cfg:
    units = 3


for i in range(3):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(cfg.units)])  # unsafe: cfg.__dict__ may set anything
    model.compile("adam", "mse")
    model.fit(x, y)
    print(cfg.__dict__)


# ---- reuse
import keras
import numpy as np
import tensorflow as tf

x, y = np.zeros((9, 4)), np.zeros((9, 1))


def build():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.compile("adam", "mse")
    return model


def run():
    model = keras.Sequential([keras.Input((4,)), layer])
    model.compile("adam", "mse")
    model.fit(x, y)


for i in range(3):
    layer = keras.layers.Dense(3)
    run()  # unsafe: layer, a part of the model, is made in a loop; what builds the model reads layer, which may be bound again


# ---- reuse
import keras
import numpy as np
import tensorflow as tf

x, y = np.zeros((9, 4)), np.zeros((9, 1))


def build():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.compile("adam", "mse")
    return model


data = {"a": x}
for i in range(3):
    model = keras.Sequential([keras.layers.Dense(1)])  # no fix: the model has no weights before it first sees data, which is no array
    model.compile("adam", "mse")
    model.fit(data, y)


# ---- reuse, helper module
import keras
import numpy as np


def build(loss="mse", optimizer="adam", metrics=None):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile(optimizer, loss, metrics=metrics)
    return model

for i in range(3):
    model = build()  # unsafe: saved models are loaded to be joined, and those of a kept model have one name
    history = model.fit(x, y)
    model.save(f'{i}.keras')
a = keras.models.load_model('0.keras')
b = keras.models.load_model('1.keras')
both = keras.Model(a.inputs, keras.layers.Average()([a.output, b.output]))


# ---- reuse, helper module
import keras
import numpy as np


def build(loss="mse", optimizer="adam", metrics=None):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile(optimizer, loss, metrics=metrics)
    return model

for i in range(3):
    model = build()  # unsafe: saved models are loaded together in line 14, and those of a kept model have one name
    history = model.fit(x, y)
    model.save(f'{i}.keras')
members = [keras.models.load_model(f'{i}.keras') for i in range(3)]


# ---- reuse, helper module
import keras
import numpy as np


def build(loss="mse", optimizer="adam", metrics=None):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile(optimizer, loss, metrics=metrics)
    return model

for i in range(9):
    if os.path.exists('m.keras'):
        model = keras.models.load_model('m.keras')  # no fix: the model is built only until its file is there, so there is nothing to keep
    else:
        model = build()  # no fix: the model is built only until its file is there, so there is nothing to keep
        model.fit(x, y)
        model.save('m.keras')
    print(model.predict(x))


# ---- reuse
import keras
import numpy as np
import tensorflow as tf

x, y = np.zeros((9, 4)), np.zeros((9, 1))


def build():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.compile("adam", "mse")
    return model


weight = 1


def loss(a, b):
    return weight * keras.losses.mse(a, b)


def run(fold):
    global weight
    weight = fold
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.compile("adam", loss)
    model.fit(x, y)


for i in range(3):
    run(i)  # unsafe: loss() reads weight, a global that the loop binds; loss reads weight, a global that a function changes


# ---- reuse
import keras
import numpy as np
import tensorflow as tf

x, y = np.zeros((9, 4)), np.zeros((9, 1))


def build():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.compile("adam", "mse")
    return model


class Trainer:
    def __init__(self):
        self.first = keras.layers.Dense(3)

    def run(self):
        model = keras.Sequential([keras.Input((4,)), self.first])
        model.compile("adam", "mse")
        model.fit(x, y)


trainer = Trainer()
for i in range(3):
    trainer.run()  # unsafe: self.first, a part of the model, comes from the object; what builds the model reads self.first, which may be something else in another object


# ---- reuse
import keras
import numpy as np
import tensorflow as tf

x, y = np.zeros((9, 4)), np.zeros((9, 1))


def build():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.compile("adam", "mse")
    return model


class Trainer:
    def train(self):
        self.model = build()
        self.model.fit(x, y)

    def show(this):
        print(this)


for i in range(3):
    trainer = Trainer()
    trainer.train()  # unsafe: show() calls its object this


# ---- reuse
import keras
import numpy as np
import tensorflow as tf

x, y = np.zeros((9, 4)), np.zeros((9, 1))


def build():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.compile("adam", "mse")
    return model


def run_a():
    build().fit(x, y)


def run_b():
    build().fit(x[1:], y[1:])


for i in range(3):
    (run_a if x.any() else run_b)()  # no fix: it is not clear which function run_a if x.any() else run_b() calls


# ---- reuse
import keras
import numpy as np
import tensorflow as tf

x, y = np.zeros((9, 4)), np.zeros((9, 1))


def build():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.compile("adam", "mse")
    return model


def build_with(size):
    model = build()
    if size:
        return model, size
    return model


def run(size):
    model = build_with(size)
    model.fit(x, y)


for i in range(3):
    run(0)  # no fix: build_with() returns more than the model


# ---- reuse
import keras
import numpy as np
from reports import annotate

x, y = np.zeros((9, 4)), np.zeros((9, 1))

for i in range(9):
    model = keras.Sequential([keras.Input((4,)), keras.layers.LSTM(4, "sigmoid"), keras.layers.Dense(1)])  # unsafe: a kept model with the activation 'sigmoid' is not tested to give the same bits
    model.compile("adam", "mse")
    model.fit(x, y)

for i in range(9):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4), keras.layers.Dense(1)])  # unsafe: a part of the model is handed to annotate(); layers in line 15 may change the model
    model.compile("adam", "mse")
    annotate(model.layers[0])
    model.fit(x, y)
