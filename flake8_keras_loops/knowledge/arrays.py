"""Functions and methods of NumPy, TensorFlow and JAX, by the last part of their names: what they make of rows and numbers.

Sources: the public API of NumPy 2, TensorFlow 2.21, JAX 0.11, Gymnasium 1 (``Env.step``, ``Env.reset``).
"""

from __future__ import annotations

_OF_LISTS = frozenset({"array", "asarray", "constant", "convert_to_tensor", "stack", "vstack", "atleast_2d"})
_KEEPING_ROWS = frozenset({"astype", "copy", "numpy", "float32", "array", "asarray", "constant", "convert_to_tensor", "cast"})
_PACKAGES = frozenset({"np", "numpy", "tf", "tensorflow", "ops", "keras.ops", "jnp", "jax.numpy", "K", "backend", "torch"})
_COUNTING = frozenset({"range", "linspace", "arange", "logspace", "geomspace", "trange", "uniform"})
_NUMBERS = frozenset({"float", "int", "bool", "constant", "array", "asarray", "convert_to_tensor", "cast", "sqrt", "exp", "pow"})


def makes_of_list(name: str) -> bool:
    """Whether a function makes an array whose rows are the elements of the list that it is given."""
    return name in _OF_LISTS


def keeps_rows(name: str) -> bool:
    """Whether a function or method gives an array of as many rows as it is given."""
    return name in _KEEPING_ROWS


def is_package(spelling: str) -> bool:
    """Whether a name usually stands for a package of array functions."""
    return spelling in _PACKAGES


def steps(method: str) -> bool:
    """Whether a method of an environment gives a state, which is one row."""
    return method in {"step", "reset"}


def counts(name: str) -> bool:
    """Whether what a function of this name gives are plainly numbers."""
    return name in _COUNTING


def makes_number(name: str) -> bool:
    """Whether what a function of this name gives is plainly a number or an array."""
    return name in _NUMBERS
