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

from . import attributes, searches

_KERAS_ROOT = re.compile(
    r"(?:"
    r"tensorflow(?:_core)?(?:\.(?:compat|v1|v2|contrib|python|_api))*\.keras"
    r"|tf_keras|keras_core|tensorflow_keras|keras"
    r")(?:\.(?:api|src|_tf_keras|_v1|_v2|v1|v2|keras|__internal__|legacy))*(?=\.|\Z)"
)
_TENSORFLOW_ROOT = re.compile(r"tensorflow(?:_core)?(?:\.(?:compat|v1|v2|python|_api))*(?=\.|\Z)")

#: Calls that only Keras models understand; a file with none of them can't use a model that somebody hands to it.
_TRAINING_WORDS = (b"fit_generator", b"train_on_batch", b"predict_on_batch", b".fit", b".compile")
_TRAINING_MENTION = re.compile(
    rb"fit_generator|train_on_batch|predict_on_batch"
    rb"|\.fit\s*\([^#]{0,300}?\b(?:nb_epoch|epochs|batch_size|validation_data|validation_split)\s*="
    rb"|\.compile\s*\([^#]{0,200}?\b(?:loss|optimizer|metrics)\s*="
)
#: Nothing is built again in a file without one of these words.
_LOOP_MENTION = re.compile(rb"\b(?:for|while|map|starmap)\b")

MODEL_CLASSES = frozenset({"Sequential", "Model", "Functional", "LinearModel", "WideDeepModel"})
_LOADERS = frozenset(
    {
        "load_model",
        "model_from_json",
        "model_from_yaml",
        "model_from_config",
        "load_from_saved_model",
    }
)
_CLONERS = frozenset({"clone_model", "clone_and_build_model"})
_SAVED_MODEL = frozenset({"tensorflow.saved_model.load", "tensorflow.saved_model.load_v2", "tensorflow.saved_model.loader.load"})
_FROM_SOMETHING = frozenset({"from_config", "from_preset", "from_pretrained", "from_json", "from_yaml"})
_APPLICATIONS = re.compile(r"(?:ConvNeXt|DenseNet|EfficientNet|Inception|MobileNet|NASNet|RegNet|ResNet|VGG|Xception)")
_CLEARERS = frozenset({"clear_session", "reset_default_graph"})
_NOT_MODELS = re.compile(
    r"(?:Tokenizer\w*|Preprocessor|Processor|Config|Converter|Extractor|Callback|Packer|Arguments|Feature\w*)\Z"
)

#: KerasHub and its ancestors: ``keras_hub.models.X(...)`` and ``X.from_preset(...)``.
_HUB_ROOTS = frozenset({"keras_hub", "keras_nlp", "keras_cv"})

#: Packages outside Keras whose classes are ``keras.Model`` or whose functions return one: package -> names.
_THIRD_PARTY = {
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

_COMPILE = re.compile(rb"\.compile\s*\(")

#: Wrappers with scikit-learn's interface: every ``fit`` builds the model anew.
_SKLEARN_WRAPPERS = frozenset({"KerasClassifier", "KerasRegressor"})

#: A file without an import of one of these packages cannot name Keras itself.
_PACKAGES = sorted({*_THIRD_PARTY, *_HUB_ROOTS, "keras", "tensorflow", "tf_keras", "keras_core", "tensorflow_core", "scikeras"})
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
            *sorted(MODEL_CLASSES | _LOADERS | _CLONERS | _FROM_SOMETHING | _SKLEARN_WRAPPERS | set(_THIRD_PARTY)),
            "applications",
            "saved_model",
            "keras_(?:hub|nlp|cv)",
        )
    ).encode()
)

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
_TRACER = re.compile(rb"(?:jit|pmap|make_(?:train|test|predict)_function|\.function)\b|import[^\n]*\bfunction\b")

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
_COUNTING = frozenset({"range", "linspace", "arange", "logspace", "geomspace", "trange", "uniform"})
_NUMBERS = frozenset({"float", "int", "bool", "constant", "array", "asarray", "convert_to_tensor", "cast", "sqrt", "exp", "pow"})

