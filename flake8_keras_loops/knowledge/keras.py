"""What public names mean: which build a Keras model, which clear the session, which only look alike.

To teach the linter one more function, add it here. Every predicate takes a *canonical* dotted name, as :func:`canonical`
returns it: whatever spelling of Keras a file imports, its names start with ``keras.``.

Sources: the public API of Keras 3.15 (``keras.models``, ``keras.saving``, ``keras.applications``, ``keras.utils``,
``keras.backend``), of ``tf.keras`` 2.15 and of TensorFlow 2.21 (``tf.Graph``, ``tf.compat.v1.reset_default_graph``); for
other packages, the name of the package stands beside the entry.
"""

from __future__ import annotations

import re
from functools import lru_cache

from . import attributes
from .predicates import named, spelled
from .searches import is_wrapper

_KERAS_ROOT = re.compile(
    r"(?:tensorflow(?:_core)?(?:\.(?:compat|v1|v2|contrib|python|_api))*\.keras|tf_keras|keras_core|tensorflow_keras|keras)"
    r"(?:\.(?:api|src|_tf_keras|_v1|_v2|v1|v2|keras|__internal__|legacy))*(?=\.|\Z)"
)
_TENSORFLOW_ROOT = re.compile(r"tensorflow(?:_core)?(?:\.(?:compat|v1|v2|python|_api))*(?=\.|\Z)")
MODEL_CLASSES = frozenset({"Sequential", "Model", "Functional", "LinearModel", "WideDeepModel"})
_MODEL_CLASS = rf"(?:{'|'.join(sorted(MODEL_CLASSES))})"
#: Functions and methods that make a model from a file, a description or another model.
LOADERS = "load_model|model_from_json|model_from_yaml|model_from_config|load_from_saved_model"
CLONERS = "clone_model|clone_and_build_model"
FROM_SOMETHING = "from_config|from_preset|from_pretrained|from_json|from_yaml"
_APPLICATION = r"(?:ConvNeXt|DenseNet|EfficientNet|Inception|MobileNet|NASNet|RegNet|ResNet|VGG|Xception)"
_NOT_MODELS = re.compile(
    r"(?:Tokenizer\w*|Preprocessor|Processor|Config|Converter|Extractor|Callback|Packer|Arguments|Feature\w*)\Z"
)

#: Classes that are a ``keras.Model`` and functions that return a new one, by package: how their names go on.
MODELS = {
    "keras": re.compile(rf"(?:\A|\.){_MODEL_CLASS}\Z|\Aapplications\.(?:\w+\.)*[A-Z]\w*\Z"),
    **dict.fromkeys(("keras_hub", "keras_nlp", "keras_cv"), re.compile(r"\Amodels\.(?:\w+\.)*[A-Z]\w*\Z")),
    **dict.fromkeys(("keras_tuner", "kerastuner"), re.compile(r"(?:\w+\.)*hypermodel\.build\Z")),
    "segmentation_models": re.compile(r"(?:Unet|FPN|Linknet|PSPNet)\Z"),
    "efficientnet": re.compile(r"EfficientNet\w+\Z"),
    "keras_applications": re.compile(r"[A-Z]\w+\Z"),
    "keras_unet_collection": re.compile(r"models\.\w+_2d\Z"),
    "keras_unet": re.compile(r"models\.\w*unet\w*\Z"),
    "vit_keras": re.compile(r"vit\.(?:vit_\w+|build_model)\Z"),
    "deepctr": re.compile(r"models\.(?:\w+\.)*(?!DNN\b)[A-Z]\w+\Z"),
    "spektral": re.compile(r"models\.(?:\w+\.)*[A-Z]\w+\Z"),
    "bert4keras": re.compile(r"models\.build_transformer_model\Z"),
    "keras_bert": re.compile(r"(?:get_model|load_trained_model_from_checkpoint)\Z"),
    "tcn": re.compile(r"compiled_tcn\Z"),
    "larq_zoo": re.compile(r"(?:\w+\.)?[A-Z]\w+\Z"),
    "keras_vggface": re.compile(r"(?:\w+\.)*VGGFace\Z"),
    "keras_resnet": re.compile(r"models\.\w*ResNet\w*\Z"),
    "tensorflow_recommenders": re.compile(r"(?:models\.)?Model\Z"),
    "tensorflow_decision_forests": re.compile(r"keras\.\w+Model\Z"),
    "tensorflow_lattice": re.compile(r"premade\.\w+\Z"),
    "transformers": re.compile(r"(?:[a-z_0-9]+\.)*TF[A-Z]\w+\Z"),
}


@lru_cache(maxsize=65536)
def canonical(name: str) -> str:
    """Return ``name`` with any spelling of Keras as ``keras`` and any of TensorFlow as ``tensorflow``.

    >>> canonical("tensorflow.compat.v1.keras.models.Sequential")
    'keras.models.Sequential'
    """
    if name.startswith(("tensorflow", "tf_keras", "keras")):
        if match := _KERAS_ROOT.match(name):
            return "keras" + name[match.end() :]
        if match := _TENSORFLOW_ROOT.match(name):
            return "tensorflow" + name[match.end() :]
    return name


def last(name: str) -> str:
    """The part of a dotted name after its last dot."""
    return name.rpartition(".")[2]


@lru_cache(maxsize=65536)
def is_model_class(name: str) -> bool:
    """Whether ``name`` is a class whose instances are Keras models, or a public function that returns a new one."""
    root, _, rest = name.partition(".")
    return root in MODELS and MODELS[root].search(rest) is not None and not _NOT_MODELS.search(rest)


@lru_cache(maxsize=65536)
def builds(name: str) -> bool:
    """Whether calling ``name`` builds, loads or clones a Keras model."""
    if _is_from_something(name):
        return is_model_class(name.rpartition(".")[0])
    return is_model_class(name) or loads(name) or _clones(name)


