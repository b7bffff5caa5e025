# ---- process
import numpy as np


def main():
    import keras
    x = np.zeros(3)
    for units in (8, 16):
        model = keras.Sequential([keras.layers.Dense(units)])  # no fix: keras is imported where a child process has not got it
        model.fit(x)


if __name__ == "__main__":
    main()


# ---- process
import keras
import numpy as np


def build(units):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
    model.compile("adam", "mse")
    return model


def main():
    for u in (1, 2): build(u).fit(1)  # no fix: the loop's body stands in the line of the loop


if __name__ == "__main__":
    main()


# ---- process
import keras
import numpy as np
import tensorflow as tf

x, y = np.zeros((9, 4)), np.zeros((9, 1))


def build():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.compile("adam", "mse")
    return model


class Settings:
    for i in range(3):
        model = build()  # no fix: the loop stands in a class, a lambda or a coroutine
        model.fit(x, y)


# ---- process
import keras
import numpy as np


def build(units):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
    model.compile("adam", "mse")
    return model


def main():
    x = 1
    for units in (8, 16):
        model = build(units)  # no fix: (yield 1) in line 15 cannot stand in another function
        yield 1
        model.fit(x)


if __name__ == "__main__":
    main()


# ---- process
import keras
import numpy as np


def build(units):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
    model.compile("adam", "mse")
    return model


x = np.zeros(3)
for units in (8, 16):
    model = build(units)  # no fix: the loop runs as the file is imported, and a child process imports it again
    model.fit(x)


# ---- process
import keras
import numpy as np


def build(units):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
    model.compile("adam", "mse")
    return model


def main():
    x, y = np.zeros((4, 8)), np.zeros(4)
    for units in (8, 16):
        model = build(units)  # no fix: main() is not called in this file, so it is not seen that it runs under if __name__ == "__main__":
        model.fit(x, y)


# ---- process
import keras
import numpy as np


def build(units):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
    model.compile("adam", "mse")
    return model


def main():
    x, y = np.zeros((4, 8)), np.zeros(4)
    for units in (8, 16):
        model = build(units)  # no fix: model is a model, to come back from a child process
        model.fit(x, y)
    model.save('last')


if __name__ == "__main__":
    main()


# ---- process
import keras
import numpy as np


def build(units):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
    model.compile("adam", "mse")
    return model


def main():
    x = 1
    for units in (8, 16):
        model = build(units)  # no fix: line 17 leaves the iteration from where a child process would run
        model.fit(x)
        if model.evaluate(x):
            break


if __name__ == "__main__":
    main()


# ---- process
import keras
import numpy as np


def build(units):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
    model.compile("adam", "mse")
    return model


def main():
    x = [1, 2]
    for units in (8, 16):
        x[0] = units
        model = build(units)  # no fix: x is stored into in line 16, which would be lost in a child process
        x[1] = units
        model.fit(x)


if __name__ == "__main__":
    main()


# ---- process
import keras
import numpy as np


def build(units):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
    model.compile("adam", "mse")
    return model


class Config:
    units = 1


def main():
    x = 1
    for units in (8, 16):
        model = build(units)  # no fix: Config.units in line 19 would be set in the child process alone
        Config.units = units
        model.fit(x)


if __name__ == "__main__":
    main()


# ---- process
import keras
import numpy as np


def build(units):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
    model.compile("adam", "mse")
    return model


def main():
    x, best = 1, 2
    for units in (8, 16):
        model = build(units)  # no fix: best is bound on some paths only, and read later
        score = model.evaluate(x)
        if score < best:
            best = score
            model.save('best')


if __name__ == "__main__":
    main()


# ---- process
import keras
import numpy as np


def build(units):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
    model.compile("adam", "mse")
    return model


size = np.random.randint(3)


def width():
    return size


def main():
    x, y = np.zeros((4, 8)), np.zeros(4)
    for units in (8, 16):
        model = build(width())  # no fix: width() reads size, but every child process would make it anew
        model.fit(x, y)


if __name__ == "__main__":
    main()


# ---- process
import keras
import numpy as np


def build(units):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
    model.compile("adam", "mse")
    return model


def main():
    x = y = 1
    models = []
    for units in (8, 16):
        model = build(units)  # no fix: every iteration's model is kept, and a child process does not hand it back
        model.fit(x, y)
        models.append(model)


if __name__ == "__main__":
    main()


# ---- process
import keras
import numpy as np


def build(units):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
    model.compile("adam", "mse")
    return model


seen = []


def log(model):
    seen.clear()