#: ``f`` in ``f(xs)`` hands on the elements of ``xs``.
_PASS_THROUGH = frozenset(
    {"list", "tuple", "set", "frozenset", "iter", "sorted", "reversed", "tqdm", "tqdm_notebook", "track", "progressbar",
     "deepcopy", "copy", "cycle", "chain", "islice", "shuffle", "permutation", "OrderedDict", "prange"}
)  # fmt: skip
_MAPPERS = frozenset({"map", "itertools.starmap"})

#: Modules that Keras had before ``jit_compile``; in these versions nothing is compiled with XLA unless asked for.
OLD_MODULE = re.compile(
    r"(?:keras\.(?:engine|objectives|wrappers|legacy|utils\.(?:np_utils|vis_utils|training_utils|multi_gpu_utils)"
    r"|layers\.(?:core|convolutional|recurrent|normalization|embeddings|advanced_activations|merge|pooling|noise|wrappers))"
    r"|tensorflow\.(?:contrib|compat\.v1)|tensorflow\.python\.keras)(?=[.:]|\Z)"
)
OLD_ARGUMENTS = frozenset({"nb_epoch", "output_dim", "init", "border_mode", "nb_filter", "dim_ordering", "W_regularizer"})
#: Arguments of ``compile()`` that no other method of that name has.
OF_COMPILE = frozenset({"optimizer", "loss", "metrics", "loss_weights"})
#: Arguments of ``fit()`` that only a Keras model takes, if there are two of them.
OF_FIT = frozenset(
    {"batch_size", "epochs", "nb_epoch", "validation_data", "validation_split"}
    | {"steps_per_epoch", "initial_epoch", "validation_steps", "class_weight"}
)
#: Methods that only a Keras model has.
OF_MODELS_ALONE = frozenset({"fit_generator", "train_on_batch", "predict_generator", "evaluate_generator"})
#: Packages whose models have methods of the same names.
RIVALS = frozenset(
    {"torch", "fastai", "pytorch_lightning", "lightning", "skorch", "pytorch_tabnet", "mxnet", "paddle", "tflearn"}
)

#: Calls that show that a file runs Keras without eager execution, as TensorFlow 1 did.
GRAPH_MODE = ("disable_eager_execution", "disable_v2_behavior", "Session", "InteractiveSession", "get_session", "set_session")
#: Contexts in which a graph other than the default one is built.
GRAPHS = frozenset({"Graph", "as_default", "Session", "InteractiveSession"})
#: Calls that change what ``clear_session()`` resets in Keras 3.
GLOBAL_STATE = (
    "set_dtype_policy", "set_global_policy", "set_policy", "CustomObjectScope", "custom_object_scope", "get_custom_objects",
)  # fmt: skip

RESET_BY_CLEARING = ("set_distribution", "disable_interactive_logging")
OPTIMIZER = re.compile(r"keras\.(?:optimizers|optimizer_v2)\.(?:\w+\.)*[A-Z]\w*\Z")
#: What TensorFlow functions give that belongs to no graph.
NO_PART_OF_A_GRAPH = re.compile(r"tensorflow\.(?:config\b|.*(?:ConfigProto|GPUOptions|Options)\Z|io\b|data\.AUTOTUNE|random\b)")

