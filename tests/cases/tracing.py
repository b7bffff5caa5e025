"""KL202: functions that are traced again in every iteration, and those that are not."""

import functools
from functools import lru_cache, partial

import jax
import jax.numpy as jnp
import numpy as np
import tensorflow as tf
from jax import jit as fast
from tensorflow import function, keras

model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
optimizer = keras.optimizers.Adam()
x, y = tf.ones((8, 4)), tf.ones((8, 1))
cache = {}
state = None

# -- made again


for epoch in range(5):

    @tf.function  # -> KL202 column 6 loop 22
    def step(x, y):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((model(x) - y) ** 2)
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))
        return loss

    step(x, y)

for _ in range(5):

    @tf.function(jit_compile=True)  # -> KL202
    def step(x):
        return model(x)

    @function  # -> KL202
    def other(x):
        return model(x)

    @partial(tf.function, reduce_retracing=True)  # -> KL202
    def third(x):
        return model(x)

    step(x), other(x), third(x)

for _ in range(5):
    forward = tf.function(model)  # -> KL202
    scores = forward(x)
    print(tf.function(model.call, jit_compile=True)(x))  # -> KL202
    print(tf.function(jit_compile=True)(model.call)(x))  # -> KL202
    print(tf.function(lambda a: a * 2)(x))  # -> KL202

while tf.reduce_sum(x) > 0:
    x = tf.function(func=model)(x)  # -> KL202

print([tf.function(model)(row) for row in x])  # -> KL202

for strength in [0.1, 0.2, 0.3]:  # data: it may be an argument

    @tf.function  # -> KL202
    def attack(x):
        return x + strength

    attack(x)

for number in range(3):
    scale = float(number) / 3
    print(tf.function(lambda a: a * scale)(x))  # -> KL202


def weighted(a, b):
    return jnp.dot(a, b)


for _ in range(5):
    print(jax.jit(lambda a: a * 2)(1.0))  # -> KL202
    print(fast(jax.grad(weighted))(1.0, 2.0))  # -> KL202

    @jax.jit  # -> KL202
    def doubled(a):
        return a * 2

    @functools.partial(jax.jit, static_argnums=0)  # -> KL202
    def power(n, a):
        return a**n

    print(doubled(1.0), power(2, 3.0))


class Trainer:
    def __init__(self, model):
        self.model = model

    def loss(self, x):
        return self.model(x)

    def run(self):
        for _ in range(5):
            print(jax.jit(self.loss)(x))  # -> KL202
            print(tf.function(self.loss)(x))  # -> KL202

    def step(self):
        @tf.function
        def inner(x):
            return self.model(x)

        return inner(x)


def make_step(model, optimizer):
    loss_of = keras.losses.MeanSquaredError()

    @tf.function
    def step(x, y):
        return loss_of(y, model(x))

    return step


def through(model):
    return make_step(model, optimizer)


trainer = Trainer(model)
for epoch in range(5):
    step = make_step(model, optimizer)  # -> KL202
    step(x, y)
    trainer.step()  # -> KL202

for epoch in range(5):
    model.make_train_function(force=True)  # -> KL202

# -- not made again, or each iteration needs its own

for number in range(5):
    model.make_train_function()
    print(fast(weighted)(1.0, 2.0))  # JAX knows the function
    print(jax.pmap(weighted)(x, y))

steps = [tf.function(each) for each in (model, model)]
by_name = {name: tf.function(each) for name, each in [("a", model), ("b", model)]}

for name in ("a", "b"):
    by_name[name] = tf.function(model)

for name in ("a", "b"):

    @tf.function
    def kept(x):
        return model(x)

    steps.append(kept)

for each in (model, model):
    print(tf.function(each)(x))

for seed in range(3):
    net = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])  # -> KL101

    @tf.function
    def fit(x):
        return net(x)

    fit(x)

for seed in range(3):
    sgd = keras.optimizers.SGD()

    @tf.function
    def update(x):
        sgd.apply_gradients([(x, x)])

    update(x)

for key in range(3):
    if key % 2 not in cache:
        cache[key % 2] = tf.function(model)
    cache[key % 2](x)

for _ in range(3):
    if state is None:
        state = tf.function(model)
    state(x)

for _ in [1]:
    print(tf.function(model)(x))

for _ in range(3):
    print(tf.function(model)(x))
    break


@tf.function
def traced_once(x):
    for _ in range(3):
        x = tf.function(model)(x)
    return x


@lru_cache
def cached_step():
    return tf.function(model)


for _ in range(3):
    cached_step()(x)
    traced_once(x)

for _ in range(3):
    Trainer(model).step()  # a new object
    agent = Trainer(model)
    agent.step()

for each in (model, model):
    step = make_step(each, optimizer)
    step(x, y)


class Lazy:
    def __init__(self):
        self._step = None

    @property
    def step(self):
        if self._step is None:
            self._step = tf.function(model)
        return self._step

    @tf.function
    def method(self, x):
        return model(x)

    def rebuilt(self):
        for _ in range(3):
            self.model = keras.models.clone_model(model)  # -> KL101

            @tf.function
            def forward(x):
                return self.model(x)

            forward(x)


lazy = Lazy()
for _ in range(3):
    lazy.step(x)
    lazy.method(x)


def function(f):
    return f


for _ in range(3):
    print(function(model)(x))
    print(np.frompyfunc(abs, 1, 1)(x))

made = tf.function(model)
for row in x:
    made(row)

for _ in range(3):  # torch keeps what it compiled with the function's code

    import torch

    @torch.compile
    def compiled(x):
        return x * 2

    compiled(x)
