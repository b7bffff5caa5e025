"""Clearing under a test of the backend, and in the constructor of what is built; collecting garbage clears nothing."""
import gc

import keras
from keras import backend as K


def build():
    return keras.Sequential()


for i in range(3):
    if K.backend() == "tensorflow":
        K.clear_session()
    model = build()  # -> KL107
for i in range(3):
    model = build()  # -> KL107
    if "tensorflow" == keras.backend.backend():
        K.clear_session()
for i in range(3):
    model = build()  # -> KL107
    if K.backend() != "theano":
        K.clear_session()
backend = keras.config.backend()
for i in range(3):
    model = build()  # -> KL107
    if backend == "tensorflow":
        K.clear_session()


def tidy():
    if K.backend() == "tensorflow":
        K.clear_session()
    gc.collect()


for i in range(3):
    model = build()  # -> KL107
    tidy()


class Network:
    def __init__(self):
        K.clear_session()
        self.model = build()


class Subclass(keras.Model):
    def __init__(self):
        K.clear_session()
        super().__init__()


class Late(Network):
    def __init__(self):
        super().__init__()
        self.other = 1


for i in range(3):
    network = Network()  # -> KL107
for i in range(3):
    network = Subclass()  # -> KL107
for i in range(3):
    network = Late()  # -> KL107
for i in range(3):
    model = build()  # -> KL102
    del model
    gc.collect()
for i in range(3):
    model = build()  # -> KL102
    if i == "tensorflow":
        gc.collect()