def loads_weights(name: str) -> bool:
    """Whether calling ``name`` loads a saved model with its weights, from a file, folder or hub."""
    if _is_of_a_hub(name):
        return is_model_class(name.rpartition(".")[0])
    return _loads_all(name)


def builds_by(name: str, attribute: str) -> bool:
    """Whether what objects of a class have under a name builds models: the hypermodel of a tuner does."""
    return builds(f"{name}.{attribute}.build")


@lru_cache(maxsize=65536)
def has_models_alone(package: str) -> bool:
    """Whether all classes of a public package are Keras models."""
    return is_model_class(f"{package}.Any")


_SAVED_MODEL = r"tensorflow\.saved_model\.(?:load|load_v2|loader\.load)"
#: Whether calling a name makes a model from a file or a description of one.
loads = spelled(rf"{_SAVED_MODEL}|keras\.(?:.*\.)?(?:{LOADERS})")
#: Whether a function may load a model, by the last part of its name.
sounds_loading = spelled(r".*load.*|from_pretrained|from_preset")
_loads_all = spelled(rf"{_SAVED_MODEL}|keras\.(?:.*\.)?(?:load_model|load_from_saved_model)")
_clones = spelled(rf"keras\.(?:.*\.)?(?:{CLONERS})")
#: Whether a name is of a function that clones a model, by its last part.
is_cloner = spelled(rf"(?:.*\.)?(?:{CLONERS})")
_is_from_something = spelled(rf".*\.(?:{FROM_SOMETHING})")
#: Whether a method of a model class makes a model.
makes_model = spelled(FROM_SOMETHING)
_is_of_a_hub = named("from_preset from_pretrained")
#: Whether a name is one of ``keras.applications``, which load weights unless they are told not to.
is_application = spelled(r"keras\.applications\.(?:.*\.)?[A-Z]\w*")
#: Whether a name is an optimizer class of Keras.
is_optimizer = spelled(rf"keras\.optimizers\.(?:.*\.)?(?:{'|'.join(sorted(attributes.OPTIMIZERS))})")
OPTIMIZER = re.compile(r"keras\.(?:optimizers|optimizer_v2)\.(?:\w+\.)*[A-Z]\w*\Z")
#: Whether a method or function gives a model weights that were loaded or learnt.
gives_weights = named("load_weights set_weights adapt from_pretrained from_preset load_model fit")
#: Whether a call makes an input layer, or a model that knows its input.
has_input = named("Input InputLayer clone_model load_model model_from_json from_config")
#: Whether a name is a Keras layer class: building one builds no model.
is_layer_class = spelled(rf"keras\.(?:.*\.)?(?:Layer|layers\.(?:.*\.)?(?!{_MODEL_CLASS}\Z)[A-Z][^.]*)")
#: Whether a metric class counts up the names of its objects, ``auc``, ``auc_1``: the others have one for all (Keras 3.15).
counts_metric = named(
    "AUC BinaryIoU FalseNegatives FalsePositives IoU MeanIoU MeanMetricWrapper OneHotIoU OneHotMeanIoU Precision "
    "PrecisionAtRecall Recall RecallAtPrecision SensitivityAtSpecificity SpecificityAtSensitivity TrueNegatives TruePositives",
    "keras.metrics.",
)
#: Whether a layer joins several inputs, such as the outputs of several models.
joins = named(
    "Add Average Concatenate Dot Maximum Minimum Multiply Subtract add average concatenate dot maximum minimum multiply subtract "
    "stack mean",
    "keras.",
)
#: Where callbacks take the name of what they watch.
MONITOR_AT = {"EarlyStopping": 0, "ReduceLROnPlateau": 0, "ModelCheckpoint": 1}
#: Whether a callback writes down all that is logged, by its name.
logs_all = named("CSVLogger TensorBoard RemoteMonitor WandbCallback WandbMetricsLogger NeptuneCallback MLflowCallback")
#: Whether a function draws a model with the names of its layers.
draws = named("plot_model model_to_dot")
#: Whether a name is a class of Keras that metrics derive from.
is_metric_class = spelled(r"keras\.metrics\.(?:.*\.)?[A-Z]\w*|keras\.Metric")
#: Whether calling a name returns a symbolic tensor.
is_symbolic = named("Input KerasTensor", "keras.")
#: Whether calling a name clears the session, or starts a graph of its own.
clears = spelled(r"(?:.*\.)?(?:clear_session|reset_default_graph)|tensorflow\.Graph")
#: Whether a function or method takes variables to train them.
differentiates = named("gradient apply_gradients minimize")
#: Whether calling a name tells which backend Keras runs on.
tells_backend = spelled(r"keras\.(?:backend|config)\.backend")
#: Whether a library's function or class, by the last part of its name, gives something that holds what it is given.
wraps = spelled(r"(?![a-z]).*|function|partial")
#: Whether calling a name on a collection hands on its elements.
passes_through = named(
    "list tuple set frozenset iter sorted reversed tqdm tqdm_notebook track progressbar deepcopy copy cycle chain islice "
    "shuffle permutation OrderedDict prange"
)
#: Whether ``name(f, xs)`` calls ``f`` once an element.
is_mapper = spelled(r"map|itertools\.starmap")
_may_be_application = spelled(rf"keras\.applications\.(?:.*\.)?{_APPLICATION}[^.]*")


def may_export(name: str) -> bool:
    """Whether a star import of a Keras module may bring in ``name``; for classes, as far as can be told without the module."""
    if name.startswith("keras.applications."):
        return _may_be_application(name)
    return builds(name) or is_layer_class(name) or clears(name) or is_symbolic(name) or is_wrapper(name)
