"""Tasks and actors of Ray: a process is used again for further tasks, and an actor has one as long as it lives."""
import keras
import ray


def build():
    return keras.Sequential([keras.layers.Dense(1)])


@ray.remote
def train(x):
    model = build()
    return model.fit(x).history["loss"][-1]


@ray.remote(num_cpus=1)
def train_on_cpu(x):
    return build().fit(x)


@ray.remote(max_calls=1)
def train_once(x):
    return build().fit(x)


@ray.remote(num_gpus=1)
def train_on_gpu(x):
    return build().fit(x)


@ray.remote
def load(x):
    return x


@ray.remote
class Trainer:
    def train(self, x):
        return build().fit(x)


@ray.remote
class Holder:
    def __init__(self):
        self.model = build()

    def train(self, x):
        return self.model.fit(x)


results = [train.remote(x) for x in range(9)]  # -> KL102
trainer = Trainer.remote()
holder = Holder.remote()
actors = [Trainer.remote() for _ in range(4)]
holders = [Holder.remote() for _ in range(4)]
for x in range(9):
    train_on_cpu.remote(x)  # -> KL102
    ray.get(trainer.train.remote(x))  # -> KL102
    ray.get(holder.train.remote(x))
    train_once.remote(x)
    train_on_gpu.remote(x)
    load.remote(x)
    one = Trainer.remote()
    one.train.remote(x)
    Trainer.remote().train.remote(x)
for actor in actors:
    actor.train.remote(1)