def main():
    x, y = np.zeros((4, 8)), np.zeros(4)
    for units in (8, 16):
        model = build(units)  # no fix: log() changes seen, which would be that of the child process alone
        model.fit(x, y)
        log(model)


if __name__ == "__main__":
    main()


# ---- process
import keras
import numpy as np


def build(units):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
    model.compile("adam", "mse")
    return model


print('start')


def main():
    x, y = np.zeros((4, 8)), np.zeros(4)
    for units in (8, 16):
        model = build(units)  # no fix: print() in line 11 would run again in every child process
        model.fit(x, y)


if __name__ == "__main__":
    main()


# ---- process
import keras
import numpy as np


def build(units):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
    model.compile("adam", "mse")
    return model


import optuna


def objective(trial):
    model = build(trial.suggest_int('u', 1, 9))  # no fix: (...).optimize() makes the calls, no loop of the file
    return model.evaluate(1)


if __name__ == "__main__":
    optuna.create_study().optimize(objective, n_trials=9)


# ---- process
import keras
import numpy as np


def build(units):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
    model.compile("adam", "mse")
    return model


n = 0


def count(model):
    global n
    n += 1


def main():
    x, y = np.zeros((4, 8)), np.zeros(4)
    for units in (8, 16):
        model = build(units)  # no fix: count() sets a global name, which would be that of the child process alone
        model.fit(x, y)
        count(model)


if __name__ == "__main__":
    main()


# ---- process
import matplotlib.pyplot as plt
import keras
import numpy as np


def build(units):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
    model.compile("adam", "mse")
    return model


def main():
    x, y = np.zeros((4, 8)), np.zeros(4)
    for units in (8, 16):
        model = build(units)  # no fix: plt.plot() in line 17 would draw or log in the child process alone
        history = model.fit(x, y)
        plt.plot(history.history['loss'])


if __name__ == "__main__":
    main()


# ---- process
import keras
import numpy as np


def build(units):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
    model.compile("adam", "mse")
    return model


def main():
    x = y = 1
    build(1).fit(x)
    for units in (8, 16):
        model = build(units)  # unsafe: each child process has random streams and global state of its own, and prints by itself; line 13 runs a model in the parent, which on a GPU leaves a child no memory
        model.fit(x, y)


if __name__ == "__main__":
    main()


# ---- process
import keras
import numpy as np


def build(units):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
    model.compile("adam", "mse")
    return model


def main():
    x = y = 1
    keras.mixed_precision.set_global_policy('mixed_float16')
    for units in (8, 16):
        model = build(units)  # no fix: keras.mixed_precision.set_global_policy() in line 13 sets what a child process does not have
        model.fit(x, y)


if __name__ == "__main__":
    main()


# ---- process
import keras
import numpy as np


def build(units):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
    model.compile("adam", "mse")
    return model


def main():
    x = y = 1
    keras.utils.set_random_seed(1)
    for units in (8, 16):
        model = build(units)  # unsafe: each child process has random streams and global state of its own, and prints by itself; the seed of line 13 does not reach the child processes
        model.fit(x, y)


if __name__ == "__main__":
    main()


# ---- process
import keras
import numpy as np


def build(units):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
    model.compile("adam", "mse")
    return model


keras.utils.set_random_seed(1)


def main():
    x, y = np.zeros((4, 8)), np.zeros(4)
    for units in (8, 16):
        model = build(units)  # unsafe: each child process has random streams and global state of its own, and prints by itself; every child process starts from the seed of line 11
        model.fit(x, y)


if __name__ == "__main__":
    main()


# ---- process
import keras
import numpy as np

x, y = np.zeros((9, 4)), np.zeros((9, 1))


def build(units):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(units), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    return model


def grown():
    units = 1
    while build(units).evaluate(x, y) > 0.5:  # no fix: no statement of the loop itself builds or runs the model
        units += 1


def outer():
    best = 0.0

    def inner():
        nonlocal best
        for units in (8, 16):
            model = build(units)  # no fix: best is set for others, and the child process would set its own
            best = model.evaluate(x, y)
            model.fit(x, y)

    inner()
    print(best)


def note(total, model):
    total += model.evaluate(x, y)
    return total


def sums():
    total = 0.0
    for units in (8, 16):
        model = build(units)  # no fix: total goes on in line 42 from what it was in the parent
        total += model.evaluate(x, y)
        model.fit(x, y)
    print(total)


async def waits(sizes):
    async for units in sizes:
        model = build(units)  # no fix: the loop is asynchronous
        model.fit(x, y)


if __name__ == "__main__":
    grown()
    outer()
    sums()
    waits()
