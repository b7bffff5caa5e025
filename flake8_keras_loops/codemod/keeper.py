"""The helper that the ``reuse`` fix writes into a file, as source: :mod:`.reuse` copies the function below word for word.

It imports nothing of ours and runs on Keras 3 (TensorFlow, JAX; on torch it hands every model through) and ``tf.keras`` 2.15.
Why each step is right: ``docs/fixes/reuse.md``.
"""

# mypy: ignore-errors
# ruff: noqa


def compiled_model_keeper(limit=8):
    """Return ``keep(model)``, which swaps newly built Keras models for compiled ones.

    Building a model is cheap, tracing and compiling it is not. The first of a kind is
    kept with its compiled functions; a later equal one only hands over its fresh
    weights, random states and optimizer, so that results stay the same. A model that
    differs (layers, compile() arguments, functions and what they read, trainable) is
    used itself. One without an ``Input`` needs ``x``, the array it will be called on.
    """
    import re
    import sys
    import warnings

    libraries = {"builtins", "keras", "tensorflow", "tf_keras", "jax", "jaxlib", "numpy"}
    libraries.update(getattr(sys, "stdlib_module_names", ()))
    kept = []  # models, and what each was like when it was new

    def is_own(value):  # not a library's: what its code reads is compared
        module = getattr(value, "__module__", None) or getattr(value, "__name__", "builtins")
        return str(module).split(".")[0] not in libraries

    def function(value):  # the one in a method, a property, a tf.function
        value = getattr(value, "fget", value)
        value = value if hasattr(value, "__code__") else getattr(value, "__wrapped__", None)
        return value if hasattr(value, "__code__") and is_own(value) else None

    def words(code):  # the names in a function and in the functions in it
        inner = [words(part) for part in code.co_consts if hasattr(part, "co_names")]
        return set(code.co_names).union(*inner)

    def settings(value, names):  # of get_config(), without what is handed over
        if isinstance(value, dict):
            left = {k: v for k, v in value.items() if not str(k).endswith("initializer")}
            if hasattr(left.get("learning_rate"), "__float__"):
                del left["learning_rate"]
            left["name"] = re.sub(r"_\d+(?=_|$)", "", str(left.get("name")))  # "dense_1_input"
            left["batch_input_shape"] = (left.get("batch_input_shape") or [])[1:]
            return {k: v if isinstance(v, str) else settings(v, names) for k, v in left.items()}
        if isinstance(value, (list, tuple)):
            return [settings(v, names) for v in value]
        return describe(value, names)

    def describe(value, names, used=frozenset()):  # equal where a trace would be equal
        key = value if isinstance(value, str) else id(getattr(value, "state", value))
        code = getattr(function(value), "__code__", None)
        if key in names:  # a part of the model, or met before
            return names[key]
        if isinstance(value, dict):
            return {k: describe(v, names, used) for k, v in value.items()}
        if isinstance(value, (list, tuple)):
            return [describe(v, names, used) for v in value]
        if hasattr(value, "assign"):  # a variable, and not the model's
            return id(value)
        if hasattr(type(value), "__array__"):
            array = value.__array__()
            return [array.dtype.str, array.shape, array.tobytes()]
        if code:
            names[key] = len(names)
            owner = describe(getattr(value, "__self__", None), names, words(code))
            return [source(function(value), names), owner]
        if (
            hasattr(type(value), "get_config")
            and not hasattr(value, "variables")
            or hasattr(value, "update_state")
        ):
            return contents(value, names)
        if hasattr(value, "keywords"):  # functools.partial
            return describe([value.func, value.args, value.keywords], names)
        if is_own(value) and hasattr(value, "__dict__") and not hasattr(value, "variables"):
            names[key] = len(names)
            shared = isinstance(value, (type, type(sys)))
            scope = (
                {}
                if shared
                else {n: v for b in type(value).__mro__ if is_own(b) for n, v in vars(b).items()}
            )
            scope.update(vars(value))
            kind = value if shared else type(value)
            return [
                kind,
                [[n, describe(scope[n], names, used)] for n in sorted(used) if n in scope],
            ]
        return [value, repr(value)]

    def source(function, names, scope=None):
        used = words(function.__code__)
        draws = [n for n in used if "random" in n or n == "dropout"]
        if "seed_generator" not in used and not all(hasattr(scope, n) for n in draws):
            raise ValueError("draws random numbers that no variable decides")
        read = [[n, function.__globals__[n]] for n in sorted(used) if n in function.__globals__]
        read += [cell.cell_contents for cell in function.__closure__ or ()]
        read += [function.__defaults__, function.__kwdefaults__]
        return [function.__code__, describe(read, names, used)]

    def contents(part, names):
        own = [base for base in type(part).__mro__ if is_own(base)]
        code = [f for base in own for f in map(function, vars(base).values()) if f]
        used = set().union(*[words(f.__code__) for f in code])
        scope = {n: v for base in own[::-1] for n, v in vars(base).items() if not function(v)}
        scope = {n: v for n, v in scope.items() if n in used}
        scope.update({n: v for n, v in vars(part).items() if n in used or is_own(v)})
        try:
            config = settings(part.get_config(), names)
        except NotImplementedError:
            if not code:
                raise
            config = None
        return [
            type(part),
            getattr(part, "trainable", None),
            [config, describe(getattr(part, "_fn_kwargs", None), names)],  # Huber's delta
            [source(f, names, part) for f in code],
            [[n, describe(scope[n], names, used)] for n in sorted(scope)],
        ]

    def signature(model):
        parts = list(model._flatten_layers())
        hidden = "_random_generator", "adapt"  # Keras 2 with random layers, tables
        if any(hasattr(part, name) for part in parts for name in hidden) or any(
            getattr(part, "stateful", 0) for part in parts
        ):
            raise ValueError("has state that is in no variable")
        parts += [op for layer in parts for op in getattr(layer, "operations", ())]
        optimizer = getattr(model, "optimizer", None)
        if hasattr(optimizer, "_u_product_counter"):  # Nadam of Keras 2
            raise ValueError("counts in no variable")
        arguments = model._compile_config.config if optimizer else None
        parts += filter(None, [optimizer, getattr(optimizer, "inner_optimizer", None)])
        names = {}
        for part in parts + model.variables:
            names.setdefault(id(part), len(names))
            names.setdefault(part.name, len(names))
        shapes = [(tuple(v.shape), str(v.dtype)) for v in model.variables]
        return [settings(arguments, names), [contents(part, names) for part in parts], shapes]

    def state(model):
        optimizer = getattr(model, "optimizer", None)
        if not optimizer:
            return model.variables
        if not getattr(optimizer, "built", False):
            optimizer.build(model.trainable_variables)
        rate = vars(optimizer).get("_learning_rate")  # in Keras 2 no variable of it
        return [
            *model.variables,
            *optimizer.variables,
            *([rate] if hasattr(rate, "assign") else []),
        ]

    def keep(model, x=None):
        if any(base.__module__.startswith("torch") for base in type(model).__mro__):
            return model  # nothing is compiled there
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                if not model.built and hasattr(x, "shape"):
                    model(getattr(x, "values", x)[:1])
                if not model.built:
                    raise ValueError("no weights yet")
                new = signature(model)
                old = next((old for old, then in kept if then == new == signature(old)), None)
                if old is None:
                    kept.append((model, new))
                    del kept[:-limit]
                    return model
                variables, fresh = state(old), state(model)
                if len(variables) != len(fresh):
                    raise ValueError("optimizers of different variables")
                for variable, value in zip(variables, fresh):
                    variable.assign(value.numpy())
        except Exception:  # what cannot be compared is used itself
            return model
        old.reset_metrics()
        old.stop_training = False
        keep.reused += 1
        return old

    keep.reused = 0
    return keep
