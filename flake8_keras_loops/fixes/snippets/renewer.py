"""The helper of the short form of the ``reuse`` fix, as source: the function below is copied into a file word for word.

It runs on Keras 3, as part of any file that has ``keras`` (or ``tf.keras``, with that name written instead); on torch, which
compiles nothing, and in Keras 2, where random states are in no variable, it hands every model through. Both models must be built
and compiled alike, and made of what :mod:`..knowledge.plain` lists. Formatted for 88 columns, the width that most projects use.

Why each step: a fit builds the optimizer's slots, so both need them now, but a ``LossScaleOptimizer`` cannot be built twice.
``variables`` are the weights, statistics and random states, never metrics, which come into being at the first batch; those of the
optimizer are the slots, the iterations and the learning rate. Two models that are built have the same ones in the same order.
"""

# mypy: ignore-errors
import keras


def renew(kept, model):
    """Give a compiled model the values of a new one, which saves compiling again."""
    if kept is None or keras.__version__ < "3" or keras.backend.backend() == "torch":
        return model
    for each in [one for one in (kept, model) if not one.optimizer.built]:
        each.optimizer.build(each.trainable_variables)
    state = [*kept.variables, *kept.optimizer.variables]
    for variable, value in zip(state, [*model.variables, *model.optimizer.variables]):
        variable.assign(value)
    kept.reset_metrics()
    kept.stop_training = False
    return kept
