"""The ``clone`` fix: a template before the loop, a clone in it; always unsafe, and not at all where a clone would be another model."""

from __future__ import annotations

import pytest
from strategies import HEAD, dedented, fix, fixed, verdict

from flake8_keras_loops import analyze

BUILD = """
def build(units=4):
    return keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])


"""
SEEDED = "under one seed a clone starts from other weights than a model built again, unless the model is linear"

CLONED = {
    "a call in its place": (
        """
        for fold in folds:
            models.append(build())
        """,
        """
        template = build()
        for fold in folds:
            models.append(keras.models.clone_model(template))
        """,
    ),
    "a display with comments": (
        """
        def train():
            # five
            for fold in folds:
                # one model
                model = keras.Sequential([  # two layers
                    keras.Input((8,)),

                    keras.layers.Dense(1),  # out
                ])
                model.compile("adam", "mse")
                model.fit(x[fold])
        """,
        """
        def train():
            template = keras.Sequential([  # two layers
                keras.Input((8,)),

                keras.layers.Dense(1),  # out
            ])
            # five
            for fold in folds:
                # one model
                model = keras.models.clone_model(template)
                model.compile("adam", "mse")
                model.fit(x[fold])
        """,
    ),
    "a model that is added to": (
        """
        for fold in folds:
            model = keras.Sequential()
            model.add(keras.Input((8,)))
            model.add(keras.layers.Dense(1))  # out
            model.compile("adam", "mse")
            model.fit(x[fold])
        """,
        """
        model = keras.Sequential()
        model.add(keras.Input((8,)))
        model.add(keras.layers.Dense(1))  # out
        template = model
        for fold in folds:
            model = keras.models.clone_model(template)
            model.compile("adam", "mse")
            model.fit(x[fold])
        """,
    ),
    "a functional model": (
        """
        for fold in folds:
            inputs = keras.Input((8,))
            h = keras.layers.Dense(3)(inputs)
            h = keras.layers.Dense(1)(h)
            model = keras.Model(inputs, h)
            model.fit(x[fold])
        """,
        """
        inputs = keras.Input((8,))
        h = keras.layers.Dense(3)(inputs)
        h = keras.layers.Dense(1)(h)
        template = keras.Model(inputs, h)
        for fold in folds:
            model = keras.models.clone_model(template)
            model.fit(x[fold])
        """,
    ),
    "comprehensions": (
        """
        models = [build(3) for _ in range(5)]
        print(1); more = {i: build() for i in range(5)}
        """,
        """
        template = build(3)
        models = [keras.models.clone_model(template) for _ in range(5)]
        print(1); template = build(); more = {i: keras.models.clone_model(template) for i in range(5)}
        """,
    ),
    "one-line loops": (
        "for fold in folds: model = build(); model.fit(fold)\n",
        "template = build()\nfor fold in folds: model = keras.models.clone_model(template); model.fit(fold)\n",
    ),
    "before all loops that do not change it": (
        """
        for repeat in range(3):
            for fold in folds:
                model = build()
                model.fit(x[fold])
        for units in (1, 2):
            models += [build(units) for _ in folds]
        """,
        """
        template = build()
        for repeat in range(3):
            for fold in folds:
                model = keras.models.clone_model(template)
                model.fit(x[fold])
        for units in (1, 2):
            template = build(units)
            models += [keras.models.clone_model(template) for _ in folds]
        """,
    ),
    "in a branch": (
        """
        while True:
            if x:
                net = build()
                net.fit(x)
        """,
        """
        template = build()
        while True:
            if x:
                net = keras.models.clone_model(template)
                net.fit(x)
        """,
    ),
}


@pytest.mark.parametrize("name", CLONED)
def test_cloned(name: str) -> None:
    before, after = (dedented(text) for text in CLONED[name])
    assert fixed(BUILD + before, "clone") == BUILD + after
    assert verdict(BUILD + before, "clone") == ("unsafe", SEEDED)
    assert fix(HEAD + BUILD + before, "clone", unsafe=False).text == HEAD + BUILD + before


@pytest.mark.parametrize("newline", ["\r\n", "\n"])
def test_line_ends_and_tabs_survive(newline: str) -> None:
    text = 'import keras\ndef f():\n\tfor i in x:\n\t\tm = keras.Sequential([\n\t\t\tkeras.Input((8,), name="é"),  # é\n\t\t])\n\t\tm.fit(i)\n'
    after = (
        'import keras\ndef f():\n\ttemplate = keras.Sequential([\n\t\tkeras.Input((8,), name="é"),  # é\n\t])\n'
        "\tfor i in x:\n\t\tm = keras.models.clone_model(template)\n\t\tm.fit(i)\n"
    )
    assert fix(text.replace("\n", newline), "clone").text == after.replace("\n", newline)


def test_text_in_strings_is_not_indented_anew() -> None:
    text = 'for i in x:\n    m = build("""\n    four\n""")\n    m.fit(i)\n'
    new = fixed(BUILD + text, "clone")
    assert 'template = build("""\n    four\n""")\nfor i in x:\n' in new


@pytest.mark.parametrize(
    ("imports", "build", "call"),
    [
        ("import tensorflow as tf", "tf.keras.Sequential", "tf.keras.models.clone_model(template)"),
        ("from tensorflow.keras import models, Sequential", "Sequential", "models.clone_model(template)"),
        ("from keras.models import clone_model, Sequential", "Sequential", "clone_model(template)"),
    ],
)
def test_written_with_what_the_file_imports(imports: str, build: str, call: str) -> None:
    text = f"{imports}\nfor i in x:\n    m = {build}()\n    m.fit(i)\n"
    assert fix(text, "clone").text == f"{imports}\ntemplate = {build}()\nfor i in x:\n    m = {call}\n    m.fit(i)\n"


