"""The helper of the short form of the ``reuse`` fix, as source: the function below is copied into a file word for word.

It runs on Keras 3, as part of any file that has ``keras`` (or ``tf.keras``, with that name written instead); on torch, which
compiles nothing, and in Keras 2, where random states are in no variable, it hands every model through. Both models must be built
and compiled alike, and made of what :mod:`..knowledge.plain` lists. Formatted for 88 columns, the width that most projects use.

Why each step: a fit builds the optimizer's slots, so a new model's are built here, the first one's too, since a fit may build them
in another order (Keras 3.15 ``LossScaleOptimizer``). ``variables`` are the weights, statistics and random states, never metrics,
which come into being at the first batch; those of the optimizer are the slots, the iterations and the learning rate. Two models
that are built have the same ones in the same order. What ``fit`` resets itself is put back for loops over ``train_on_batch()``.
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
