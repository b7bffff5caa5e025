"""The helper that the fix of KL201 writes into a file, as source: :mod:`.recompile` copies the function below word for word.

It is to :mod:`.restorer` what ``compile()`` is to building: the weights and random states stay as they are. It imports nothing of
ours and runs on Keras 3 (TensorFlow, JAX, torch) and ``tf.keras`` 2.15, eagerly. ``copy()`` because on torch ``numpy()`` shows the
variable's own memory.
"""
# mypy: ignore-errors
# ruff: noqa


def optimizer_restorer(model):
    """Remember a compiled model's optimizer; return a function that makes it new again.

    That is its slots, iterations and learning rate, and the model's metrics.
    """
    optimizer = model.optimizer
    optimizer.build(model.trainable_variables)
    rate = [v for v in vars(optimizer).values() if hasattr(v, "assign")]  # Keras 2
    variables = [*optimizer.variables, *rate]
    values = [variable.numpy().copy() for variable in variables]

    def restore():
        for variable, value in zip(variables, values):
            variable.assign(value)
        model.reset_metrics()
        model.stop_training = False

    return restore
