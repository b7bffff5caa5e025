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

_KERAS_ROOT = re.compile(
    r"(?:"
    r"tensorflow(?:_core)?(?:\.(?:compat|v1|v2|contrib|python|_api))*\.keras"
    r"|tf_keras|keras_core|tensorflow_keras|keras"
    r")(?:\.(?:api|src|_tf_keras|_v1|_v2|v1|v2|keras|__internal__|legacy))*(?=\.|\Z)"
)
_TENSORFLOW_ROOT = re.compile(r"tensorflow(?:_core)?(?:\.(?:compat|v1|v2|python|_api))*(?=\.|\Z)")
MODEL_CLASSES = frozenset({"Sequential", "Model", "Functional", "LinearModel", "WideDeepModel"})
LOADERS = frozenset(
    {
        "load_model",
        "model_from_json",
        "model_from_yaml",
        "model_from_config",
        "load_from_saved_model",
    }
)
CLONERS = frozenset({"clone_model", "clone_and_build_model"})
_SAVED_MODEL = frozenset({"tensorflow.saved_model.load", "tensorflow.saved_model.load_v2", "tensorflow.saved_model.loader.load"})
FROM_SOMETHING = frozenset({"from_config", "from_preset", "from_pretrained", "from_json", "from_yaml"})
_APPLICATIONS = re.compile(r"(?:ConvNeXt|DenseNet|EfficientNet|Inception|MobileNet|NASNet|RegNet|ResNet|VGG|Xception)")
_CLEARERS = frozenset({"clear_session", "reset_default_graph"})
_NOT_MODELS = re.compile(
    r"(?:Tokenizer\w*|Preprocessor|Processor|Config|Converter|Extractor|Callback|Packer|Arguments|Feature\w*)\Z"
)

#: KerasHub and its ancestors: ``keras_hub.models.X(...)`` and ``X.from_preset(...)``.
HUB_ROOTS = frozenset({"keras_hub", "keras_nlp", "keras_cv"})

#: Packages outside Keras whose classes are ``keras.Model`` or whose functions return one: package -> names.
THIRD_PARTY = {
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

#: Wrappers with scikit-learn's interface: every ``fit`` builds the model anew.
_SKLEARN_WRAPPERS = frozenset({"KerasClassifier", "KerasRegressor"})

#: ``f`` in ``f(xs)`` hands on the elements of ``xs``.
_PASS_THROUGH = frozenset(
    {"list", "tuple", "set", "frozenset", "iter", "sorted", "reversed", "tqdm", "tqdm_notebook", "track", "progressbar",
     "deepcopy", "copy", "cycle", "chain", "islice", "shuffle", "permutation", "OrderedDict", "prange"}
)  # fmt: skip
_MAPPERS = frozenset({"map", "itertools.starmap"})
OPTIMIZER = re.compile(r"keras\.(?:optimizers|optimizer_v2)\.(?:\w+\.)*[A-Z]\w*\Z")


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
    tail = last(name)
    if root == "keras":
        if rest.startswith("applications."):
            return tail[:1].isupper()
        return tail in MODEL_CLASSES
    if root in HUB_ROOTS:
        return rest.startswith("models.") and tail[:1].isupper() and not _NOT_MODELS.search(tail)
    pattern = THIRD_PARTY.get(root)
    return bool(pattern and pattern.search(rest) and not _NOT_MODELS.search(tail))


@lru_cache(maxsize=65536)
def builds(name: str) -> bool:
    """Whether calling ``name`` builds, loads or clones a Keras model."""
    if is_model_class(name):
        return True
    owner, _, tail = name.rpartition(".")
    root = name.partition(".")[0]
    if tail in FROM_SOMETHING and owner:
        return is_model_class(owner)
    if tail in _SKLEARN_WRAPPERS:
        return root in {"keras", "scikeras"}
    return loads(name) or (root == "keras" and tail in CLONERS)


def loads(name: str) -> bool:
    """Whether calling ``name`` makes a model from a file or a description of one."""
    return name in _SAVED_MODEL or (name.startswith("keras.") and last(name) in LOADERS)


def loads_weights(name: str) -> bool:
    """Whether calling ``name`` loads a saved model with its weights, from a file, folder or hub."""
    owner, _, tail = name.rpartition(".")
    if tail in {"from_preset", "from_pretrained"}:
        return is_model_class(owner)
    return name in _SAVED_MODEL or (name.startswith("keras.") and tail in {"load_model", "load_from_saved_model"})


def is_application(name: str) -> bool:
    """Whether ``name`` is one of ``keras.applications``, which load weights unless they are told not to."""
    return name.startswith("keras.applications.") and last(name)[:1].isupper()


def is_optimizer(name: str) -> bool:
    """Whether ``name`` is an optimizer class of Keras."""
    return name.startswith("keras.optimizers.") and last(name) in attributes.OPTIMIZERS


def gives_weights(name: str) -> bool:
    """Whether a method or function of this name gives a model weights that were loaded or learnt."""
    return name in {"load_weights", "set_weights", "adapt", "from_pretrained", "from_preset", "load_model", "fit"}


def has_input(name: str) -> bool:
    """Whether a call of this name makes an input layer, or a model that knows its input."""
    return name in {"Input", "InputLayer", "clone_model", "load_model", "model_from_json", "from_config"}


def may_export(name: str) -> bool:
    """Whether a star import of a Keras module may bring in ``name``; for classes, as far as can be told without the module."""
    if name.startswith("keras.applications."):
        return _APPLICATIONS.match(last(name)) is not None
    return builds(name) or is_layer_class(name) or clears(name) or is_symbolic(name)


def is_layer_class(name: str) -> bool:
    """Whether ``name`` is a Keras layer class: building one builds no model."""
    if not name.startswith("keras."):
        return False
    tail = last(name)
    return tail == "Layer" or (".layers." in name and tail[:1].isupper() and tail not in MODEL_CLASSES)


def is_symbolic(name: str) -> bool:
    """Whether calling ``name`` returns a symbolic tensor (``keras.Input``)."""
    return name.startswith("keras.") and last(name) in {"Input", "KerasTensor"}


def clears(name: str) -> bool:
    """Whether calling ``name`` clears the session, or starts a graph of its own."""
    return last(name) in _CLEARERS or name == "tensorflow.Graph"


def wraps(name: str) -> bool:
    """Whether a library's function or class, by the last part of its name, gives something that holds what it is given."""
    return not name[:1].islower() or name in {"function", "partial"}


def passes_through(name: str) -> bool:
    """Whether calling ``name`` on a collection hands on its elements."""
    return last(name) in _PASS_THROUGH


def is_mapper(name: str) -> bool:
    """Whether ``name(f, xs)`` calls ``f`` once an element."""
    return name in _MAPPERS
