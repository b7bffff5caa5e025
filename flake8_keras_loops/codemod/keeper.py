"""The helper that the ``reuse`` fix writes into a file, as source: :mod:`.reuse` copies the function below word for word.

It imports nothing of ours and runs on Keras 3 (TensorFlow, JAX; on torch it hands every model through) and ``tf.keras`` 2.15.
Formatted for 88 columns, the width that most projects use. Why each step is right: ``docs/rules/reuse.md``.
"""
# mypy: ignore-errors
# ruff: noqa


def compiled_model_keeper(limit=8):
    """Return ``keep(model)``, which swaps newly built Keras models for compiled ones.

    Building a model is cheap, tracing and compiling it is not. The first of a kind is
    kept with its compiled functions; a later equal one only hands over its fresh
    weights, random states and optimizer, so that results stay the same. A model that
    differs (layers, compile() arguments, functions, trainable) is used itself. One
    without an ``Input`` needs ``x``, the array it will be called on.
    """
    import warnings

    kept = []

    def is_own(value):  # a function, and not a library's
        return hasattr(value, "__code__") and "-packages" not in value.__code__.co_filename

    def describe(value, names):  # nested lists that are equal for equal models
        if isinstance(value, dict):
            fixed = {k: v for k, v in value.items() if not str(k).endswith("initializer")}
            if hasattr(fixed.get("learning_rate"), "__float__"):
                del fixed["learning_rate"]  # handed over, like what initializers draw
            fixed["name"] = str(fixed.get("name")).rstrip("_0123456789")
            texts = {k: v for k, v in fixed.items() if isinstance(v, str)}
            return [[names.get(k, k), texts.get(k) or describe(v, names)] for k, v in fixed.items()]
        if isinstance(value, (list, tuple)):
            return [describe(item, names) for item in value]
        key = value if isinstance(value, str) else id(getattr(value, "state", value))
        if key in names:  # a part of the model
            return names[key]
        if is_own(value):
            called = value.__code__.co_names
            if any("random" in name for name in called) and "seed_generator" not in called:
                raise ValueError("draws random numbers that no variable decides")
            used = [value.__globals__.get(name) for name in called]
            used = [v for v in used if is_own(v) or isinstance(v, (bool, int, float, str))]
            used += [cell.cell_contents for cell in value.__closure__ or ()]
            return [value.__code__, describe([value.__defaults__, used], names)]
        is_state = hasattr(value, "variables") and not hasattr(value, "update_state")
        if hasattr(type(value), "get_config") and not is_state:
            return contents(value, names)
        return [repr(value), getattr(value, "tobytes", str)()]

    def contents(part, names):
        code = [f for base in type(part).__mro__ for f in vars(base).values() if is_own(f)]
        read = [vars(part)[n] for f in code for n in f.__code__.co_names if n in vars(part)]
        read += filter(is_own, vars(part).values())
        try:
            config = part.get_config()
        except NotImplementedError:
            if hasattr(part, "call") and not code:
                raise
            config = None
        return [
            type(part),
            getattr(part, "trainable", 0),
            describe([config, code, read], names),
        ]

    def signature(model):
        parts = list(model._flatten_layers())
        if not model.built or any(hasattr(part, "_random_generator") for part in parts):
            raise ValueError("not comparable: no weights, or Keras 2 with random layers")
        parts += [op for layer in parts for op in getattr(layer, "operations", ())]
        parts += [model.optimizer] if getattr(model, "optimizer", None) else []
        names = {}
        for part in parts + model.variables:
            names.setdefault(id(part), len(names))
            names.setdefault(part.name, len(names))
        arguments = getattr(getattr(model, "_compile_config", None), "config", None)
        shapes = [(tuple(v.shape), str(v.dtype)) for v in model.variables]
        return [
            describe(arguments, names),
            [contents(part, names) for part in parts],
            shapes,
        ]

    def state(model):
        optimizer = getattr(model, "optimizer", None)
        if not optimizer:
            return model.variables
        optimizer.build(model.trainable_variables)
        rate = [v for v in vars(optimizer).values() if hasattr(v, "assign")]  # Keras 2
        return [*model.variables, *optimizer.variables, *rate]

    def keep(model, x=None):
        if any(base.__module__.startswith("torch") for base in type(model).__mro__):
            return model  # nothing is compiled there
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                if not model.built and hasattr(x, "shape"):
                    model(getattr(x, "values", x)[:1])
                new = signature(model)
                old = next((old for old in kept if signature(old) == new), None)
            if old is not None:
                for variable, fresh in zip(state(old), state(model)):
                    variable.assign(fresh.numpy())
        except Exception:  # what cannot be compared is used itself
            return model
        if old is None:
            kept.append(model)
            del kept[:-limit]
            return model
        old.reset_metrics()
        old.stop_training = False
        keep.reused += 1
        return old

    keep.reused = 0
    return keep
