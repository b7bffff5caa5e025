"""KL203: ``predict()`` on a row or a few in a loop, and what is not that."""

import gym
import numpy as np
import tensorflow as tf
from sklearn.linear_model import LinearRegression
from tensorflow import keras

model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
model.compile(optimizer="adam", loss="mse")
x, y = np.random.rand(1000, 4), np.random.rand(1000, 2)

for i in range(len(x)):
    print(model.predict(x[i : i + 1]))  # -> KL203 column 11 loop 13
    print(model.predict(x[i : i + 8], verbose=0))  # -> KL203
    print(model.predict(x[i][None]))  # -> KL203
    print(model.predict(x[i][np.newaxis, :]))  # -> KL203
    print(model.predict(np.expand_dims(x[i], 0)))  # -> KL203
    print(model.predict(tf.expand_dims(x[i], axis=0)))  # -> KL203
    print(model.predict(x[i].reshape(1, -1)))  # -> KL203
    print(model.predict(np.reshape(x[i], (1, 4))))  # -> KL203
    print(model.predict(np.array([x[i]])))  # -> KL203
    row = np.asarray([x[i]]).astype("float32")
    print(model.predict(row))  # -> KL203
    print(model.predict(x=x[i : i + 1] / 255))  # -> KL203

for row in x:
    print(model.predict([row]))  # -> KL203

scores = [model.predict(row[None]) for row in x]  # -> KL203


def score(row):
    return model.predict(np.array([row]))[0]  # -> KL203


scores = [score(row) for row in x]


class Agent:
    def __init__(self):
        self.model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])

    def act(self, state):
        return np.argmax(self.model.predict(state))  # -> KL203

    def replay(self, states):
        return self.model.predict(states)


env = gym.make("CartPole-v1")
agent = Agent()
for episode in range(100):
    state = np.reshape(env.reset(), [1, 4])
    done = False
    while not done:
        action = agent.act(state)
        state, reward, done, _ = env.step(action)
        state = np.reshape(state, [1, 4])

state = env.reset()
for _ in range(500):
    action = np.argmax(model.predict(state))  # -> KL203
    state, reward, done, _ = env.step(action)


def unknown(net, rows):
    net.fit(x, y, epochs=3, batch_size=32)
    for row in rows:
        print(net.predict(row[None]))  # -> KL203


# -- many rows, another model in each iteration, or no Keras model

for fold in np.array_split(np.arange(1000), 5):
    print(model.predict(x[fold]))
    print(model.predict(x))
    print(model.predict([x, y]))
    print(model.predict(x[fold], batch_size=1))

for i in range(0, 1000, 100):
    print(model.predict(x[i : i + 100]))

for width in (8, 16):
    net = keras.Sequential([keras.Input((4,)), keras.layers.Dense(width)])  # -> KL101
    print(net.predict(x[:1]))

linear = LinearRegression().fit(x, y)
for row in x:
    print(linear.predict(row[None]))
    print(linear.predict([row]))


def stranger(estimator, rows):
    for row in rows:
        print(estimator.predict(row.reshape(1, -1)))


def fitted(estimator, rows):
    estimator.fit(rows, rows)
    return [estimator.predict([row]) for row in rows]


print(model.predict(x[:1]))
for _ in [1]:
    print(model.predict(x[:1]))

for states in np.array_split(x, 10):
    agent.replay(states)
