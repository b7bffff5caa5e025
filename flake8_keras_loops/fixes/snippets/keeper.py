"""Go on with a compiled Keras model in a loop that builds a new one every time.

Written by keras-loop-fix (flake8-keras-loops) for the loops that import it. It needs
numpy, and Keras 3 or tf.keras 2.15. On torch, which compiles nothing, a keeper hands
every model through.
"""

import re
import sys
import warnings
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from types import CodeType
from typing import Any

import numpy as np

_STANDARD = {"builtins", *getattr(sys, "stdlib_module_names", ())}
_LIBRARIES = _STANDARD | {"keras", "tensorflow", "tf_keras", "jax", "jaxlib", "numpy"}

# Parts of a model, and what was met before, by identity or name: what differs from
# model to model becomes a number that does not.
_Names = dict[Any, int]


class CompiledModelKeeper:
    """What :func:`compiled_model_keeper` returns: to be called with each new model."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.reused = 0
        self._kept: list[_Kept] = []

    def __call__(self, model: Any, x: Any = None) -> Any:
        """Return the model to go on with: a kept one, or ``model`` itself."""
        if any(base.__module__.startswith("torch") for base in type(model).__mro__):
            return model  # nothing is compiled there
        old = None
        with suppress(Exception), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            old = self._exchange(model, x)
        if old is None:  # also where something cannot be compared
            return model
        old.reset_metrics()
        old.stop_training = False
        self.reused += 1
        return old

    def _exchange(self, model: Any, x: Any) -> Any:
        """A kept model with the new one's values; ``None`` if there is no equal one."""
        if not model.built and x is not None:
            model(_row(x))
        if not model.built:
            raise ValueError("no weights yet")
        new = _signature(model, _parts(model), {})
        old = next((one for one in self._kept if one.is_like(new)), None)
        if old is None:
            self._kept.append(_Kept(model, new))
            del self._kept[: -self.limit]
            return None
        old.take_over(model)
        return old.model


def compiled_model_keeper(limit: int = 8) -> CompiledModelKeeper:
    """Return ``keep(model)``, which swaps newly built Keras models for compiled ones.

    Building a model is cheap, tracing and compiling it is not. The first of a kind is
    kept with its compiled functions; a later equal one only hands over its fresh
    weights, random states and optimizer, so that results stay the same. A model that
    differs (layers, compile() arguments, functions and what they read, trainable) is
    used itself. One without an ``Input`` needs ``x``, the data it will be called on: an
    array, a dict or list of such, or a ``tf.data.Dataset``.

    ``limit`` is how many models are kept; ``keep.reused`` counts the swaps.
    """
    return CompiledModelKeeper(limit)


def _row(x: Any) -> Any:
    """One row of data; of a ``tf.data.Dataset``, zeros of the shape of its inputs."""
    if hasattr(x, "element_spec"):
        spec = x.element_spec
        return _row(spec[0] if isinstance(spec, tuple) else spec)
    if isinstance(x, Mapping):
        return {name: _row(part) for name, part in x.items()}
    if isinstance(x, (list, tuple)):
        return type(x)(_row(part) for part in x)
    if type(x).__name__ == "TensorSpec":
        return np.zeros([1, *x.shape[1:]], x.dtype.as_numpy_dtype)
    return getattr(x, "values", x)[:1]


def model_restorer(model: Any, weights: bool = True) -> Callable[[], None]:
    """Remember a built model's state; return a function that puts it back as it was.

    That is the optimizer's slots, iterations and learning rate, metrics, and
    stop_training; weights and random states too, unless ``weights`` is false.
    """
    variables = list(model.variables) if weights else []
    optimizer = getattr(model, "optimizer", None)
    if optimizer:
        optimizer.build(model.trainable_variables)
        rates = [v for v in vars(optimizer).values() if hasattr(v, "assign")]  # Keras 2
        variables += [*optimizer.variables, *rates]
    # On torch numpy() shows the variable's own memory.
    values = [variable.numpy().copy() for variable in variables]
    return partial(_put_back, model, variables, values)


def _put_back(model: Any, variables: list[Any], values: list[Any]) -> None:
    _assign(variables, values)
    model.reset_metrics()
    model.stop_training = False


def _assign(variables: list[Any], values: list[Any]) -> None:
    for number, variable in enumerate(variables):
        variable.assign(values[number])


