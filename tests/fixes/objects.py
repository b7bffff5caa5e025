"""Models in attributes, methods and objects."""
import keras
import numpy as np
from keras import layers

x, y = np.load("x.npy"), np.load("y.npy")


class Experiment:
    def __init__(self):
        self.scores = []
        self.models = []

    def build(self):
        model = keras.Sequential([keras.Input((4,)), layers.Dense(1)])
        model.compile("adam", "mse")
        return model

    def cross_validate(self):
        for fold in range(5):
            model = self.build()  # -> reuse
            model.fit(x, y)
            self.scores.append(model.evaluate(x, y))

    def in_attribute(self):
        for fold in range(5):
            self.current = self.build()  # -> reuse
            self.current.fit(x, y)
            self.scores.append(self.current.evaluate(x, y))

    def kept_by_another_method(self):
        for fold in range(5):
            self.model = self.build()  # -> none: collected
            self.model.fit(x, y)
            self.remember()

    def remember(self):
        self.models.append(self.model)

    def fold(self, data):
        net = self.build()
        net.fit(data, y)
        return net.predict(data)

    def all_folds(self):
        return [self.fold(data) for data in np.split(x, 4)]  # -> reuse

    def fold_in_attribute(self, data):
        self.net = self.build()
        self.net.fit(data, y)

    def all_in_attribute(self):
        for data in np.split(x, 4):
            self.fold_in_attribute(data)  # -> reuse unsafe: objects of the class would share one self.net
            print(self.net.predict(data))


class Trainer:
    def __init__(self, model):
        self.model = model

    def run(self):
        self.model.fit(x, y)
        return self.model.evaluate(x, y)


def build():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1)])
    model.compile("adam", "mse")
    return model


# an object around the model that lasts as long
for fold in range(5):
    model = build()  # -> reuse
    trainer = Trainer(model)
    print(trainer.run())

for fold in range(5):
    model = build()  # -> reuse
    print(Trainer(model).run())

# one that lasts longer
trainers = []
for fold in range(5):
    model = build()  # -> none: every iteration
    trainer = Trainer(model)
    trainer.run()
    trainers.append(trainer)

trainer = None
for fold in range(5):
    model = build()  # -> none: trainer
    if trainer is not None:
        print(trainer.run())
    trainer = Trainer(model)

best = None
for fold in range(5):
    model = build()  # -> reuse unsafe: trainer holds the model
    trainer = Trainer(model)
    if best is None or trainer.run() < 1:
        best = trainer


# built inside an object
class Net:
    def __init__(self):
        self.model = build()

    def fit(self, data):
        self.model.fit(data, y)


for fold in range(5):
    net = Net()  # -> reuse
    net.fit(x)


class Lazy:
    def fit(self, data):
        self.model = build()
        self.model.fit(data, y)
        return self


lazy = Lazy()
for data in np.split(x, 3):
    lazy.fit(data)  # -> none: inside the object that fit() makes


# a model class of the file
class Tiny(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(1)

    def call(self, inputs):
        return self.dense(inputs)


for fold in range(5):
    model = Tiny()  # -> reuse
    model.compile("adam", "mse")
    model.fit(x, y)

for fold in range(5):
    model = Tiny()  # -> none: no weights before it first sees data
    model.compile("adam", "mse")
    data, targets = x[fold:], y[fold:]
    model.fit(data, targets)

for fold in range(5):
    model = Tiny()  # -> none: no weights before it first sees data
    model.compile("adam", "mse")
    for data in np.split(x, 3):
        model.train_on_batch(data, y)
