"""Where a model is complete: compiled here, there, in a block, twice, by a helper."""
import keras
import numpy as np
from keras import layers

x, y = np.load("x.npy"), np.load("y.npy")
flag = len(x) > 10


def raw():
    return keras.Sequential([keras.Input((4,)), layers.Dense(8), layers.Dense(1)])


def compile_model(model, rate=0.1):
    model.compile(keras.optimizers.Adam(rate), "mse")


def compiled(model):
    model.compile("adam", "mse")
    return model


def compile_and_fit(model):
    model.compile("adam", "mse")
    model.fit(x, y)


kept = []


def compile_and_keep(model):
    model.compile("adam", "mse")
    kept.append(model)


for i in range(5):
    model = raw()  # -> reuse
    model.compile("adam", "mse")
    model.fit(x, y)

for i in range(5):
    model = raw()  # -> reuse
    model.load_weights("pretrained.weights.h5")
    model.compile("adam", "mse")
    model.fit(x, y)

for i in range(5):
    model = raw()  # -> reuse
    if flag:
        model.compile("adam", "mse")
    else:
        model.compile("sgd", "mse")
    model.fit(x, y)

for i in range(5):
    model = raw()  # -> reuse
    with open("log.txt", "a") as log:
        model.compile("adam", "mse")
        log.write("compiled")
    model.fit(x, y)

for i in range(5):
    model = raw()  # -> reuse
    compile_model(model)
    model.fit(x, y)

for i in range(5):
    model = raw()  # -> reuse
    model = compiled(model)
    model.fit(x, y)

for i in range(5):
    model = compiled(raw())  # -> reuse
    model.fit(x, y)

for i in range(5):
    model = raw()  # -> none: compile() changes the model
    compile_and_fit(model)
    print(model.evaluate(x, y))

for i in range(5):
    model = raw()  # -> none: collected
    compile_and_keep(model)
    model.fit(x, y)

# fine-tuning in two phases
for i in range(5):
    model = raw()  # -> none: compile() is called again
    model.layers[0].trainable = False
    model.compile("adam", "mse")
    model.fit(x, y)
    model.layers[0].trainable = True
    model.compile("sgd", "mse")
    model.fit(x, y)

# compiled again for each rate
for i in range(5):
    model = raw()  # -> none: compile() is called again
    for rate in (0.1, 0.01):
        model.compile(keras.optimizers.SGD(rate), "mse")  # -> none: the learning rate is another one
        model.fit(x, y)

# never compiled, only predicts
for i in range(5):
    model = raw()  # -> hoist
    model.load_weights(f"{i}.weights.h5")
    print(model.predict(x))

# frozen layers
for i in range(5):
    model = raw()  # -> reuse
    for layer in model.layers[:-1]:
        layer.trainable = False
    model.compile("adam", "mse")
    model.fit(x, y)

for i in range(5):
    model = raw()  # -> none: trainable changes after compile()
    model.compile("adam", "mse")
    model.fit(x, y)
    model.layers[0].trainable = False
    model.fit(x, y)

# the model is made of an earlier one
for i in range(5):
    model = raw()  # -> none: compile() is called again
    model = keras.Sequential([model, layers.Activation("relu")])  # -> reuse
    model.compile("adam", "mse")
    model.fit(x, y)

# layers that learn from data first
for i in range(5):
    scale = layers.Normalization()
    scale.adapt(x[i:])
    model = keras.Sequential([keras.Input((4,)), scale, layers.Dense(1)])  # -> reuse
    model.compile("adam", "mse")
    model.fit(x, y)

# metrics named after the iteration
for i in range(5):
    model = raw()  # -> reuse unsafe: looked up
    model.compile("adam", "mse", metrics=[keras.metrics.AUC(name=f"auc_{i}")])
    history = model.fit(x, y)
    print(history.history[f"auc_{i}"])

for i in range(5):
    model = raw()  # -> reuse unsafe: looked up
    model.compile("adam", "mse", metrics=[keras.metrics.AUC()])
    history = model.fit(x, y)
    print(history.history["auc" if i == 0 else f"auc_{i}"])

for i in range(5):
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1)], name=f"model_{i}")  # -> reuse unsafe: names given in the loop
    model.compile("adam", "mse")
    model.fit(x, y)

# schedules, seeds
for seed in range(5):
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 100, 0.9)
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1, kernel_initializer=keras.initializers.HeNormal(seed))])  # -> reuse
    model.compile(keras.optimizers.SGD(schedule), "mse")
    model.fit(x, y)

# loaded and compiled anew
for i in range(5):
    model = keras.models.load_model("base.keras")  # -> reuse
    model.compile("adam", "mse")
    model.fit(x, y)
