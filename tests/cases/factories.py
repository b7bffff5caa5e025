"""Functions, methods and classes that build a model, at any depth and under any name."""
import functools
from functools import partial

import keras
from keras import layers


def lenet5(width=8, compile=True):
    model = keras.Sequential([layers.Dense(width)])
    if compile:
        model.compile("adam", "mse")
    return model


def through(width):
    return once_more(width)


def once_more(width):
    return lenet5(width)


def experiment(fold):
    model = lenet5()
    model.fit(fold)
    return model.evaluate(fold)


def timed(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


@timed
def decorated():
    return keras.Sequential()


class Classifier:
    def __init__(self, width):
        self.model = self._build(width)

    def _build(self, width):
        return keras.Sequential([layers.Dense(width)])


class Lazy:
    def __init__(self, build=None):
        self.build = build or lenet5

    def fit(self, x):
        self.model = self.build()
        return self.model.fit(x)

    @classmethod
    def make(cls):
        instance = cls()
        instance.network = keras.Sequential()
        return instance

    @staticmethod
    def network():
        return keras.Sequential()


class Child(Classifier):
    pass


class Sibling(Classifier):
    def __init__(self):
        super().__init__(3)


class Network:
    def run(self, folds):
        for fold in folds:
            model = self.compile_model()  # -> KL102 column 21 loop 81
            model.fit(fold)

    def compile_model(self):
        return keras.Sequential()


build_lambda = lambda: keras.Sequential()
build_partial = partial(lenet5, width=3)
build_class = partial(keras.Sequential, name="x")
table = {"a": lenet5, "b": through}


def pick(name):
    return table[name]


def run(build, folds):
    for fold in folds:
        model = build()  # -> KL102
        model.fit(fold)


def keras_fold(build):
    return build()


run(lenet5, [1, 2])

for i in range(3):
    lenet5()  # -> KL102
    through(3)  # -> KL102
    experiment(i)  # -> KL102
    decorated()  # -> KL102
    Classifier(3)  # -> KL102
    Child(3)  # -> KL102
    Sibling()  # -> KL102
    Lazy()
    Lazy().fit(i)  # -> KL102
    Lazy(through).fit(i)  # -> KL102
    Lazy.make()  # -> KL102
    Lazy.network()  # -> KL102
    build_lambda()  # -> KL102
    build_partial()  # -> KL102
    build_class()  # -> KL101
    table["a"]()  # -> KL102
    table.get("b")(3)  # -> KL102
    pick("a")()  # -> KL102
    keras_fold(lenet5)  # -> KL102
    keras_fold(lambda: keras.Sequential())  # -> KL102
    keras_fold(build=build_partial)  # -> KL102
    keras_fold(int)
    (lambda: keras.Sequential())()  # -> KL102

lazy = Lazy()
for i in range(3):
    lazy.fit(i)  # -> KL102

for model in [Lazy(), Lazy()]:
    model.fit(1)  # -> KL102

members = []
for i in range(3):
    members.append(Lazy())
for member in members:
    member.fit(1)  # -> KL102


def repeats_inside(folds):
    for fold in folds:
        model = lenet5()  # -> KL102
        model.fit(fold)


for dataset in range(3):
    repeats_inside(dataset)  # the loop in repeats_inside() is the innermost


def recursive(n):
    if n == 0:
        return keras.Sequential()
    return recursive(n - 1)


def ping(n):
    return pong(n - 1) if n else keras.Sequential()


def pong(n):
    return ping(n - 1)


def endless(n):
    return endless(n)


for i in range(3):
    recursive(i)  # -> KL102
    ping(i)  # -> KL102
    pong(i)  # -> KL102
    endless(i)


def maybe(build=True):
    if build:
        return keras.Sequential()
    return None


def by_name(name):
    if name == "keras":
        return keras.Sequential()
    elif name in ("svm", "forest"):
        return None
    raise ValueError(name)


def given(model=None):
    if model is None:
        model = keras.Sequential()
    return model


for i in range(3):
    maybe()  # -> KL102
    maybe(build=False)
    maybe(i)  # -> KL102
    by_name("keras")  # -> KL102
    by_name("svm")
    by_name(i)  # -> KL102
    given()  # -> KL102
    given(lazy)


for i in range(3):
    def local():
        return keras.Sequential()

    local()  # -> KL102


async def make_async():
    return keras.Sequential()


async def main():
    for i in range(3):
        await make_async()  # -> KL102
