"""What public names mean."""

from __future__ import annotations

import pytest

from flake8_keras_loops.knowledge import keras


@pytest.mark.parametrize(
    "name",
    [
        "keras.models.Sequential",
        "tensorflow.keras.models.Sequential",
        "tensorflow.compat.v1.keras.models.Sequential",
        "tensorflow.compat.v2.keras.models.Sequential",
        "tensorflow.python.keras.models.Sequential",
        "tensorflow.python.keras.api._v1.keras.models.Sequential",
        "tensorflow.contrib.keras.models.Sequential",
        "tensorflow_core.python.keras.models.Sequential",
        "tf_keras.models.Sequential",
        "keras_core.models.Sequential",
        "keras.src.models.Sequential",
        "keras.api.models.Sequential",
        "keras._tf_keras.keras.models.Sequential",
    ],
)
def test_every_spelling_of_keras_is_one(name: str) -> None:
    assert keras.canonical(name) == "keras.models.Sequential"


@pytest.mark.parametrize(
    "name", ["kerastuner.Tuner", "keras_tuner.Hyperband", "tensorflow_probability.layers", "tensorflow.nn.relu"]
)
def test_other_names_stay(name: str) -> None:
    assert keras.canonical(name) == name


@pytest.mark.parametrize(
    ("name", "builds"),
    [
        ("keras.Sequential", True),
        ("keras.engine.training.Model", True),
        ("keras.Model.from_config", True),
        ("keras.layers.Dense.from_config", False),
        ("keras.applications.resnet.ResNet50", True),
        ("keras.applications.resnet.preprocess_input", False),
        ("keras_hub.models.GemmaCausalLM.from_preset", True),
        ("keras_hub.models.GemmaTokenizer.from_preset", False),
        ("keras_hub.layers.TransformerEncoder", False),
        ("transformers.TFBertModel.from_pretrained", True),
        ("transformers.BertModel.from_pretrained", False),
        ("transformers.TFTrainingArguments", False),
        ("scikeras.wrappers.KerasClassifier", False),  # each fit does
        ("keras_tuner.RandomSearch.hypermodel.build", True),
        ("art.estimators.classification.KerasClassifier", False),
        ("segmentation_models.Unet", True),
        ("torch.nn.Sequential", False),
        ("django.db.models.Model", False),
        ("tensorflow.saved_model.load", True),
        ("tensorflow.Module", False),
        ("tensorflow.estimator.DNNClassifier", False),
    ],
)
def test_what_builds(name: str, builds: bool) -> None:
    assert keras.builds(name) is builds


@pytest.mark.parametrize(
    ("name", "clears"),
    [
        ("keras.backend.clear_session", True),
        ("keras.utils.clear_session", True),
        ("tensorflow.reset_default_graph", True),
        ("tensorflow.Graph", True),
        ("gc.collect", False),
        ("keras.backend.get_session", False),
    ],
)
def test_what_clears(name: str, clears: bool) -> None:
    assert keras.clears(name) is clears