class _Kept:
    """A kept model, what it was like when it was new, and what was learned since."""

    def __init__(self, model: Any, signature: list[Any]) -> None:
        self.model = model
        self.signature = signature
        self.looks: Any = None
        self.contents: dict[int, Any] = {}  # of parts that look as they did
        self.slots: dict[int, list[Any]] = {}  # of a new optimizer

    def is_like(self, signature: list[Any]) -> bool:
        """Whether a new model is equal, and this one still what it was."""
        if self.signature != signature:
            return False
        parts = _parts(self.model)
        looks = [_look(vars(part)) for part in parts if not _is_own(type(part))]
        if self.looks != looks:
            self.looks, self.contents = looks, {}
        return signature == _signature(self.model, parts, self.contents)

    def take_over(self, model: Any) -> None:
        """Go on with a new model's values. Raises ``ValueError`` where that fails."""
        variables, values = _state(self.model), self._fresh(model)
        if len(variables) != len(values):
            raise ValueError("optimizers of different variables")
        _assign(variables, values)

    def _fresh(self, model: Any) -> list[Any]:
        """A new model's state, mostly without building its optimizer."""
        early = _state(model, build=False)
        if len(early) in self.slots:
            values = iter(early)
            slots = self.slots[len(early)]
            return [next(values) if slot is None else slot for slot in slots]
        late, known = _state(model), {id(variable) for variable in early}
        slots = [None if id(each) in known else each.numpy() for each in late]
        filled = [slot for slot in slots if slot is not None]
        if not _varies(model) and all((slot == slot.flat[0]).all() for slot in filled):
            self.slots[len(early)] = [
                None if slot is None else np.broadcast_to(slot.flat[0], slot.shape)
                for slot in slots
            ]
        return late


# What a model is like: equal for two models where their traces would be equal.


def _parts(model: Any) -> list[Any]:
    """Layers, operations and optimizers. Raises ``ValueError`` for hidden state."""
    parts = list(model._flatten_layers())
    hidden = "_random_generator", "adapt"  # Keras 2 with random layers, tables
    for part in parts:
        if getattr(part, "stateful", 0) or any(hasattr(part, name) for name in hidden):
            raise ValueError("has state that is in no variable")
    parts += [op for layer in parts for op in getattr(layer, "operations", ())]
    optimizers = _optimizers(model)
    if any(hasattr(one, "_u_product_counter") for one in optimizers):  # Keras 2: Nadam
        raise ValueError("counts in no variable")
    return list({id(part): part for part in [*parts, *optimizers]}.values())


def _optimizers(model: Any) -> list[Any]:
    optimizer = getattr(model, "optimizer", None)
    inner = getattr(optimizer, "inner_optimizer", None)
    return [each for each in (optimizer, inner) if each]


def _signature(model: Any, parts: list[Any], same: dict[int, Any]) -> list[Any]:
    """All that a trace has baked in. ``same``: what is known of parts, by identity."""
    names: _Names = {}
    for part in [*parts, *model.variables]:
        names.setdefault(id(part), len(names))
        names.setdefault(part.name, len(names))
    compiled = getattr(model, "optimizer", None)
    arguments = model._compile_config.config if compiled else None
    shapes = [(tuple(v.shape), str(v.dtype)) for v in model.variables]
    found: list[Any] = [_settings(arguments, names), shapes]
    for part in parts:
        count = len(names)
        content = same.get(id(part)) or _contents(part, names)
        found.append(content)
        if not _is_own(type(part)) and not any(content[3:]) and len(names) == count:
            same[id(part)] = content  # it holds nothing of the user's
    return found


def _contents(part: Any, names: _Names) -> list[Any]:
    """What a layer, an optimizer, a loss or a metric is made of."""
    own = [base for base in type(part).__mro__ if _is_own(base)]
    methods = [_function(value) for base in own for value in vars(base).values()]
    code = [each for each in methods if each]
    used = set().union(*[_words(each.__code__) for each in code])
    scope: dict[str, Any] = {}
    for base in reversed(own):
        scope.update({n: v for n, v in vars(base).items() if not _function(v)})
    scope = {n: v for n, v in scope.items() if n in used}
    scope.update({n: v for n, v in vars(part).items() if n in used or _is_own(v)})
    config = _config(part, own, code, names)
    arguments = _describe(getattr(part, "_fn_kwargs", None), names)  # Huber's delta
    return [
        type(part),
        getattr(part, "trainable", None),
        [config, arguments],
        [_source(each, names, part) for each in code],
        [[name, _describe(scope[name], names, used)] for name in sorted(scope)],
    ]


def _config(part: Any, own: list[Any], code: list[Any], names: _Names) -> Any:
    try:
        config = part.get_config()
    except NotImplementedError:
        if not code:
            raise
        return None
    if "layers" in config and not own:  # each is a part itself
        wiring = [{**layer, "config": None} for layer in config["layers"]]
        config = {**config, "layers": wiring}
    return _settings(config, names)


def _settings(value: Any, names: _Names) -> Any:
    """What ``get_config()`` says, without what is handed over."""
    if isinstance(value, dict):
        if value.get("class_name") == "__lambda__":  # its bytes vary; its code is seen
            return value["class_name"]
        left = {k: v for k, v in value.items() if not str(k).endswith("initializer")}
        if hasattr(left.get("learning_rate"), "__float__"):
            del left["learning_rate"]
        if "name" in left:  # such as "dense_1_input"
            left["name"] = re.sub(r"_\d+(?=_|$)", "", str(left["name"]))
        left["batch_input_shape"] = (left.get("batch_input_shape") or [])[1:]
        return {
            k: v if isinstance(v, str) else _settings(v, names) for k, v in left.items()
        }
    if isinstance(value, (list, tuple)):
        return [_settings(v, names) for v in value]
    return _describe(value, names)


