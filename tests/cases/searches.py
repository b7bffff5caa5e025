"""Functions that a search calls over and over. The finding stands in the function, at the construction or the call that leads
to it; the loop is the function."""
import functools

import ax
import dlib
import GPyOpt
import hyperopt
import keras
import nevergrad as ng
import optuna
import optunity
import pygad
import ray
import scipy.optimize
import skopt
import talos
import wandb
from bayes_opt import BayesianOptimization
from deap import algorithms, base, tools
from hyperas import optim
from hyperopt import STATUS_OK, Trials, fmin, tpe
from keras import layers
from optuna.samplers import TPESampler
from pyswarm import pso
from ray import tune
from scipy.optimize import differential_evolution, minimize
from skopt import forest_minimize, gp_minimize
from skopt.space import Integer, Real
from skopt.utils import use_named_args

x, y = load()
N_TRIALS = 50


def build(units, rate=0.01):
    model = keras.Sequential([keras.Input((4,)), layers.Dense(units), layers.Dense(1)])
    model.compile(keras.optimizers.Adam(rate), "mse")
    return model


# Optuna
def objective(trial):
    model = keras.Sequential([layers.Dense(trial.suggest_int("units", 4, 64))])  # -> KL103 column 13 loop 43
    model.compile("adam", "mse")
    return model.fit(x, y).history["loss"][-1]


study = optuna.create_study(sampler=TPESampler(), direction="minimize")
study.optimize(objective, n_trials=N_TRIALS)


def through_a_factory(trial):
    model = build(trial.suggest_int("units", 4, 64))  # -> KL103 loop 53
    model.fit(x, y)
    return model.evaluate(x, y)


def search(study):
    study.optimize(func=through_a_factory, timeout=600)


def with_data(trial, data, labels):
    model = build(8)  # -> KL103
    model.fit(data, labels)
    return model.evaluate(data, labels)


optuna.create_study().optimize(lambda trial: with_data(trial, x, y), n_trials=20)


def with_more(trial, factory):
    model = factory(8)  # -> KL103
    model.fit(x, y)
    return model.evaluate(x, y)


study.optimize(functools.partial(with_more, factory=build), 100)
study.optimize(lambda trial: build(trial.suggest_int("units", 1, 4)).fit(x, y).history["loss"][0])  # -> KL103 column 30 loop 79


class Objective:
    def __init__(self, data):
        self.data = data

    def __call__(self, trial):
        model = build(8)  # -> KL103 loop 86
        model.fit(self.data, y)
        return model.evaluate(self.data, y)


study.optimize(Objective(x), n_trials=10)


class Tuner:
    def __init__(self):
        self.study = optuna.create_study()
        self.model = None

    def objective(self, trial):
        self.model = self.build(trial)  # -> KL103 loop 100
        return self.model.fit(x, y).history["loss"][-1]

    def build(self, trial):
        return keras.Sequential([layers.Dense(trial.suggest_categorical("units", [2, 4]))])

    def run(self):
        self.study.optimize(self.objective, n_trials=10)


def nested(data):
    def inner_objective(trial):
        model = build(8)  # -> KL103
        return model.fit(data, y).history["loss"][-1]

    study = optuna.create_study()
    study.optimize(inner_objective, n_trials=10)


# a path that a pruned trial does not clear on
def pruned(trial):
    model = build(8)  # -> KL104
    score = model.fit(x, y).history["loss"][-1]
    trial.report(score, 1)
    if trial.should_prune():
        raise optuna.TrialPruned()
    keras.backend.clear_session()
    return score


study.optimize(pruned, n_trials=10)


def sometimes_cleared(trial):
    if trial.number % 10 == 0:
        keras.backend.clear_session()
    model = build(8)  # -> KL104
    return model.fit(x, y).history["loss"][-1]


study.optimize(sometimes_cleared, n_trials=10)


def cleared(trial):
    keras.backend.clear_session()
    model = build(8)  # -> KL107
    return model.fit(x, y).history["loss"][-1]


study.optimize(cleared, n_trials=10)

models = []


def collected(trial):
    model = build(8)  # -> KL105
    models.append(model)
    return model.fit(x, y).history["loss"][-1]


study.optimize(collected, n_trials=10)


# a loop inside is a loop of its own
def folds(trial):
    losses = []
    for fold in range(5):
        model = build(8)  # -> KL102 loop 167
        losses.append(model.fit(x, y).history["loss"][-1])
    return sum(losses)


study.optimize(folds, n_trials=10)


# but one that cannot repeat it is not
def first_that_works(trial):
    for units in (8, 16):
        model = build(units)  # -> KL103
        return model.fit(x, y).history["loss"][-1]


study.optimize(first_that_works, n_trials=10)


