"""Factories that cannot be followed, in a function that a loop calls, and what they give is trained in other ways."""
import keras
from missing_module import create, estimator


class Search:
    def __init__(self, handler):
        self.handler = handler

    def evaluate(self, genome):
        model = self.handler.decode(genome)
        options = {"epochs": 3, "validation_split": 0.1, "verbose": 0}
        model.fit(genome, **options)
        return model.evaluate(genome)

    def population(self, genomes):
        for genome in genomes:
            self.evaluate(genome)  # -> KL102


def scored(x):
    return create().fit(x, epochs=3, batch_size=8)


def other(x):
    model = estimator()
    model.fit(x)
    return model.predict(x)


def kept(x, model=None):
    if model is None:
        model = create()
    model.fit(x, epochs=3, batch_size=8)
    return model


for fold in range(3):
    scored(fold)  # -> KL102
    other(fold)
    history = create().fit(fold)  # -> KL102
    print(history.history["loss"])
    fitted = estimator().fit(fold)
    print(fitted.score(fold))
model = create()
for fold in range(3):
    kept(fold, model)
for fold in range(3):
    model = create()  # -> KL105
    keras.utils.set_random_seed(1)
    model.compile(loss="mse")
    everything = [*everything, model] if fold else []
    scores.append(model)


class Wrapped(keras.Model):
    def compile(self, loss):
        super().compile(loss=loss)


wrapped = Wrapped()
for fold in range(3):
    wrapped.compile(loss=fold)
    next(models).compile(loss="mse")
    models.get(fold).fit(fold, epochs=3, batch_size=8)
