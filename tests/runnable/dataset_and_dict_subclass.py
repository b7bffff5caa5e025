# kept: 6
# guarded: classes of the file
import gc
import os

import keras
import numpy as np
import tensorflow as tf
from keras import layers

results = []
rng = np.random.default_rng(0)
x = rng.random((96, 8), dtype="float32")
y = (x.sum(axis=1, keepdims=True) > 4).astype("float32")
both = {"p": x[:, :4], "q": x[:, 4:]}
data = tf.data.Dataset.from_tensor_slices((x, y)).batch(16)


class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden = layers.Dense(8, activation="relu")
        self.out = layers.Dense(1)

    def call(self, inputs):
        return self.out(self.hidden(inputs))


class Two(keras.Model):
    def __init__(self):
        super().__init__()
        self.a = layers.Dense(4)
        self.b = layers.Dense(1)

    def call(self, inputs):
        return self.b(self.a(inputs["p"]) + inputs["q"])


if os.environ.get("SEEDING") == "outer":
    keras.utils.set_random_seed(7)
for i in range(4):
    if os.environ.get("SEEDING") == "inner":
        keras.utils.set_random_seed(i)
    model = Net()
    model.compile(optimizer=keras.optimizers.SGD(learning_rate=0.1), loss="mse")
    history = model.fit(data, epochs=2, verbose=0)
    results.append([history.history, [w.tobytes() for w in model.get_weights()]])
    del model
    gc.collect()
for i in range(4):
    if os.environ.get("SEEDING") == "inner":
        keras.utils.set_random_seed(i)
    net = Two()
    net.compile(optimizer="adam", loss="mse")
    history = net.fit(both, y, epochs=2, verbose=0)
    results.append([history.history, net.evaluate(both, y, verbose=0), [w.tobytes() for w in net.get_weights()]])
