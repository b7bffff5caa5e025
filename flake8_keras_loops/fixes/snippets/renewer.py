"""The helper that the short form of the ``reuse`` fix writes into a file, as source: the function below goes there word for word."""
# mypy: ignore-errors
# ruff: noqa

import keras


def renew(kept, model):
    """Give a compiled model the values of a newly built one, which saves compiling again."""
    if kept is None or keras.__version__ < "3" or keras.backend.backend() == "torch":
        return model
    for each in (kept, model):
        each.optimizer.build(each.trainable_variables)
    state = [*kept.variables, *kept.optimizer.variables]
    for variable, value in zip(state, [*model.variables, *model.optimizer.variables]):
        variable.assign(value)
    kept.reset_metrics()
    kept.stop_training = False
    return kept
