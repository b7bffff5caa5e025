# kept: 4
import os

import keras
import numpy as np
from keras import layers

results = []
rng = np.random.default_rng(0)
states = rng.random((32, 4), dtype="float32")
values = rng.random((32, 2), dtype="float32")


class Agent:
    def __init__(self, state_size, action_size):
        self.state_size, self.action_size = state_size, action_size
        self.model = self.build_model()
        self.target_model = self.build_model()
        self.update_target_model()

    def build_model(self):
        model = keras.Sequential()
        model.add(layers.Dense(12, input_dim=self.state_size, activation="relu"))
        model.add(layers.Dense(self.action_size, activation="linear"))
        model.compile(loss="mse", optimizer=keras.optimizers.Adam(learning_rate=0.01))
        return model

    def update_target_model(self):
        self.target_model.set_weights(self.model.get_weights())

    def replay(self):
        target = values + 0.9 * self.target_model.predict(states, verbose=0)
        self.model.fit(states, target, epochs=1, verbose=0)


if os.environ.get("SEEDING") == "outer":
    keras.utils.set_random_seed(7)
for seed in range(3):
    if os.environ.get("SEEDING") == "inner":
        keras.utils.set_random_seed(seed)
    agent = Agent(4, 2)
    for _ in range(2):
        agent.replay()
    agent.update_target_model()
    results.append([agent.target_model.predict(states, verbose=0).tobytes(), agent.model.evaluate(states, values, verbose=0)])
