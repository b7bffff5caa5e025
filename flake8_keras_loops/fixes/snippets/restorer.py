"""The helper that the ``hoist`` fix writes into a file, as source: :mod:`.hoist` copies the function below word for word.

It imports nothing of ours and runs on Keras 3 (TensorFlow, JAX, torch) and ``tf.keras`` 2.15, eagerly. Formatted for 88 columns,
the width that most projects use. What it remembers is all that training changes; without the weights and random states it is what
``compile()`` makes anew, for :mod:`.recompile`. ``copy()`` because on torch ``numpy()`` shows the variable's own memory.
"""
# mypy: ignore-errors
# ruff: noqa


def model_restorer(model, weights=True):
    """Remember a built model's state; return a function that puts it back as it was.

    That is the optimizer's slots, iterations and learning rate, metrics, and
    stop_training; weights and random states too, unless ``weights`` is false.
    """
    variables = list(model.variables) if weights else []
    optimizer = getattr(model, "optimizer", None)
    if optimizer:
        optimizer.build(model.trainable_variables)
        rate = [v for v in vars(optimizer).values() if hasattr(v, "assign")]  # Keras 2
        variables += [*optimizer.variables, *rate]
    values = [variable.numpy().copy() for variable in variables]

    def restore():
        for variable, value in zip(variables, values):
            variable.assign(value)
        model.reset_metrics()
        model.stop_training = False

    return restore
