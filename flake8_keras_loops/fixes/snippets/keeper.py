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

    import numpy

    standard = {"builtins", *getattr(sys, "stdlib_module_names", ())}
    libraries = standard | {"keras", "tensorflow", "tf_keras", "jax", "jaxlib", "numpy"}
    kept = []  # models, what each was like when it was new, and what was learned of it since

    def is_own(value):  # not a library's: what its code reads is compared
        module = getattr(value, "__module__", None) or getattr(value, "__name__", "builtins")
        return str(module).partition(".")[0] not in libraries

    def function(value):  # the one in a method, a property, a tf.function
        value = getattr(value, "fget", value)
        value = value if hasattr(value, "__code__") else getattr(value, "__wrapped__", None)
        return value if hasattr(value, "__code__") and is_own(value) else None

    def words(code):  # the names in a function and in the functions in it
        inner = [words(part) for part in code.co_consts if hasattr(part, "co_names")]
        return set(code.co_names).union(*inner)

    def settings(value, names):  # of get_config(), without what is handed over
        if isinstance(value, dict):
            if value.get("class_name") == "__lambda__":  # its bytes vary; describe() sees its code
                return value["class_name"]
            left = {k: v for k, v in value.items() if not str(k).endswith("initializer")}
            if hasattr(left.get("learning_rate"), "__float__"):
                del left["learning_rate"]
            if "name" in left:
                left["name"] = re.sub(r"_\d+(?=_|$)", "", str(left["name"]))  # "dense_1_input"
            left["batch_input_shape"] = (left.get("batch_input_shape") or [])[1:]
            return {k: v if isinstance(v, str) else settings(v, names) for k, v in left.items()}
        if isinstance(value, (list, tuple)):
            return [settings(v, names) for v in value]
        return describe(value, names)

    def describe(value, names, used=frozenset()):  # equal where a trace would be equal
        if value is None or isinstance(value, (int, float)):
            return [value, repr(value)]
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
        plain = hasattr(type(value), "get_config") and not hasattr(value, "variables")
        if plain or hasattr(value, "update_state"):
            return contents(value, names)
        if hasattr(value, "keywords"):  # functools.partial
            return describe([value.func, value.args, value.keywords], names)
        if is_own(value) and hasattr(value, "__dict__") and not hasattr(value, "variables"):
            names[key] = len(names)
            shared, scope = isinstance(value, (type, type(sys))), {}
            for base in () if shared else filter(is_own, type(value).__mro__):
                scope = {**vars(base), **scope}
            scope.update(vars(value))
            read = [[n, describe(scope[n], names, used)] for n in sorted(used) if n in scope]
            return [value if shared else type(value), read]
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
            config = part.get_config()
            if "layers" in config and not own:  # each is a part itself
                wiring = [{**layer, "config": None} for layer in config["layers"]]
                config = {**config, "layers": wiring}
            config = settings(config, names)
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

    def look(value):  # quick, and differs when a setting of a library's part was changed
        if hasattr(value, "__code__") or isinstance(value, str):
            return value
        if value is None or isinstance(value, (int, float)):
            return repr(value)
        if isinstance(value, dict):
            passing = "history", "stop_training"
            return {k: look(v) for k, v in value.items() if k not in passing}
        if isinstance(value, (list, tuple)):
            return [look(v) for v in value]
        if hasattr(type(value), "get_config") and not hasattr(type(value), "variables"):
            return [type(value), look(vars(value))]
        if isinstance(value, numpy.ndarray):
            return value.tobytes()
        printed = type(value).__module__.split(".")[0] in standard and not callable(value)
        return repr(value) if printed else id(value)

    def signature(model, learned):
        parts = list(model._flatten_layers())
        hidden = "_random_generator", "adapt"  # Keras 2 with random layers, tables
        for part in parts:
            if getattr(part, "stateful", 0) or any(hasattr(part, name) for name in hidden):
                raise ValueError("has state that is in no variable")
        parts += [op for layer in parts for op in getattr(layer, "operations", ())]
        optimizer = getattr(model, "optimizer", None)
        if hasattr(optimizer, "_u_product_counter"):  # Nadam of Keras 2
            raise ValueError("counts in no variable")
        arguments = model._compile_config.config if optimizer else None
        parts += filter(None, [optimizer, getattr(optimizer, "inner_optimizer", None)])
        parts = list({id(part): part for part in parts}.values())
        names = {}
        for part in parts + model.variables:
            names.setdefault(id(part), len(names))
            names.setdefault(part.name, len(names))
        shapes = [(tuple(v.shape), str(v.dtype)) for v in model.variables]
        found = [settings(arguments, names), shapes]
        looks = learned and [look(vars(part)) for part in parts if not is_own(type(part))]
        if learned.get("looks") != looks:
            learned.update(looks=looks, contents={})
        same = learned["contents"]
        for part in parts:
            count = len(names)
            found.append(same.get(id(part)) or contents(part, names))
            if not is_own(type(part)) and not any(found[-1][3:]) and len(names) == count:
                same[id(part)] = found[-1]  # it holds nothing of the user's
        return found

    def state(model, build=True):
        optimizer = getattr(model, "optimizer", None)
        if not optimizer:
            return model.variables
        if build and not getattr(optimizer, "built", getattr(optimizer, "_built", False)):
            optimizer.build(model.trainable_variables)
        rate = vars(optimizer).get("_learning_rate")  # in Keras 2 no variable of it
        rates = [rate] if hasattr(rate, "assign") else []
        return [*model.variables, *optimizer.variables, *rates]

    def fresh(model, learned):  # a new model's state, mostly without building its optimizer
        early = state(model, build=False)
        if len(early) in learned:
            values = iter(early)
            return [next(values) if slot is None else slot for slot in learned[len(early)]]
        late, ids = state(model), set(map(id, early))
        slots = [None if id(variable) in ids else variable.numpy() for variable in late]
        optimizers = [getattr(model, "optimizer", None)]
        optimizers += [getattr(optimizers[0], "inner_optimizer", None)]
        varying = any(getattr(one, "use_ema", 0) or is_own(type(one)) for one in optimizers)
        if not varying and all(slot is None or (slot == slot.flat[0]).all() for slot in slots):
            learned[len(early)] = [
                slot if slot is None else numpy.broadcast_to(slot.flat[0], slot.shape)
                for slot in slots
            ]
        return late

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
                new = signature(model, {})
                equal = (one for one in kept if one[1] == new == signature(one[0], one[2]))
                old, _, learned = next(equal, (None, None, None))
                if old is None:
                    kept.append((model, new, {"looks": None}))
                    del kept[:-limit]
                    return model
                variables, values = state(old), fresh(model, learned)
                if len(variables) != len(values):
                    raise ValueError("optimizers of different variables")
                for variable, value in zip(variables, values):
                    variable.assign(value)
        except Exception:  # what cannot be compared is used itself
            return model
        old.reset_metrics()
        old.stop_training = False
        keep.reused += 1
        return old

    keep.reused = 0
    return keep
