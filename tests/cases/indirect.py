"""Registries, template methods and decorators."""
import functools
import importlib

import keras

REGISTRY = {}
BY_NAME = {}


def register(function):
    REGISTRY[function.__name__] = function
    return function


def named(name):
    def decorator(function):
        BY_NAME[name] = function
        return function

    return decorator


@register
def cnn():
    return keras.Sequential()


@named("mlp")
def mlp():
    return keras.Sequential()


def get(name):
    return REGISTRY[name]()


for name in ("cnn", "cnn"):
    get(name).fit(1)  # -> KL102
    REGISTRY[name]().fit(1)  # -> KL102
    BY_NAME[name]().fit(1)  # -> KL102


class Experiment:
    def build(self):
        raise NotImplementedError

    def run(self, folds):
        for fold in folds:
            model = self.build()  # -> KL102
            model.fit(fold)


class Small(Experiment):
    def build(self):
        return keras.Sequential()


def cleared(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        keras.backend.clear_session()
        return function(*args, **kwargs)

    return wrapper


@cleared
def train(fold):
    keras.Sequential().fit(fold)


for fold in range(3):
    train(fold)  # -> KL107

lazy = importlib.import_module("keras")
for fold in range(3):
    lazy.Sequential().fit(fold)  # -> KL101
