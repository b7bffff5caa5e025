"""Loops that build once, and code that only looks like one."""
import concurrent.futures
import functools
import multiprocessing

import keras
import pytest
import tensorflow as tf

model = keras.Sequential()

for i in range(3):
    model = keras.Sequential()
    break

for i in range(3):
    if i == 7:
        continue
    model = keras.Sequential()  # the only way on is out
    break

for i in range(3):
    model = keras.Sequential()  # -> KL101
    if model.built:
        break

for only in [1]:
    model = keras.Sequential()
for only in (1,):
    model = keras.Sequential()
for only in range(1):
    model = keras.Sequential()
for index, only in enumerate([1]):
    model = keras.Sequential()
for only in [*range(3)]:
    model = keras.Sequential()  # -> KL101
model = [keras.Sequential() for only in [1]]

for fold in range(3):
    for only in [1]:
        model = keras.Sequential()  # -> KL101 loop 39

while False:
    model = keras.Sequential()


def returning(xs):
    for x in xs:
        return keras.Sequential()


def raising(xs):
    for x in xs:
        model = keras.Sequential()
        raise ValueError(model)


def retry():
    while True:
        try:
            model = keras.Sequential()
            break
        except MemoryError:
            print("again")
    return model


def guarded_by_none(xs):
    model = None
    for x in xs:
        if model is None:
            model = keras.Sequential()
        model.fit(x)


def guarded_by_not(xs):
    model = None
    for x in xs:
        if not model:
            model = keras.Sequential()
        model.fit(x)


def guarded_by_else(xs):
    model = None
    for x in xs:
        if model is not None:
            model.fit(x)
        else:
            model = keras.Sequential()


def guarded_but_reset(xs):
    for x in xs:
        model = None
        if model is None:
            model = keras.Sequential()  # -> KL101
        model.fit(x)


def guarded_inside(xs):
    for x in xs:
        model = None
        for epoch in range(3):
            if model is None:
                model = keras.Sequential()  # -> KL101 loop 102
            model.fit(x)


def guarded_by_index(xs):
    for i, x in enumerate(xs):
        if i == 0:
            model = keras.Sequential()
        model.fit(x)


def guarded_by_counter(xs):
    counter = 0
    for x in xs:
        if counter == 0:
            model = keras.Sequential()
        model.fit(x)
        counter += 1


def guarded_by_flag(xs):
    first = True
    for x in xs:
        if first:
            model = keras.Sequential()
            first = False
        model.fit(x)


def guarded_by_dict(xs):
    models = {}
    for x in xs:
        if x.shape not in models:
            models[x.shape] = keras.Sequential()
        models[x.shape].fit(x)


def dispatched(kinds):
    for kind in kinds:
        if kind == 0:
            model = keras.Sequential()  # -> KL101
        elif kind == 1:
            model = keras.Model()  # -> KL101
        model.fit(kind)


class Cached:
    def __init__(self):
        self._model = None

    def model(self):
        if self._model is None:
            self._model = keras.Sequential()
        return self._model

    @property
    def other(self):
        if not hasattr(self, "_other"):
            self._other = keras.Sequential()
        return self._other

    def use(self, xs):
        for x in xs:
            self.model().fit(x)


@functools.lru_cache(maxsize=None)
def cached():
    return keras.Sequential()


_MODEL = None
_MODELS = {}


def global_cache():
    global _MODEL
    if _MODEL is None:
        _MODEL = keras.Sequential()
    return _MODEL


def dict_cache(key):
    if key not in _MODELS:
        _MODELS[key] = keras.Sequential()
    return _MODELS[key]


@tf.function
def traced(x):
    return keras.Sequential()(x)


shared = Cached()
for x in range(3):
    shared.model().fit(x)
    cached().fit(x)
    global_cache().fit(x)
    dict_cache("a").fit(x)
    traced(x)

for x in range(3):
    fresh = Cached()
    fresh.model().fit(x)  # -> KL102
    Cached().model().fit(x)  # -> KL102


def train(x):
    keras.Sequential().fit(x)


for x in range(3):
    process = multiprocessing.Process(target=train, args=(x,))
    process.start()
with multiprocessing.Pool(1) as pool:
    pool.map(train, range(3))
with concurrent.futures.ProcessPoolExecutor() as executor:
    list(executor.map(train, range(3)))
    futures = [executor.submit(train, x) for x in range(3)]

for x in range(3):
    def defined_only():
        return keras.Sequential()
    callback = lambda: keras.Sequential()

for x in range(3):
    with pytest.raises(ValueError):
        keras.Sequential([x])
