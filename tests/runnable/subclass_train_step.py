# kept: 3
# kept on Keras 2: 0  (Dropout)
# backends: tensorflow
# guarded: a class of the file
import os

import keras
import numpy as np
import tensorflow as tf
from keras import layers

results = []
rng = np.random.default_rng(0)
x = rng.random((96, 8), dtype="float32")
y = (x.sum(axis=1, keepdims=True) > 4).astype("float32")


class Net(keras.Model):
    def __init__(self, units, rate):
        super().__init__()
        self.hidden = layers.Dense(units, activation="relu")
        self.dropout = layers.Dropout(rate)
        self.out = layers.Dense(1)
        self.error = keras.metrics.Mean(name="error")

    def call(self, inputs, training=None):
        return self.out(self.dropout(self.hidden(inputs), training=training))

    def train_step(self, data):
        inputs, targets = data
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(self(inputs, training=True) - targets))
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
        self.error.update_state(loss)
        return {"error": self.error.result()}

    @property
    def metrics(self):
        return [self.error]


if os.environ.get("SEEDING") == "outer":
    keras.utils.set_random_seed(7)
for i in range(4):
    if os.environ.get("SEEDING") == "inner":
        keras.utils.set_random_seed(i)
    model = Net(12, 0.2)
    model.compile(optimizer=keras.optimizers.RMSprop(1e-2))
    history = model.fit(x, y, epochs=3, batch_size=16, verbose=0)
    results.append([history.history, [w.tobytes() for w in model.get_weights()]])
