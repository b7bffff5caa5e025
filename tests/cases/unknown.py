"""Factories that cannot be followed, judged by what is done with what they return."""
from missing_module import create, make_estimator
import keras


def train_folds(folds, get_model_func, other_func):
    for fold in folds:
        model = get_model_func()  # -> KL102
        model.fit(fold, epochs=3, batch_size=32)
    for fold in folds:
        model = other_func()
        model.fit(fold)
        model.predict(fold)


def train_one(model, fold):
    model.fit_generator(fold)
    return model


def handed_on(folds, build):
    for fold in folds:
        train_one(build(), fold)  # -> KL102


for fold in range(3):
    network = create()  # -> KL102
    network.compile(loss="mse", optimizer="adam")
for fold in range(3):
    estimator = make_estimator()
    estimator.fit(fold)


class Abstract:
    def build(self):
        raise NotImplementedError

    def run(self, folds):
        for fold in folds:
            model = self.build()  # -> KL102
            model.train_on_batch(fold)
            keras.utils.set_random_seed(1)
