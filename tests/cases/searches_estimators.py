"""Searches over scikit-learn estimators that build a Keras model in each fit."""
import keras
from keras import layers
from keras.wrappers.scikit_learn import KerasRegressor as OldRegressor
from scikeras.wrappers import KerasClassifier, KerasRegressor
from sklearn.base import BaseEstimator
from sklearn.ensemble import BaggingClassifier
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    RandomizedSearchCV,
    ShuffleSplit,
    cross_val_score,
    cross_validate,
    learning_curve,
)
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from skopt import BayesSearchCV

x, y = load()


def searched(units=8):
    model = keras.Sequential([layers.Dense(units)])  # -> KL103 column 13 loop 24
    model.compile("adam", "mse")
    return model


net = KerasClassifier(model=searched, epochs=2)
grid = GridSearchCV(estimator=net, param_grid={"model__units": [4, 8]}, n_jobs=-1, cv=3)
grid.fit(x, y)


def scored():
    return keras.Sequential([layers.Dense(1)])  # -> KL103


print(cross_val_score(OldRegressor(build_fn=scored, epochs=2), x, y, cv=KFold(5)))


def in_a_pipeline():
    model = keras.Sequential([layers.Dense(1)])  # -> KL103
    return model


steps = [("scale", StandardScaler())]
steps.append(("net", KerasRegressor(in_a_pipeline)))
RandomizedSearchCV(Pipeline(steps), {}, n_iter=1).fit(x, y)


def in_a_short_pipeline():
    return keras.Sequential([layers.Dense(1)])  # -> KL103


learning_curve(make_pipeline(StandardScaler(), KerasRegressor(in_a_short_pipeline)), x, y)


def made(units):
    return keras.Sequential([layers.Dense(units)])  # -> KL103


def estimator():
    return KerasClassifier(lambda: made(8), epochs=1)


BayesSearchCV(estimator(), {}).fit(x, y)


# every model lives on
def bagged():
    model = keras.Sequential([layers.Dense(1)])  # -> KL105
    model.compile("adam", "mse")
    return model


BaggingClassifier(KerasClassifier(bagged), n_estimators=10).fit(x, y)


def returned():
    return keras.Sequential([layers.Dense(1)])  # -> KL105


cross_validate(KerasClassifier(returned), x, y, return_estimator=True)


class Net(KerasClassifier):
    def _keras_build_fn(self, units):
        model = keras.Sequential([layers.Dense(units)])  # -> KL103
        model.compile("adam", "mse")
        return model


cross_val_score(Net(units=8), x, y)


class Old(OldRegressor):
    def __call__(self, units):
        return keras.Sequential([layers.Dense(units)])  # -> KL103


cross_val_score(Old(units=8), x, y)


class Own(BaseEstimator):
    def fit(self, x, y):
        if getattr(self, "model", None) is None:
            self.model = keras.Sequential([layers.Dense(8)])  # -> KL103
            self.model.compile("adam", "mse")
        self.model.fit(x, y)
        return self


GridSearchCV(Own(), {}).fit(x, y)


# an estimator that is made in a loop is reported where the search over it builds
def reported_there():
    return keras.Sequential([layers.Dense(1)])  # -> KL103


for seed in range(3):
    wrapper = KerasRegressor(reported_there, random_state=seed)
    print(cross_val_score(wrapper, x, y))


# not repeated
def once():
    return keras.Sequential([layers.Dense(1)])


KerasRegressor(once).fit(x, y)
cross_val_score(KerasRegressor(once), x, y, cv=ShuffleSplit(n_splits=1))
cross_val_score(KerasRegressor(once), x, y, cv=[(x, y)])
BaggingClassifier(KerasClassifier(once), n_estimators=1).fit(x, y)


# cleared
def cleared():
    keras.backend.clear_session()
    return keras.Sequential([layers.Dense(1)])  # -> KL107


GridSearchCV(KerasClassifier(cleared), {}).fit(x, y)

# one model, given away built
ready = keras.Sequential([layers.Dense(1)])
GridSearchCV(KerasClassifier(ready), {}).fit(x, y)
GridSearchCV(StandardScaler(), {}).fit(x, y)
