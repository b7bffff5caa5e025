"""Factories and trainers from another file of the project."""
import keras
import numpy as np
import zoo
from helpers import make_model, score
from zoo import nets
from zoo.nets import build_and_train, compiled, finish, small, train, train_and_save

x, y = np.load("x.npy"), np.load("y.npy")

for i in range(5):
    model = compiled()  # -> reuse
    model.fit(x, y)

for i in range(5):
    model = zoo.compiled()  # -> reuse
    train(model, x, y)

for i in range(5):
    model = nets.small()  # -> reuse
    nets.finish(model)
    model.fit(x, y)

for i in range(5):
    model = small()  # -> none: collected
    finish(model)
    train_and_save(model, x, y)

for i in range(5):
    print(build_and_train(x, y))  # -> none: builds and uses the model

for i in range(5):
    model = compiled()  # -> reuse unsafe: handed to score(), which may keep it
    model.fit(x, y)
    score(model, x, y)

for width in (1, 2, 3):
    for fold in range(5):
        model = compiled(width)  # -> reuse
        model.fit(x, y)

for width in (1, 2, 3):
    model = compiled(width)  # -> none: differs
    model.fit(x, y)

for rate in (0.1, 0.2):
    model = compiled(rate=rate)  # -> reuse
    model.fit(x, y)

for i in range(5):
    model = make_model()  # -> reuse unsafe: what make_model() does is not known
    model.compile(loss="mse", optimizer="adam")
    model.fit(x, y, epochs=3)
