"""Words in the bytes of a file, without which it cannot have a finding: what a look at it costs microseconds to tell."""

from __future__ import annotations

import re

from . import keras, searches

#: Calls that only Keras models understand; a file with none of them can't use a model that somebody hands to it.
_TRAINING_WORDS = (b"fit_generator", b"train_on_batch", b"predict_on_batch", b".fit", b".compile")
_TRAINING_MENTION = re.compile(
    rb"fit_generator|train_on_batch|predict_on_batch"
    rb"|\.fit\s*\([^#]{0,300}?\b(?:nb_epoch|epochs|batch_size|validation_data|validation_split)\s*="
    rb"|\.compile\s*\([^#]{0,200}?\b(?:loss|optimizer|metrics)\s*="
)

#: Nothing is built again in a file without one of these words.
_LOOP_MENTION = re.compile(rb"\b(?:for|while|map|starmap)\b")
_COMPILE = re.compile(rb"\.compile\s*\(")

#: A file without an import of one of these packages cannot name Keras itself.
_PACKAGES = sorted(
    {*keras.THIRD_PARTY, *keras.HUB_ROOTS, "keras", "tensorflow", "tf_keras", "keras_core", "tensorflow_core", "scikeras"}
)
_KERAS_WORDS = tuple({"keras" if "keras" in name else "tensorflow" if "tensorflow" in name else name for name in _PACKAGES})
_KERAS_IMPORT = re.compile(
    rb"(?:^|[\r;:])(?:\xef\xbb\xbf)?[ \t\x0c]*(?:from|import)[ \t]+(?:[\w., \t]+,[ \t]*)?(?:%s)\b"
    rb"|import(?:_module|__)\(\s*[\"'](?:keras|tensorflow)" % "|".join(_PACKAGES).encode(),
    re.MULTILINE,
)

#: A file without one of these words cannot build a model itself.
_BUILDER = re.compile(
    rb"(?:%s)\b"
    % "|".join(
        (
            *sorted(keras.MODEL_CLASSES | keras.LOADERS | keras.CLONERS | keras.FROM_SOMETHING),
            *sorted(searches.WRAPPERS | set(keras.THIRD_PARTY)),
            "applications",
            "saved_model",
            "keras_(?:hub|nlp|cv)",
        )
    ).encode()
)
_TRACER = re.compile(rb"(?:jit|pmap|make_(?:train|test|predict)_function|\.function)\b|import[^\n]*\bfunction\b")


def has_loop(source: bytes) -> bool:
    """Whether a file has a word that can repeat anything."""
    return _LOOP_MENTION.search(source) is not None or searches.mentions(source)


def trains(source: bytes) -> bool:
    """Whether a file has a call that only Keras models understand."""
    return any(word in source for word in _TRAINING_WORDS) and _TRAINING_MENTION.search(source) is not None


def compiles(source: bytes) -> bool:
    """Whether a file calls a method ``compile()``, of whatever object."""
    return b".compile" in source and _COMPILE.search(source) is not None


def imports_keras(source: bytes) -> bool:
    """Whether a file imports Keras, or a package that builds Keras models."""
    return any(word.encode() in source for word in _KERAS_WORDS) and _KERAS_IMPORT.search(source) is not None


def names_builder(source: bytes) -> bool:
    """Whether a file has the name of something that builds a model."""
    # a leading \b in the pattern would cost the engine its search by first letter
    return any(_is_word_start(source, match.start()) for match in _BUILDER.finditer(source))


def _is_word_start(source: bytes, position: int) -> bool:
    before = source[position - 1 : position]
    return not (before.isalnum() or before == b"_")


def names_tracer(source: bytes) -> bool:
    """Whether a file has the name of something that makes a traced function."""
    return _TRACER.search(source) is not None


def predicts(source: bytes) -> bool:
    """Whether a file has a call of ``predict()``."""
    return b".predict(" in source
