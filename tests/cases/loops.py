"""Every kind of loop, in every place."""
import asyncio
from itertools import product, starmap

import keras
from keras.layers import Dense

for _ in range(100):
    model = keras.Sequential([Dense(8), Dense(1)])  # -> KL101 column 13 loop 8
    model.compile("adam", "mse")

count = 0
while count < 3:
    keras.Sequential([Dense(1)])  # -> KL101 column 5 loop 13
    count += 1

while (model := keras.Sequential([Dense(1)])).built:  # -> KL101 column 17 loop 17
    pass

losses = [keras.Sequential([Dense(1)]).evaluate(x) for x in range(3)]  # -> KL101 column 11 loop 20
kept = [keras.Sequential([Dense(1)]) for _ in range(3)]  # -> KL105 column 9 loop 21
kept = {keras.Sequential([Dense(1)]) for _ in range(3)}  # -> KL105
kept = {i: keras.Sequential([Dense(1)]) for i in range(3)}  # -> KL105
total = sum(keras.Sequential([Dense(1)]).count_params() for _ in range(3))  # -> KL101
ok = [x for x in keras.Sequential([Dense(1)]).layers]

list(map(lambda n: keras.Sequential([Dense(n)]), range(3)))  # -> KL105
for _ in map(lambda n: keras.Sequential([Dense(n)]).predict(n), range(3)):  # -> KL102
    pass


def build(width):
    return keras.Sequential([Dense(width)])


scores = sum(m.count_params() for m in map(build, [1, 2]))  # -> KL102
scores = set(starmap(build, [(1,), (2,)]))  # -> KL102

for a in range(2):
    for b in range(2):
        model = keras.Sequential([Dense(a * b)])  # -> KL101 column 17 loop 40

for a in range(2):
    model = keras.Sequential([Dense(a)])  # -> KL101 loop 43
    for epoch in range(2):
        model.fit(a, epoch)

for a, b in product([1], [2]):
    for layer in (Dense(1), Dense(2)):
        layer.build((a, b))
    else:
        model = keras.Sequential([Dense(a)])  # -> KL101 loop 48


def in_function(folds):
    for fold in folds:
        model = keras.Sequential([Dense(1)])  # -> KL101 column 17 loop 56
        model.fit(fold)


class Trainer:
    def run(self, folds):
        for fold in folds:
            self.model = keras.Sequential([Dense(1)])  # -> KL101 column 26 loop 63
            self.model.fit(fold)

    for width in (1, 2):
        template = keras.Sequential([Dense(width)])  # -> KL101


async def in_async(batches):
    async for batch in batches:
        model = keras.Sequential([Dense(1)])  # -> KL101
        await asyncio.to_thread(model.fit, batch)
    await asyncio.gather(*[keras.Sequential([Dense(1)]).fit(x) for x in range(3)])  # -> KL105


def in_match(commands):
    for command in commands:
        match command:
            case "small":
                model = keras.Sequential([Dense(1)])  # -> KL101
            case {"width": width} if width > 3:
                model = keras.Sequential([Dense(width)])  # -> KL101
            case _:
                continue
        model.fit(command)


def in_try(folds):
    for fold in folds:
        try:
            model = keras.Sequential([Dense(1)])  # -> KL101
            model.fit(fold)
        except MemoryError:
            print("again")
        else:
            keras.Sequential([Dense(2)])  # -> KL101
        finally:
            print(fold)


def in_handler(folds):
    for fold in folds:
        try:
            model = keras.models.load_model(fold)  # -> KL101
        except OSError:
            model = keras.Sequential([Dense(1)])  # -> KL101
        model.fit(fold)


def in_with(folds, strategy):
    for fold in folds:
        with strategy.scope():
            model = keras.Sequential([Dense(1)])  # -> KL101
        model.fit(fold)


def one_line(folds):
    for fold in folds: model = keras.Sequential([Dense(1)]); model.fit(fold)  # -> KL101 column 32 loop 120


def héllo(folds):
    for fold in folds:
        é = "éé"; modèle = keras.Sequential([Dense(1)])  # -> KL101 column 28
        modèle.fit(fold, é)


def conditional(folds, deep):
    for fold in folds:
        model = keras.Sequential([Dense(1)]) if deep else None  # -> KL101
        wide = deep and keras.Sequential([Dense(9)])  # -> KL101
        print(fold, model, wide)


def in_subscript(folds):
    for fold in folds:
        results = {"loss": keras.Sequential([Dense(1)]).evaluate(fold)}  # -> KL101
        print(f"{keras.Sequential([Dense(1)]).count_params()} {results}")  # -> KL101
