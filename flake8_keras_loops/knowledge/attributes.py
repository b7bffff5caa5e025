"""Names of attributes and arguments, and what they say about a model: which are parts of it, and which its architecture."""

from __future__ import annotations

#: Attributes of a model that are parts of it, or lead to them.
PARTS = frozenset(
    {"layers", "weights", "variables", "trainable_weights", "trainable_variables", "non_trainable_weights", "optimizer"}
    | {"non_trainable_variables", "input", "inputs", "output", "outputs", "metrics", "get_layer", "submodules"}
)
#: Attributes of a model that are what training changes.
TRAINABLE = frozenset({"trainable_weights", "trainable_variables"})
#: Attributes of a model, or of a part of it, that are plain values.
PLAIN = frozenset({"shape", "dtype", "name", "learning_rate", "lr", "iterations"})
#: Attributes and methods of a model, or of a part of it, that tell names.
TELLING = frozenset({"summary", "get_config", "to_json", "to_yaml", "input_names", "output_names"})
#: Attributes of a layer or variable that are its name.
NAMES = frozenset({"name", "path", "get_config"})
#: Attributes that describe a model, and that nothing but another architecture changes.
DESCRIBING = frozenset({"name", "input_shape", "output_shape", "input_names", "output_names", "metrics_names", "built", "dtype"})
#: Methods of a model that run code of its own, and that people keep under another name.
BOUND = frozenset({"call", "get_weights", "summary", "train_step", "test_step", "predict_step"})
#: Attributes that only show what a model is like.
SHOWN = frozenset({"name", "layers", "input_shape", "output_shape"})
#: Arguments that tell a model or layer the shape of its input.
OF_INPUT = frozenset({"input_shape", "input_dim", "batch_input_shape", "batch_shape", "inputs", "input_tensor"})
#: Symbolic tensors of a model.
OUTPUTS = frozenset({"output", "outputs"})
TENSORS = frozenset({"input", "inputs"}) | OUTPUTS
#: Attributes of a tensor or array.
OF_TENSORS = frozenset({"shape", "dtype", "ndim", "size", "T", "astype", "numpy", "copy"})
#: Attributes of data that are the same for all parts of it that loops go through.
OF_SHAPE = frozenset({"shape", "ndim", "dtype", "columns", "size", "element_spec"})
#: Functions that only care for the size or kind of what they are given.
ABOUT_SIZE = frozenset({"len", "print", "shape"})
#: Stores into a model that do not need it compiled again.
HARMLESS = frozenset({"stop_training", "learning_rate", "lr"})
RATES = frozenset({"learning_rate", "lr"})
#: Arguments that say which file is loaded or saved.
OF_A_FILE = frozenset({"filepath", "path", "export_dir", "preset", "pretrained_model_name_or_path", "handle"})
#: Ends of the names of arguments that are no part of an architecture.
NOT_ARCHITECTURE = ("learning_rate", "lr", "initializer", "seed", "name")
#: Optimizer classes, whose first argument is the learning rate.
OPTIMIZERS = frozenset(
    {"SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "Adamax", "Nadam", "Ftrl", "Lion", "Lamb", "Adafactor", "Muon"}
)
#: Ends of the names of arguments that may be functions or objects, where others are numbers, shapes or switches.
_FUNCTIONAL = ("optimizer", "loss", "metrics", "activation", "regularizer", "constraint", "initializer", "layer", "cell", "cells")
#: Beginnings of the names of layers all of whose positional arguments are numbers, or shapes, but for rare ones.
_NUMERIC = ("Conv", "Depthwise", "Separable", "MaxPool", "AveragePool", "Embedding", "MultiHeadAttention", "Reshape", "Input")
#: Layers whose first argument is one number.
_OF_A_NUMBER = frozenset(
    {"Dense", "Dropout", "LSTM", "GRU", "SimpleRNN", "Embedding", "Conv1D", "Conv2D", "Conv3D", "SeparableConv1D"}
    | {"SeparableConv2D", "Conv1DTranspose", "Conv2DTranspose", "SpatialDropout1D", "SpatialDropout2D", "GaussianNoise"}
)


def joins_rows(function: str) -> bool:
    """Whether a function makes one array of rows of those that are its first argument."""
    return function in {"concatenate", "concat", "vstack", "delete"}


def splits_rows(function: str) -> bool:
    """Whether a function gives two parts of the rows of each of its arguments."""
    return function == "train_test_split"


def is_number_first(layer: str) -> bool:
    """Whether the first argument of a layer is one number, and no tuple or list."""
    return layer in _OF_A_NUMBER


def may_be_function(argument: str) -> bool:
    """Whether a keyword argument of a part of a model may be a function or an object."""
    return argument.endswith(_FUNCTIONAL)


def holds_layers(part: str) -> bool:
    """Whether the arguments of a part of a model are layers or tensors."""
    return part in {"Sequential", "Model", "Bidirectional", "TimeDistributed", "RNN", "add"}


def numbers_first(part: str) -> int:
    """How many of the first positional arguments of a layer, or of ``compile()``, are numbers or shapes."""
    if part in {"compile", "Activation"}:
        return 0
    return 9 if part.startswith(_NUMERIC) else 1
