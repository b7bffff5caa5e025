"""The helper that the short form of ``reuse`` writes into a file, as source: :mod:`..strategies.short_form` copies the function word for word.

It runs on Keras 3. On torch, which compiles nothing, and on Keras 2, where random streams are in no variable, it gives the new
model. The optimizer is built before the first ``fit`` too, since one that ``fit`` builds may have its variables in another order
(Keras 3.15 ``LossScaleOptimizer``). What ``fit`` resets itself is put back for loops over ``train_on_batch()``.
"""
# mypy: ignore-errors
# ruff: noqa

import keras


def renew(kept, model):
    """Give a compiled model a new one's values, which saves compiling again."""
    if keras.__version__ < "3" or keras.backend.backend() == "torch":
        return model
    kept = kept or model
    model.optimizer.build(model.trainable_variables)
    state = [*kept.variables, *kept.optimizer.variables]
    for variable, value in zip(state, [*model.variables, *model.optimizer.variables]):
        variable.assign(value)
    kept.reset_metrics()
    kept.stop_training = False
    return kept
