"""Which functions and decorators make a function that is traced, and what a trace takes for a constant.

Sources: TensorFlow 2.21 (``tf.function``), JAX 0.11 (``jax.jit``), Keras 3.15 (``Model.make_train_function``). Names are
canonical, as :func:`.keras.canonical` returns them.
"""

from __future__ import annotations

import re

from .keras import last

#: Decorators after which a function body runs once per set of arguments, or once when it is traced.
_RUNS_ONCE = frozenset(
    {"lru_cache", "cache", "cached", "cached_property", "memoize", "memoized", "cache_resource", "cache_data", "singleton"}
)
_TRACED = frozenset({"tensorflow.function", "jax.jit", "tensorflow.autograph.experimental.do_not_convert"})

#: Make a function that is traced when it is first called: at each call anew, or once for the same function (JAX's cache).
_TRACERS = frozenset({"tensorflow.function", "tensorflow.eager.def_function.function"})
_CACHING_TRACERS = frozenset({"jax.jit", "jax.pmap", "jax.api.jit", "jax.experimental.pjit.pjit"})

#: Methods of ``keras.Model`` that do the same, with ``force=True``.
MAKERS_OF_STEPS = frozenset({"make_train_function", "make_test_function", "make_predict_function"})

#: Parts of the names of layers that draw random numbers, and of what makes models that may have some.
_NOISY = ("Dropout", "Noise", "Random", "load_model", "from_pretrained", "from_preset", "applications")

#: Arguments of a tracer that are the function.
FUNCTION_ARGUMENTS = ("func", "fun", "f", "function", "fn")

#: Beginnings of dotted names of functions that give a value as good as the one of the last call.
_VALUES = ("keras.losses.", "keras.metrics.", "tensorflow.", "numpy.", "jax.")

#: Words in the names that people give to models, and to what has state of its own as they have.
_MODEL_WORDS = re.compile(
    r"model|net(?:work)?s?\b|agent|policy|generator|discriminator|encoder|decoder|optimizer|critic|actor", re.I
)


def is_public(name: str) -> bool:
    """Whether ``name`` belongs to Keras, TensorFlow or JAX, whose functions that make functions have no other effect."""
    return name.startswith(("keras.", "tensorflow.", "jax."))


def may_be_noisy(word: str) -> bool:
    """Whether a part of a dotted name stands for a layer that draws random numbers, or for a model that may have some."""
    return any(part in word for part in _NOISY)


def runs_once(name: str) -> bool:
    """Whether a decorator makes a function body run once, however often the function is called."""
    return name in _TRACED or last(name) in _RUNS_ONCE


def traces(name: str) -> bool:
    """Whether ``name(f)`` makes a function that is traced, and mostly compiled, at its first call."""
    return name in _TRACERS or name in _CACHING_TRACERS


def traces_anew(name: str) -> bool:
    """Whether ``name(f)`` traces ``f`` again each time that it is made, as ``tf.function`` does."""
    return name in _TRACERS


def traces_once(name: str) -> bool:
    """Whether ``name(f)`` traces the same ``f`` only once, however often it is made (measured: JAX 0.11)."""
    return name in _CACHING_TRACERS


def sounds_traced(decorator: str) -> bool:
    """Whether a decorator, as it is spelled, seems to make a function that is traced."""
    return "function" in decorator or "jit" in decorator


def is_traced(method: str) -> bool:
    """Whether a method of a layer, loss or metric is traced, by its name."""
    return method in {"call", "__call__", "update_state"}


def sounds_like_model(name: str) -> bool:
    """Whether a variable is called as models, and what has state as they have, are called."""
    return _MODEL_WORDS.search(name) is not None


def makes_values(name: str) -> bool:
    """Whether calling ``name`` gives a value as good as the one of the last call: no model, no optimizer."""
    return name.startswith(_VALUES)