@pytest.mark.parametrize(
    ("loop", "before", "after"),
    [
        ("for i in x:\n    models.append(build())\n", "KL105", "KL105"),
        ("for i in x:\n    model = build()\n    model.fit(i)\n", "KL102", "KL101"),
        ("for i in x:\n    model = keras.Sequential()\n    model.fit(i)\n", "KL101", "KL101"),
    ],
)
def test_what_is_left(loop: str, before: str, after: str) -> None:
    text = HEAD + BUILD + loop
    assert [finding.code for finding in analyze(text)] == [before]
    assert [finding.code for finding in analyze(fix(text, "clone").text)] == [after]


NONE = {
    "map(": "models = list(map(build, sizes))\n",
    "make(), which the loop calls": """
        def make():
            model = build()
            return model.evaluate(x)

        for fold in folds:
            print(make())
        """,
    "the loop clones a model already": """
        base = build()
        for fold in folds:
            model = keras.models.clone_model(base)
            model.fit(x)
        """,
    "reads units, which every iteration binds": "for units in (1, 2):\n    models.append(build(units))\n",
    "np.random.randint() has to be called": "for i in x:\n    models.append(build(np.random.randint(3)))\n",
    "a subclass of Model": """
        class Net(keras.Model):
            pass

        for fold in folds:
            model = Net()
            model.fit(x)
        """,
    "a Lambda layer's Python function": """
        for fold in folds:
            model = keras.Sequential([keras.Input((8,)), keras.layers.Lambda(lambda x: x + 1)])
            model.fit(x)
        """,
    "Dense() is given a function of the project": """
        def swish(x):
            return x

        def make():
            return keras.Sequential([keras.Input((8,)), keras.layers.Dense(1, activation=swish)])

        for fold in folds:
            model = make()
            model.fit(x)
        """,
    "compile() is given a function of the project": """
        def make():
            model = keras.Sequential([keras.Input((8,))])
            model.compile("adam", loss=lambda a, b: a - b)
            return model

        for fold in folds:
            model = make()
            model.fit(x)
        """,
    "Scale is the project's own class": """
        class Scale(keras.layers.Layer):
            pass

        for fold in folds:
            model = keras.Sequential([keras.Input((8,)), Scale()])
            model.fit(x)
        """,
    "load_model() gives the model weights": """
        for fold in folds:
            model = keras.models.load_model("m.keras")
            model.fit(x)
        """,
    "VGG16() comes with weights": """
        for fold in folds:
            model = keras.applications.VGG16()
            model.fit(x)
        """,
    "load_weights() gives the model weights": """
        def make():
            model = keras.Sequential([keras.Input((8,))])
            model.load_weights("w.h5")
            return model

        for fold in folds:
            model = make()
            model.fit(x)
        """,
    "adapt() gives the model weights": """
        def make():
            norm = keras.layers.Normalization()
            norm.adapt(x)
            return keras.Sequential([keras.Input((8,)), norm])

        for fold in folds:
            model = make()
            model.fit(x)
        """,
    "make() clears the session, which": """
        def make():
            keras.backend.clear_session()
            return build()

        for fold in folds:
            model = make()
            model.fit(x)
        """,
    "in a distribution scope": """
        for fold in folds:
            with strategy.scope():
                model = build()
            model.fit(x)
        """,
    "the loop does not use the model": "for fold in folds:\n    model = keras.Sequential()\n    model.add(keras.Input((8,)))\n",
    "the block in line": """
        for fold in folds:
            model = build()
            for layer in model.layers:
                layer.trainable = False
            model.compile("adam", "mse")
            model.fit(x)
        """,
    "h is bound again in line": """
        for fold in folds:
            inputs = keras.Input((8,))
            h = keras.layers.Dense(3)(inputs)
            model = keras.Model(inputs, h)
            h = model.fit(x)
        """,
}


@pytest.mark.parametrize("reason", NONE)
def test_no_fix(reason: str) -> None:
    kind, found = verdict(BUILD + dedented(NONE[reason]), "clone")
    assert (kind, found) == ("none", found)
    assert reason in found


def test_no_binding_no_fix() -> None:
    text = "for i in x:\n    model = Sequential()\n    model.fit(i)\n"
    assert verdict(text, "clone", "from keras import Sequential\n") == (
        "none",
        "nothing that the file imports leads to clone_model()",
    )


def test_architectures_without_weights_can_be_cloned() -> None:
    assert verdict("for i in x:\n    m = keras.applications.VGG16(weights=None)\n    m.fit(i)\n", "clone")[0] == "unsafe"


UNSAFE = {
    "Keras 2 does not compile the clone": """
        def make():
            model = keras.Sequential([keras.Input((8,))])
            model.compile("adam", "mse")
            return model

        for fold in folds:
            model = make()
            model.fit(x)
        """,
    "an initializer with a fixed seed": """
        for fold in folds:
            model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1, keras.initializers.GlorotUniform(seed=1))])
            model.fit(x)
        """,
}


@pytest.mark.parametrize("reason", UNSAFE)
def test_further_doubts(reason: str) -> None:
    kind, found = verdict(dedented(UNSAFE[reason]), "clone")
    assert kind == "unsafe"
    assert SEEDED in found
    assert reason in found
