"""Estimators of scikit-learn that build a Keras model in each fit."""
from copy import deepcopy

import keras
import keras.wrappers.scikit_learn as old
from keras import layers
from scikeras.wrappers import KerasClassifier, KerasRegressor
from sklearn.base import clone
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

x, y = load()


def build(units=8):
    model = keras.Sequential([layers.Dense(units)])
    model.compile("adam", "mse")
    return model


def cleared():
    keras.backend.clear_session()
    return keras.Sequential([layers.Dense(1)])


class Net(KerasClassifier):
    def _keras_build_fn(self, units):
        return keras.Sequential([layers.Dense(units)])


est = KerasRegressor(build, epochs=2)
ready = keras.Sequential([layers.Dense(1)])

for fold in range(3):
    est.fit(x, y)  # -> KL102
    print(est.score(x, y), est.predict(x))
    again = clone(est)
    again.fit(x, y)  # -> KL102
    clone(est).set_params(epochs=fold).fit(x, y)  # -> KL102
    deepcopy(est).fit(x, y)  # -> KL102
    made = KerasClassifier(model=build, epochs=2)
    made.fit(x, y)  # -> KL102
    old.KerasClassifier(build_fn=build).fit(x, y)  # -> KL102
    KerasClassifier(lambda: build(8)).fit(x, y)  # -> KL102
    KerasClassifier(unknown).fit(x, y)  # -> KL102
    Net(units=3).fit(x, y)  # -> KL102
    Pipeline([("scale", StandardScaler()), ("net", est)]).fit(x, y)  # -> KL102
    make_pipeline(StandardScaler(), KerasClassifier(build)).fit(x, y)  # -> KL102

for fold in range(3):
    KerasClassifier(cleared).fit(x, y)  # -> KL107


def score(estimator, fold):
    estimator.fit(x[fold], y[fold])
    return estimator.score(x, y)


for fold in range(3):
    score(est, fold)  # -> KL102
    score(LogisticRegression(), fold)

fitted = []
for seed in range(3):
    fitted.append(KerasClassifier(build, random_state=seed).fit(x, y))  # -> KL105

# none is built, or none again
est.fit(x, y)
warm = KerasRegressor(build, warm_start=True)
members = []
for seed in range(3):
    members.append((f"net{seed}", KerasClassifier(build, random_state=seed)))
    est.partial_fit(x, y)
    warm.fit(x, y)
    KerasClassifier(ready).fit(x, y)
    LogisticRegression().fit(x, y)
    clone(LogisticRegression()).fit(x, y)
VotingClassifier(members)


# what may be a model too is not known to be an estimator
net = KerasClassifier(build)


def fit_it():
    net.fit(x, y)


net = build()
for seed in range(3):
    fit_it()
