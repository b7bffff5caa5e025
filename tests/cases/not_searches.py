"""Functions that no search calls over and over in one process, or that build nothing."""
import autokeras
import hyperopt
import keras
import keras_tuner
import optuna
import ray
import scipy.optimize
import talos
import tensorflow as tf
import torch
import wandb
from deap import base
from hyperopt import SparkTrials, fmin, tpe
from keras import layers
from multiprocessing import Pool
from ray import tune

x, y = load()


def build(units=8):
    model = keras.Sequential([keras.Input((4,)), layers.Dense(units), layers.Dense(1)])
    model.compile("adam", "mse")
    return model


def objective(trial):
    model = build()
    return model.fit(x, y).history["loss"][-1]


# these clear by themselves
def hypermodel(hp):
    return build(hp.Int("units", 4, 64))


tuner = keras_tuner.BayesianOptimization(hypermodel, objective="val_loss", max_trials=5)
tuner.search(x, y)
keras_tuner.RandomSearch(hypermodel=hypermodel).search(x, y)
autokeras.AutoModel(inputs=autokeras.Input(), outputs=autokeras.RegressionHead()).fit(x, y)


def round_of_talos(x_train, y_train, x_val, y_val, params):
    model = build(params["units"])
    return model.fit(x_train, y_train), model


talos.Scan(x, y, {}, round_of_talos, "experiment")
talos.Scan(x, y, {}, model=round_of_talos, experiment_name="experiment", clear_session=True)


# trials in processes of their own
def trainable(config):
    model = build(config["units"])
    tune.report({"loss": model.fit(x, y).history["loss"][-1]})


tune.run(trainable, num_samples=10)
tune.Tuner(trainable, tune_config=tune.TuneConfig(num_samples=10)).fit()
tune.Tuner(trainable, tune_config=tune.TuneConfig(reuse_actors=False)).fit()
ray.tune.run(trainable, reuse_actors=False)
fmin(objective, {}, algo=tpe.suggest, max_evals=50, trials=SparkTrials())
toolbox = base.Toolbox()
toolbox.register("map", Pool().map)
toolbox.register("evaluate", objective)

# one call
ONE = 1
study = optuna.create_study()
study.optimize(objective, n_trials=1)
study.optimize(objective, ONE)
fmin(objective, {}, algo=tpe.suggest, max_evals=1)
wandb.agent("id", objective, count=1)


# one model for all
shared = build()


def asks(values):
    return float(shared.predict(values))


scipy.optimize.minimize(asks, x[0])


def builds_once(trial):
    global net
    if net is None:
        net = build()
    return net.evaluate(x, y)


net = None
study.optimize(builds_once, n_trials=10)

cache = {}


def caches(trial):
    units = trial.suggest_categorical("units", [4, 8])
    if units not in cache:
        cache[units] = build(units)
    return cache[units].evaluate(x, y)


study.optimize(caches, n_trials=10)


class Lazy:
    def __init__(self):
        self.model = None

    def __call__(self, trial):
        if self.model is None:
            self.model = build()
        return self.model.evaluate(x, y)


study.optimize(Lazy(), n_trials=10)


# other libraries, other methods of the same name
def of_torch(trial):
    model = torch.nn.Sequential(torch.nn.Linear(4, trial.suggest_int("units", 1, 8)))
    return float(model(x).mean())


study.optimize(of_torch, n_trials=10)
tf.keras.optimizers.SGD().minimize(objective, [])
registry.register("evaluate", objective)
solver.optimize(objective)
app.run(objective)


class Solver:
    def optimize(self, function):
        return function(None)


Solver().optimize(objective)


# a search that is never told what to call
optuna.create_study().optimize
hyperopt.fmin(max_evals=10)
study.optimize()
