"""Functions that a search calls: the keeper stands before the function, for all the calls."""
import hyperopt
import keras
import numpy as np
import optuna
import wandb
from bayes_opt import BayesianOptimization
from hyperas import optim
from keras import layers
from optuna_integration import KerasPruningCallback
from scikeras.wrappers import KerasClassifier
from sklearn.model_selection import GridSearchCV
from skopt import gp_minimize
from skopt.utils import use_named_args

x, y = np.load("x.npy"), np.load("y.npy")
study = optuna.create_study()
best = None


def build(units=8, rate=0.01):
    model = keras.Sequential([keras.Input((4,)), layers.Dense(units), layers.Dense(1)])
    model.compile(keras.optimizers.Adam(learning_rate=rate), "mse")
    return model


# the learning rate and the batch size leave the architecture alone
def of_rates(trial):
    """Score a rate."""
    rate = trial.suggest_float("rate", 1e-4, 1e-1, log=True)
    model = build(rate=rate)  # -> reuse
    callbacks = [KerasPruningCallback(trial, "loss")]
    model.fit(x, y, batch_size=trial.suggest_categorical("batch", [16, 32]), callbacks=callbacks)
    return model.evaluate(x, y)


study.optimize(of_rates, n_trials=50)


# few architectures
def of_units(trial):
    units = trial.suggest_int("units", 8, 32, step=8)
    depth = trial.suggest_categorical("depth", [1, 2])
    model = keras.Sequential([keras.Input((4,))])  # -> reuse
    for _ in range(depth):
        model.add(layers.Dense(units))
    model.add(layers.Dense(1))
    model.compile("adam", "mse")
    model.fit(x, y)
    return model.evaluate(x, y)


study.optimize(lambda trial: of_units(trial), n_trials=50)


# in a function that gets the trial
def create_model(trial):
    units = trial.suggest_categorical("units", [8, 16])
    model = keras.Sequential([keras.Input((4,)), layers.Dense(units), layers.Dense(1)])
    rate = trial.suggest_float("rate", 1e-4, 1e-1)
    model.compile(keras.optimizers.SGD(rate), "mse")
    return model


def of_created(trial):
    model = create_model(trial)  # -> reuse
    model.fit(x, y)
    return model.evaluate(x, y)


study.optimize(of_created, n_trials=50)


# hardly any architecture comes again
def of_many_units(trial):
    model = build(trial.suggest_int("units", 4, 512))  # -> none: differs from call to call
    model.fit(x, y)
    return model.evaluate(x, y)


study.optimize(of_many_units, n_trials=50)


def of_dropout(trial):
    dropout = trial.suggest_float("dropout", 0, 0.5)
    model = keras.Sequential([keras.Input((4,)), layers.Dropout(dropout), layers.Dense(1)])  # -> none: differs from call to call
    model.compile("adam", "mse")
    model.fit(x, y)
    return model.evaluate(x, y)


study.optimize(of_dropout, n_trials=50)


# nobody knows
def of_params(params):
    model = build(params["units"])  # -> reuse unsafe: same architecture twice is not known
    model.fit(x, y)
    return {"loss": model.evaluate(x, y), "status": hyperopt.STATUS_OK}


hyperopt.fmin(of_params, {"units": hyperopt.hp.choice("units", [4, 8])}, max_evals=50)


@use_named_args([])
def of_named(rate):
    model = build(rate=rate)  # -> reuse
    model.fit(x, y)
    return model.evaluate(x, y)


gp_minimize(of_named, [])


# calls side by side, copies, threads
def in_threads(trial):
    model = build()  # -> none: one kept model cannot serve two
    model.fit(x, y)
    return model.evaluate(x, y)


study.optimize(in_threads, n_trials=50, n_jobs=4)


def copied(x_train, y_train):
    model = build()  # -> none: copy of the function's source
    model.fit(x_train, y_train)
    return {"loss": model.evaluate(x_train, y_train)}


optim.minimize(model=copied, data=np.load, max_evals=5)


def sweep():
    model = build()  # -> reuse unsafe: thread of its own
    model.fit(x, y)


wandb.agent("id", sweep)


# the model lives on
def returned(params):
    model = build()  # -> none: with other values
    model.fit(x, y)
    return {"loss": model.evaluate(x, y), "model": model}


hyperopt.fmin(returned, {}, max_evals=50)


def best_of_all(trial):
    global best
    model = build()  # -> none: global name
    model.fit(x, y)
    if best is None:
        best = model
    return model.evaluate(x, y)


study.optimize(best_of_all, n_trials=50)


def estimated():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1)])  # -> none: needs a model of its own
    model.compile("adam", "mse")
    return model


GridSearchCV(KerasClassifier(estimated), {}).fit(x, y)


# where the function stands
class Objective:
    def __init__(self, data):
        self.data = data

    def __call__(self, trial):
        model = build(rate=trial.suggest_float("rate", 1e-4, 1e-1))  # -> reuse
        model.fit(self.data, y)
        return model.evaluate(self.data, y)


study.optimize(Objective(x), n_trials=50)


def nested(data):
    def objective(rate):
        model = build(rate=rate)  # -> reuse
        model.fit(data, y)
        return -model.evaluate(data, y)

    BayesianOptimization(f=objective, pbounds={"rate": (1e-4, 1e-1)}).maximize()


study.optimize(lambda trial: build().fit(x, y).history["loss"][0], n_trials=50)  # -> none: lambda


def first_that_works(trial):
    for _ in range(3):
        model = build()  # -> none: a loop of its own
        model.fit(x, y)
        return model.evaluate(x, y)


study.optimize(first_that_works, n_trials=50)


# made outside the function
shared = keras.layers.Dense(8)


def of_shared_layer(trial):
    inputs = keras.Input((4,))
    model = keras.Model(inputs, layers.Dense(1)(shared(inputs)))  # -> reuse
    model.compile("adam", "mse")
    model.fit(x, y)
    return model.evaluate(x, y)


study.optimize(of_shared_layer, n_trials=50)


# the layer is asked after training
def of_layer(trial):
    hidden = layers.Dense(8)
    model = keras.Sequential([keras.Input((4,)), hidden, layers.Dense(1)])  # -> none: hidden
    model.compile("adam", "mse")
    model.fit(x, y)
    return float(np.abs(hidden.get_weights()[0]).mean())


study.optimize(of_layer, n_trials=50)
