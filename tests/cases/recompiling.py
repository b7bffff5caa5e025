"""``compile()`` in a loop on a model from outside it."""
import re

import keras
from keras import layers
from keras.optimizers import SGD, Adam

model = keras.Sequential([keras.Input((4,)), layers.Dense(1)])
start = model.get_weights()

for fold in folds:
    model.set_weights(start)
    model.compile(optimizer="adam", loss="mse")  # -> KL201 column 5 loop 11
    model.fit(x[fold], y[fold])

for fold in folds:
    optimizer = Adam(1e-3)
    model.compile(optimizer, loss="mse", metrics=[keras.metrics.AUC()])  # -> KL201
    model.fit(x[fold], y[fold])

# another learning rate each time
for rate in (0.1, 0.01):
    model.compile(SGD(rate), "mse")  # -> KL201
    model.fit(x, y)
for stage in range(3):
    optimizer = keras.optimizers.Adam(learning_rate=0.1 / (stage + 1))
    model.compile(optimizer=optimizer, loss="mse")  # -> KL201
    model.fit(x, y)

# compiled for something else each time
for loss in ("mse", "mae"):
    model.compile("adam", loss)
    model.fit(x, y)
for optimizer in (SGD(0.1), Adam(0.1)):
    model.compile(optimizer, "mse")
    model.fit(x, y)
for weights in grid:
    model.compile("adam", "mse", loss_weights=weights)
for momentum in (0.5, 0.9):
    model.compile(SGD(0.1, momentum=momentum), "mse")

# a model of its own in each iteration
for fold in folds:
    new = build(fold)  # -> KL102
    new.compile(optimizer="adam", loss="mse")
for each in models:
    each.compile(optimizer="adam", loss="mse")
for i in range(3):
    models[i].compile(optimizer="adam", loss="mse")
for i in range(3):
    current = models[i]
    current.compile(optimizer="adam", loss="mse")

# two models of which one is frozen while the other trains
def make_trainable(net, flag):
    net.trainable = flag


critic, gan = keras.Sequential([layers.Dense(1)]), keras.Sequential([layers.Dense(2)])
for epoch in range(4):
    make_trainable(critic, True)
    critic.compile("adam", "mse")  # -> KL201
    critic.train_on_batch(x, y)
    make_trainable(critic, False)
    gan.compile("adam", "mse")  # -> KL201
    gan.train_on_batch(x, y)
for epoch in range(4):  # one of them for another loss each time
    critic.trainable = True
    critic.compile("adam", losses[epoch])
    critic.train_on_batch(x, y)
    critic.trainable = False
    gan.compile("adam", "mse")  # -> KL201
    gan.train_on_batch(x, y)

# the model is changed, and only compile() brings that into effect
for stage in (False, True):
    model.trainable = stage
    model.compile("adam", "mse")
    model.fit(x, y)
for depth in range(3):
    for layer in model.layers[-depth:]:
        layer.trainable = True
    model.compile("adam", "mse")
for rate in (0.1, 0.2):
    model.layers[0].rate = rate
    model.compile("adam", "mse")
for rate in (0.1, 0.2):
    for layer in model.layers:
        layer.rate = rate
    model.compile("adam", "mse")
for i in range(3):
    model.add(layers.Dense(4))
    model.compile("adam", "mse")


def unfreeze(net, count):
    for layer in net.layers[-count:]:
        layer.trainable = True


for count in range(3):
    unfreeze(model, count)
    model.compile("adam", "mse")

# cleared, so rebuilt; compiled in one iteration only; tried once
for fold in folds:
    keras.backend.clear_session()
    model.compile("adam", "mse")
for epoch in range(10):
    if epoch == 0:
        model.compile("adam", "mse")
    model.fit(x, y)
while True:
    try:
        model.compile("adam", "mse")
        model.fit(x, y)
        break
    except MemoryError:
        continue

# other things that compile
for pattern in patterns:
    re.compile("a+")
    regex.compile("a+")
    program.compile()
    template.compile(source="")


# models that are handed in, and attributes
def cross_validate(net, folds):
    for fold in folds:
        net.compile(optimizer="adam", loss="mse")  # -> KL201
        net.fit(x[fold], y[fold])


class Trainer:
    def __init__(self):
        self.model = keras.Sequential([keras.Input((4,)), layers.Dense(1)])
        self.other = None

    def rebuild(self):
        self.other = keras.Sequential([keras.Input((4,)), layers.Dense(1)])

    def run(self, folds):
        for fold in folds:
            self.model.compile(optimizer="adam", loss="mse")  # -> KL201
            self.model.fit(x[fold], y[fold])
        for fold in folds:
            self.rebuild()  # -> KL102
            self.other.compile(optimizer="adam", loss="mse")


# only the inner loop compiles the same one again
for width in (4, 8):
    net = keras.Sequential([keras.Input((4,)), layers.Dense(width)])  # -> KL101
    for fold in folds:
        net.compile(optimizer="adam", loss="mse")  # -> KL201 loop 156
        net.fit(x[fold], y[fold])
