import keras
from keras.layers import Dense

__all__ = ["build"]


def build(width=8):
    return keras.Sequential([Dense(width)])


def _private():
    return keras.Sequential()


class Wrapper:
    def __init__(self):
        self.model = build()

    def fit(self, x):
        self.model.fit(x)
        keras.backend.clear_session()


class Base(keras.Model):
    pass


def search(xs):
    for x in xs:
        build().fit(x)  # -> KL102
