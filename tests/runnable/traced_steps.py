# kept: 0
# backends: tensorflow
# hoisted
import os

import keras
import numpy as np
import tensorflow as tf
from keras import layers

results = []
keras.utils.set_random_seed(1)
x = tf.constant(np.random.default_rng(0).random((64, 8), dtype="float32"))
y = tf.cast(tf.reduce_sum(x, axis=1, keepdims=True) > 4, tf.float32)
model = keras.Sequential([keras.Input((8,)), layers.Dense(8, activation="relu"), layers.BatchNormalization(), layers.Dense(1)])
optimizer = keras.optimizers.Adam(0.01)


def make_scorer(net):
    error = keras.losses.MeanAbsoluteError()

    @tf.function
    def score(inputs, targets):
        return error(targets, net(inputs))

    return score


for epoch in range(3):
    if os.environ.get("SEEDING") == "inner":
        keras.utils.set_random_seed(epoch)

    def squares(outputs, targets):
        return tf.reduce_mean((outputs - targets) ** 2)

    # one step of training
    @tf.function
    def step(inputs, targets):
        with tf.GradientTape() as tape:
            loss = squares(model(inputs, training=True), targets)
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))
        return loss

    losses = [float(step(x[at : at + 16], y[at : at + 16])) for at in range(0, 64, 16)]
    score = make_scorer(model)
    forward = tf.function(model)
    results.append([losses, float(score(x, y)), forward(x).numpy().tobytes(), tf.function(model.call)(x).numpy().tobytes()])
