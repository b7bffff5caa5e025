"""The helper of the short form for a model that is never compiled and only predicts, as source (:mod:`.renewer`)."""

# mypy: ignore-errors
# ruff: noqa

import keras


def renew_weights(kept, model):
    """Give a model that has run a new one's weights, which saves tracing again."""
    if keras.__version__ < "3" or keras.backend.backend() == "torch":
        return model
    kept = kept or model
    for variable, value in zip(kept.variables, model.variables):
        variable.assign(value)
    return kept
