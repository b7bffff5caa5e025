"""Which functions and decorators make a function that is traced, and what a trace takes for a constant.

Sources: TensorFlow 2.21 (``tf.function``), JAX 0.11 (``jax.jit``), Keras 3.15 (``Model.make_train_function``). Names are
canonical, as :func:`.keras.canonical` returns them.
"""

from __future__ import annotations

from .predicates import spelled

#: Whether a decorator makes a function body run once, or once for a set of arguments, however often the function is called.
runs_once = spelled(
    r"tensorflow\.function|jax\.jit|tensorflow\.autograph\.experimental\.do_not_convert"
    r"|(?:.*\.)?(?:lru_cache|cache|cached|cached_property|memoize|memoized|cache_resource|cache_data|singleton)"
)
#: Whether ``name(f)`` traces ``f`` again each time that it is made.
traces_anew = spelled(r"tensorflow\.(?:function|eager\.def_function\.function)")
#: Whether ``name(f)`` traces the same ``f`` only once, however often it is made (measured: JAX 0.11).
traces_once = spelled(r"jax\.(?:jit|pmap|api\.jit|experimental\.pjit\.pjit)")


def traces(name: str) -> bool:
    """Whether ``name(f)`` makes a function that is traced, and mostly compiled, at its first call."""
    return traces_anew(name) or traces_once(name)


#: Methods of ``keras.Model`` that do the same, with ``force=True``.
MAKERS_OF_STEPS = frozenset({"make_train_function", "make_test_function", "make_predict_function"})
#: Arguments of a tracer that are the function.
FUNCTION_ARGUMENTS = ("func", "fun", "f", "function", "fn")

#: Whether a name belongs to Keras, TensorFlow or JAX, whose functions that make functions have no other effect.
is_public = spelled(r"(?:keras|tensorflow|jax)\..*")
#: Whether calling a name gives a value as good as the one of the last call: no model, no optimizer.
makes_values = spelled(r"(?:keras\.losses|keras\.metrics|tensorflow|numpy|jax)\..*")
#: Whether a part of a dotted name stands for a layer that draws random numbers, or for a model that may have some.
may_be_noisy = spelled(r".*(?:Dropout|Noise|Random|load_model|from_pretrained|from_preset|applications).*")
#: Whether a decorator, as it is spelled, seems to make a function that is traced.
sounds_traced = spelled(r".*(?:function|jit).*")
#: Whether a variable is called as models, and what has state as they have, are called.
sounds_like_model = spelled(
    r"(?i:.*(?:model|net(?:work)?s?\b|agent|policy|generator|discriminator|encoder|decoder|optimizer|critic|actor).*)"
)
#: Methods of a layer, loss or metric that only run when its object is made, or described.
SET_UP = frozenset({"__init__", "build", "get_config", "from_config", "compile"})