# Hyperopt
def loss(params):
    model = build(params["units"])  # -> KL103
    return {"loss": model.fit(x, y).history["loss"][-1], "status": STATUS_OK}


fmin(loss, {"units": hyperopt.hp.choice("units", [4, 8])}, algo=tpe.suggest, max_evals=50, trials=Trials())


def loss_and_model(params):
    model = build(params["units"])  # -> KL105
    return {"loss": model.fit(x, y).history["loss"][-1], "status": STATUS_OK, "model": model}


hyperopt.fmin(fn=loss_and_model, space={}, algo=tpe.suggest, max_evals=50)

# scikit-optimize
space = [Integer(4, 64, name="units"), Real(1e-4, 1e-1, name="rate")]


@use_named_args(dimensions=space)
def named(units, rate):
    model = build(units, rate)  # -> KL103
    return model.fit(x, y).history["loss"][-1]


gp_minimize(func=named, dimensions=space, n_calls=30)


def listed(values):
    model = build(values[0])  # -> KL103
    return model.fit(x, y).history["loss"][-1]


forest_minimize(listed, space)


def called_by_an_optimizer(values):
    model = build(values[0])  # -> KL103
    return model.fit(x, y).history["loss"][-1]


skopt.Optimizer(space).run(called_by_an_optimizer, n_iter=20)


# others
def of_scipy(values):
    model = build(int(values[0]))  # -> KL103
    return model.fit(x, y).history["loss"][-1]


minimize(of_scipy, [8])
differential_evolution(lambda values: of_scipy(values), [(1, 64)])


def of_brute(values, data):
    model = build(int(values[0]))  # -> KL103
    return model.fit(data, y).history["loss"][-1]


scipy.optimize.brute(of_brute, (slice(1, 64),), args=(x,))


def of_bayes(units, rate):
    model = build(int(units), rate)  # -> KL103
    return -model.fit(x, y).history["loss"][-1]


optimizer = BayesianOptimization(f=of_bayes, pbounds={"units": (4, 64), "rate": (1e-4, 1e-1)})
optimizer.maximize(init_points=2, n_iter=10)


def of_gpyopt(values):
    model = build(int(values[0][0]))  # -> KL103
    return model.fit(x, y).history["loss"][-1]


GPyOpt.methods.BayesianOptimization(of_gpyopt, domain=[]).run_optimization(20)


def of_deap(individual):
    model = build(individual[0])  # -> KL103
    return (model.fit(x, y).history["loss"][-1],)


toolbox = base.Toolbox()
toolbox.register("evaluate", of_deap)
toolbox.register("mate", tools.cxTwoPoint)
algorithms.eaSimple([], toolbox, 0.5, 0.2, ngen=10)


def of_ax(parameterization):
    model = build(parameterization["units"])  # -> KL103
    return model.fit(x, y).history["loss"][-1]


ax.optimize(parameters=[], evaluation_function=of_ax, total_trials=20)


def sweep():
    wandb.init()
    model = build(wandb.config.units)  # -> KL103
    model.fit(x, y)


wandb.agent("id", function=sweep, count=20)


def template(x_train, y_train, x_test, y_test):
    model = keras.Sequential([layers.Dense({{choice([4, 8])}})])  # -> KL105
    model.compile("adam", "mse")
    return {"loss": model.fit(x_train, y_train).history["loss"][-1], "status": STATUS_OK, "model": model}


optim.minimize(model=template, data=load, algo=tpe.suggest, max_evals=5, trials=Trials())


def of_nevergrad(units):
    model = build(units)  # -> KL103
    return model.fit(x, y).history["loss"][-1]


ng.optimizers.NGOpt(parametrization=2, budget=100).minimize(of_nevergrad)


def of_others(*values):
    model = build(int(values[0]))  # -> KL103
    return model.fit(x, y).history["loss"][-1]


optunity.maximize(of_others, num_evals=100)
dlib.find_max_global(of_others, [1], [64], 50)
pso(of_others, [1], [64])


def fitness(ga, solution, index):
    model = build(int(solution[0]))  # -> KL103
    return -model.fit(x, y).history["loss"][-1]


pygad.GA(num_generations=10, fitness_func=fitness).run()


# these clear, or use new processes, unless they are told not to
def not_cleared_by_talos(x_train, y_train, x_val, y_val, params):
    model = build(params["units"])  # -> KL103
    return model.fit(x_train, y_train), model


talos.Scan(x, y, {}, not_cleared_by_talos, "experiment", clear_session=False)


def in_one_actor(config):
    model = build(config["units"])  # -> KL103
    tune.report({"loss": model.fit(x, y).history["loss"][-1]})


ray.tune.Tuner(tune.with_resources(in_one_actor, {"gpu": 1}), tune_config=tune.TuneConfig(reuse_actors=True)).fit()