def _describe(value: Any, names: _Names, used: Iterable[str] = ()) -> Any:
    """A value that functions may read. ``used``: the attributes they name."""
    if value is None or isinstance(value, (int, float)):
        return [value, repr(value)]
    key = value if isinstance(value, str) else id(getattr(value, "state", value))
    if key in names:  # a part of the model, or met before
        return names[key]
    if isinstance(value, dict):
        return {k: _describe(v, names, used) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_describe(v, names, used) for v in value]
    if hasattr(value, "assign"):  # a variable, and not the model's
        return id(value)
    if hasattr(type(value), "__array__"):
        array = value.__array__()
        return [array.dtype.str, array.shape, array.tobytes()]
    function = _function(value)
    if function:
        names[key] = len(names)
        words = _words(function.__code__)
        owner = _describe(getattr(value, "__self__", None), names, words)
        return [_source(function, names), owner]
    return _describe_object(value, key, names, used)


def _describe_object(value: Any, key: Any, names: _Names, used: Iterable[str]) -> Any:
    is_stateless = not hasattr(value, "variables")
    is_plain = hasattr(type(value), "get_config") and is_stateless
    if is_plain or hasattr(value, "update_state"):
        return _contents(value, names)
    if hasattr(value, "keywords"):  # functools.partial
        return _describe([value.func, value.args, value.keywords], names)
    if not _is_own(value) or not hasattr(value, "__dict__") or not is_stateless:
        return [value, repr(value)]
    names[key] = len(names)
    is_shared = isinstance(value, (type, type(sys)))
    scope: dict[str, Any] = {}
    if not is_shared:
        for base in reversed(type(value).__mro__):
            scope.update(vars(base) if _is_own(base) else {})
    scope.update(vars(value))
    read = [[n, _describe(scope[n], names, used)] for n in sorted(used) if n in scope]
    return [value if is_shared else type(value), read]


def _source(function: Any, names: _Names, scope: Any = None) -> list[Any]:
    """A function's code and what it reads. ``scope``: the part it is a method of."""
    used = _words(function.__code__)
    draws = [name for name in used if "random" in name or name == "dropout"]
    if "seed_generator" not in used and not all(hasattr(scope, name) for name in draws):
        raise ValueError("draws random numbers that no variable decides")
    outer: Mapping[str, Any] = function.__globals__
    read: list[Any] = [[name, outer[name]] for name in sorted(used) if name in outer]
    read += [cell.cell_contents for cell in function.__closure__ or ()]
    read += [function.__defaults__, function.__kwdefaults__]
    return [function.__code__, _describe(read, names, used)]


def _function(value: Any) -> Any:
    """The user's function in a method, a property or a tf.function, or ``None``."""
    value = getattr(value, "fget", value)
    if not hasattr(value, "__code__"):
        value = getattr(value, "__wrapped__", None)
    return value if hasattr(value, "__code__") and _is_own(value) else None


def _words(code: CodeType) -> set[str]:
    """The names in a function and in the functions in it."""
    inner = [_words(part) for part in code.co_consts if hasattr(part, "co_names")]
    return set(code.co_names).union(*inner)


def _is_own(value: Any) -> bool:
    """Whether it is not a library's: what its code reads is compared."""
    name = getattr(value, "__module__", None) or getattr(value, "__name__", "builtins")
    return str(name).partition(".")[0] not in _LIBRARIES


def _look(value: Any) -> Any:
    """Quickly made, and differs when a setting of a library's part was changed."""
    if hasattr(value, "__code__") or isinstance(value, str):
        return value
    if value is None or isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, dict):
        passing = "history", "stop_training"
        return {k: _look(v) for k, v in value.items() if k not in passing}
    if isinstance(value, (list, tuple)):
        return [_look(v) for v in value]
    if hasattr(type(value), "get_config") and not hasattr(type(value), "variables"):
        return [type(value), _look(vars(value))]
    if isinstance(value, np.ndarray):
        return value.tobytes()
    is_standard = type(value).__module__.partition(".")[0] in _STANDARD
    return repr(value) if is_standard and not callable(value) else id(value)


# What is handed over.


def _state(model: Any, build: bool = True) -> list[Any]:
    """Weights, statistics, random states; slots, iterations and the learning rate."""
    optimizer = getattr(model, "optimizer", None)
    if not optimizer:
        return list(model.variables)
    is_built = getattr(optimizer, "built", getattr(optimizer, "_built", False))
    if build and not is_built:
        optimizer.build(model.trainable_variables)
    rate = vars(optimizer).get("_learning_rate")  # in Keras 2 no variable of it
    rates = [rate] if hasattr(rate, "assign") else []
    return [*model.variables, *optimizer.variables, *rates]


def _varies(model: Any) -> bool:
    """Whether a new optimizer's slots may hold other values in every model."""
    optimizers = _optimizers(model)
    return any(getattr(one, "use_ema", 0) or _is_own(type(one)) for one in optimizers)