#: Machine-learning packages whose models are not Keras models, whatever their methods are called.
_OTHER_LIBRARIES = frozenset(
    {
        "autogluon", "catboost", "chainer", "collections", "cuml", "cv2", "darts", "dask", "django",
        "fastai", "fbprophet", "flair", "flax", "functools", "gensim", "gluonts", "gpflow",
        "gurobipy", "h2o", "haiku", "implicit", "itertools", "jax", "joblib", "json", "lightfm",
        "lightgbm", "lightning", "matplotlib", "mxnet", "networkx", "nltk", "numpy", "optax", "os",
        "paddle", "pandas", "peewee", "plotly", "pmdarima", "prophet", "pulp", "pycaret",
        "pydantic", "pymc", "pymc3", "pyro", "pyspark", "pytorch_lightning", "pytorch_tabnet",
        "ray", "re", "scipy", "seaborn", "sentence_transformers", "simpletransformers", "sklearn",
        "skorch", "sktime", "sonnet", "spacy", "sqlalchemy", "stable_baselines",
        "stable_baselines3", "statsmodels", "surprise", "sys", "timm", "torch", "torchvision",
        "tpot", "tsai", "ultralytics", "xgboost",
    }
)  # fmt: skip


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
    if root in _HUB_ROOTS:
        return rest.startswith("models.") and tail[:1].isupper() and not _NOT_MODELS.search(tail)
    pattern = _THIRD_PARTY.get(root)
    return bool(pattern and pattern.search(rest) and not _NOT_MODELS.search(tail))


@lru_cache(maxsize=65536)
def builds(name: str) -> bool:
    """Whether calling ``name`` builds, loads or clones a Keras model."""
    if is_model_class(name):
        return True
    owner, _, tail = name.rpartition(".")
    root = name.partition(".")[0]
    if tail in _FROM_SOMETHING and owner:
        return is_model_class(owner)
    if tail in _SKLEARN_WRAPPERS:
        return root in {"keras", "scikeras"}
    return loads(name) or (root == "keras" and tail in _CLONERS)


def loads(name: str) -> bool:
    """Whether calling ``name`` makes a model from a file or a description of one."""
    return name in _SAVED_MODEL or (name.startswith("keras.") and last(name) in _LOADERS)


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


def is_public(name: str) -> bool:
    """Whether ``name`` belongs to Keras, TensorFlow or JAX, whose functions that make functions have no other effect."""
    return name.startswith(("keras.", "tensorflow.", "jax."))


def may_be_noisy(word: str) -> bool:
    """Whether a part of a dotted name stands for a layer that draws random numbers, or for a model that may have some."""
    return any(part in word for part in _NOISY)


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


def names_tracer(source: bytes) -> bool:
    """Whether a file has the name of something that makes a traced function."""
    return _TRACER.search(source) is not None


def sounds_traced(decorator: str) -> bool:
    """Whether a decorator, as it is spelled, seems to make a function that is traced."""
    return "function" in decorator or "jit" in decorator


def is_traced(method: str) -> bool:
    """Whether a method of a layer, loss or metric is traced, by its name."""
    return method in {"call", "__call__", "update_state"}


def wraps(name: str) -> bool:
    """Whether a library's function or class, by the last part of its name, gives something that holds what it is given."""
    return not name[:1].islower() or name in {"function", "partial"}


def sounds_like_model(name: str) -> bool:
    """Whether a variable is called as models, and what has state as they have, are called."""
    return _MODEL_WORDS.search(name) is not None


def makes_values(name: str) -> bool:
    """Whether calling ``name`` gives a value as good as the one of the last call: no model, no optimizer."""
    return name.startswith(_VALUES)


def counts(name: str) -> bool:
    """Whether what a function of this name gives are plainly numbers."""
    return name in _COUNTING


def makes_number(name: str) -> bool:
    """Whether what a function of this name gives is plainly a number or an array."""
    return name in _NUMBERS


def predicts(source: bytes) -> bool:
    """Whether a file has a call of ``predict()``."""
    return b".predict(" in source


def passes_through(name: str) -> bool:
    """Whether calling ``name`` on a collection hands on its elements."""
    return last(name) in _PASS_THROUGH


def is_mapper(name: str) -> bool:
    """Whether ``name(f, xs)`` calls ``f`` once an element."""
    return name in _MAPPERS


def is_other_library(name: str) -> bool:
    """Whether ``name`` belongs to a package whose objects are known not to be Keras models."""
    return name.partition(".")[0] in _OTHER_LIBRARIES
