"""How a file uses Keras, and what it uses beside it: graph mode, old versions, methods and packages that look alike.

Sources: TensorFlow 1.15 and 2.21 (``tf.compat.v1``), Keras 1.2, 2.3 and 3.15.
"""

from __future__ import annotations

import re
import sys

from .predicates import named, spelled

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

#: Methods that tell a Keras model, some by their arguments.
TELLING = OF_MODELS_ALONE | {"compile", "fit"}

#: Packages whose models have methods of the same names.
RIVALS = frozenset(
    {"torch", "fastai", "pytorch_lightning", "lightning", "skorch", "pytorch_tabnet", "mxnet", "paddle", "tflearn"}
)

#: The backend that a test of the backend is taken to run on: of the others, ``clear_session()`` frees little.
CLEARED_BACKEND = "tensorflow"

#: Calls that show that a file runs Keras without eager execution, as TensorFlow 1 did.
GRAPH_MODE = ("disable_eager_execution", "disable_v2_behavior", "Session", "InteractiveSession", "get_session", "set_session")

#: Whether a name, without more being known of it, is that of a call that turns eager execution off.
turns_eager_off = named("disable_eager_execution disable_v2_behavior")

#: Contexts in which a graph other than the default one is built.
GRAPHS = frozenset({"Graph", "as_default", "Session", "InteractiveSession"})

#: Whether a context, by its name, puts what is built in it on a device.
is_device = named("device device_scope default_device")
#: Whether a name belongs to a package whose contexts say how a model is built.
has_devices = spelled(r"(?:keras|tensorflow|jax|torch)\..*")

#: Calls that change what ``clear_session()`` resets in Keras 3.
GLOBAL_STATE = (
    "set_dtype_policy", "set_global_policy", "set_policy", "CustomObjectScope", "custom_object_scope", "get_custom_objects",
    "set_distribution", "disable_interactive_logging",
)  # fmt: skip

#: Calls that set something for all models that are made from then on, or for how they run.
_FOR_ALL = frozenset(GLOBAL_STATE) | {
    "set_floatx", "set_image_data_format", "set_epsilon", "set_backend", "set_learning_phase", "run_functions_eagerly", "set_jit",
    "set_soft_device_placement", "enable_flash_attention", "disable_flash_attention", "set_max_epochs", "set_max_steps_per_epoch",
}  # fmt: skip

#: What TensorFlow functions give that belongs to no graph.
NO_PART_OF_A_GRAPH = re.compile(r"tensorflow\.(?:config\b|.*(?:ConfigProto|GPUOptions|Options)\Z|io\b|data\.AUTOTUNE|random\b)")

#: Whether a function, or the class of an object, gives data rather than a tensor of a model that is being put together.
is_data = spelled(r"numpy\..*|tensorflow\.random\..*|tensorflow\.data\..*|keras\.random\..*")

#: Packages whose objects are no Keras models, whatever their methods are called.
_is_other = named(
    """
    autogluon catboost chainer collections cuml cv2 darts dask django fastai fbprophet flair flax functools gensim gluonts gpflow
    gurobipy h2o haiku implicit itertools jax joblib json lightfm lightgbm lightning matplotlib mxnet networkx nltk numpy optax os
    paddle pandas peewee plotly pmdarima prophet pulp pycaret pydantic pymc pymc3 pyro pyspark pytorch_lightning pytorch_tabnet
    ray re scipy seaborn sentence_transformers simpletransformers sklearn skorch sktime sonnet spacy sqlalchemy stable_baselines
    stable_baselines3 statsmodels surprise sys timm torch torchvision tpot tsai ultralytics xgboost
    """
)


def sets_for_all(name: str) -> bool:
    """Whether a function sets something of Keras or TensorFlow for all models."""
    return name in _FOR_ALL


def is_of_keras(name: str) -> bool:
    """Whether ``name`` belongs to Keras or TensorFlow."""
    return name.partition(".")[0] in {"keras", "tensorflow"}


def is_unknown_module(name: str) -> bool:
    """Whether ``name`` belongs to a module that cannot be looked into, and of which nothing is known."""
    root = name.partition(".")[0]
    return not is_of_keras(name) and root != "builtins" and root not in sys.stdlib_module_names and not _is_other(root)


def is_other_library(name: str) -> bool:
    """Whether ``name`` belongs to a package whose objects are known not to be Keras models."""
    return _is_other(name.partition(".")[0])


def is_library(name: str) -> bool:
    """Whether ``name`` belongs to Keras, TensorFlow, Python or another package that is known, whose modules hold no settings."""
    return is_of_keras(name) or name.partition(".")[0] in sys.stdlib_module_names or is_other_library(name)
