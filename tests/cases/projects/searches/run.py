"""Searches of functions in another file: the finding stands at the search."""
import objectives
import optuna
from objectives import cleared, objective, partly_cleared

study = optuna.create_study()
study.optimize(objective, n_trials=10)  # -> KL103 column 1 loop 7
study.optimize(lambda trial: objectives.objective(trial), n_trials=10)  # -> KL103
study.optimize(
    lambda trial: 1 - objectives.objective(trial),  # -> KL103
    n_trials=10,
)
study.optimize(cleared, n_trials=10)  # -> KL107
study.optimize(partly_cleared, n_trials=10)  # -> KL104
study.optimize(objectives.folds, n_trials=10)  # -> KL103
study.optimize(objectives.nothing, n_trials=10)
