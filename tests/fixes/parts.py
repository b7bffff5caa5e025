"""Parts of a model, and things made while building it, that are used afterwards."""
import keras
import numpy as np
import tensorflow as tf
from keras import layers

x, y = np.load("x.npy"), np.load("y.npy")


def build():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(8), layers.Dense(1)])
    model.compile("adam", "mse")
    return model


# a layer
for i in range(5):
    dense = layers.Dense(1)
    model = keras.Sequential([keras.Input((4,)), dense])  # -> none: dense was made for the new model
    model.compile("adam", "mse")
    model.fit(x, y)
    print(dense.get_weights())

# tensors
for i in range(5):
    inputs = keras.Input((4,))
    hidden = layers.Dense(8)(inputs)
    model = keras.Model(inputs, layers.Dense(1)(hidden))  # -> none: was made for the new model
    model.compile("adam", "mse")
    model.fit(x, y)
    features = keras.Model(inputs, hidden)  # -> reuse
    features.predict(x)

# the optimizer
for i in range(5):
    optimizer = keras.optimizers.Adam()
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1)])  # -> none: optimizer was made for the new model
    model.compile(optimizer, "mse")
    model.fit(x, y)
    optimizer.learning_rate = 1e-4
    model.fit(x, y)

# a metric
for i in range(5):
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1)])  # -> none: auc was made for the new model
    auc = keras.metrics.AUC()
    model.compile("adam", "mse", metrics=[auc])
    model.fit(x, y)
    print(auc.result())

# the layer's name is used again for something else
for i in range(5):
    part = layers.Dense(1)
    model = keras.Sequential([keras.Input((4,)), part])  # -> reuse
    model.compile("adam", "mse")
    model.fit(x, y)
    part = len(x)
    print(part)

# what is read from the kept model is its own
for i in range(5):
    model = build()  # -> reuse unsafe: layer.name
    model.fit(x, y)
    print(model.layers[-1].kernel.numpy())
    model.optimizer.learning_rate = 1e-4
    model.fit(x, y)
    for layer in model.layers:
        print(layer.name, layer.output.shape)

# variables that are kept are those of the one kept model
kept = []
for i in range(5):
    model = build()  # -> none: a part of the model is kept
    model.fit(x, y)
    kept.append(model.trainable_variables)

for i in range(5):
    model = build()  # -> none: a part of the model is kept
    kept.append(model.layers[0])

kernels = {}
for i in range(5):
    model = build()  # -> reuse unsafe: a part of the model is kept
    kernels[i] = model.layers[0].kernel

for i in range(5):
    model = build()  # -> reuse unsafe: a part of the model is kept
    weights = model.weights
    model.fit(x, y)

# their values are not
for i in range(5):
    model = build()  # -> reuse
    model.fit(x, y)
    kept.append(model.get_weights())
    kept.append([w.numpy() for w in model.trainable_variables])
    kept.append(model.layers[0].get_weights()[0])

# taken from the model before it is complete
for i in range(5):
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1)])  # -> none: before it is complete
    first = model.layers[0]
    model.compile("adam", "mse")
    model.fit(x, y)
    print(first.kernel)

# given to a callback before it is complete
for i in range(5):
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1)])  # -> none: before it is complete
    watcher = Watcher(model)
    model.compile("adam", "mse")
    model.fit(x, y, callbacks=[watcher])

# read while it is built, to no effect
for i in range(5):
    model = keras.Sequential()  # -> reuse
    model.add(layers.Dense(8, input_dim=4))
    print(model.output_shape, len(model.layers))
    model.add(layers.Dense(1))
    model.summary()
    model.compile("adam", "mse")
    model.fit(x, y)

# an optimizer that goes on from model to model
goes_on = keras.optimizers.SGD(momentum=0.9)
for i in range(5):
    model = build()  # -> reuse unsafe: goes_on
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(model(x))
    goes_on.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))

# names
for i in range(5):
    model = build()  # -> reuse unsafe: name is read
    model.fit(x, y)
    model.save(f"{model.name}.keras")
