"""Words in the bytes of a file, without which it cannot have a finding: what a look at it costs microseconds to tell."""

from __future__ import annotations

import re
from collections.abc import Callable

from . import keras, searches


def _mentioned(pattern: bytes, *words: bytes) -> Callable[[bytes], bool]:
    """Whether a file matches a regular expression. ``words``: without one of them, which is looked for first, it does not."""
    search = re.compile(pattern, re.MULTILINE).search
    return lambda source: (not words or any(word in source for word in words)) and search(source) is not None


#: A file without an import of one of these packages cannot name Keras itself.
_PACKAGES = sorted({*keras.MODELS, "tensorflow", "tf_keras", "keras_core", "tensorflow_core", "scikeras"})
_KERAS_WORDS = {"keras" if "keras" in name else "tensorflow" if "tensorflow" in name else name for name in _PACKAGES}
#: A file without one of these words cannot build a model itself.
_OF_KERAS = "|".join((*keras.MODEL_CLASSES, keras.LOADERS, keras.CLONERS, keras.FROM_SOMETHING, *searches.WRAPPERS)).split("|")
_HOMES = (*(keras.MODELS.keys() - {"keras"}), "applications", "saved_model")
_BUILDERS = frozenset(map(str.encode, (*_OF_KERAS, *_HOMES)))
_WORD = re.compile(rb"[A-Za-z_]\w*")

#: Whether a file has a word that can repeat anything, apart from searches.
_loops = _mentioned(rb"\b(?:for|while|map|starmap)\b")
#: Whether a file has a call that only Keras models understand: with none, it can't use a model that somebody hands to it.
trains = _mentioned(
    rb"fit_generator|train_on_batch|predict_on_batch"
    rb"|\.fit\s*\([^#]{0,300}?\b(?:nb_epoch|epochs|batch_size|validation_data|validation_split)\s*="
    rb"|\.compile\s*\([^#]{0,200}?\b(?:loss|optimizer|metrics)\s*=",
    *(b"fit_generator", b"train_on_batch", b"predict_on_batch", b".fit", b".compile"),
)
#: Whether a file calls a method ``compile()``, of whatever object.
compiles = _mentioned(rb"\.compile\s*\(", b".compile")
#: Whether a file calls a method ``predict()``.
predicts = _mentioned(rb"\.predict\(", b".predict")
#: Whether a file imports Keras, or a package that builds Keras models.
imports_keras = _mentioned(
    rb"(?:^|[\r;:])(?:\xef\xbb\xbf)?[ \t\x0c]*(?:from|import)[ \t]+(?:[\w., \t]+,[ \t]*)?(?:%s)\b"
    rb"|import(?:_module|__)\(\s*[\"'](?:keras|tensorflow)" % "|".join(_PACKAGES).encode(),
    *(word.encode() for word in _KERAS_WORDS),
)
#: Whether a file has the name of something that makes a traced function.
names_tracer = _mentioned(rb"(?:jit|pmap|make_(?:train|test|predict)_function|\.function)\b|import[^\n]*\bfunction\b")


def has_loop(source: bytes) -> bool:
    """Whether a file has a word that can repeat anything."""
    return _loops(source) or searches.mentions(source)


def names_builder(source: bytes) -> bool:
    """Whether a file has the name of something that builds a model."""
    return not _BUILDERS.isdisjoint(_WORD.findall(source))  # several times as fast as a pattern of so many words
