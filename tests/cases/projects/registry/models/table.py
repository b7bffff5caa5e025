from . import cnn, rnn
from .cnn import cnn as build_cnn
import importlib

TABLE = {"cnn": cnn.cnn, "rnn": rnn.rnn}


def get(name):
    if name == "cnn":
        return build_cnn()
    return TABLE[name]()


def dyn(name):
    module = importlib.import_module("models." + name)
    return getattr(module, name)()


def dyn2(name):
    module = importlib.import_module(f".{name}", package=__package__)
    return getattr(module, name)()
