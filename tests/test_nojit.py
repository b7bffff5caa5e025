"""The ``nojit`` fix: where it adds ``jit_compile=False``; always unsafe, and only where ``compile()`` is seen and knows the argument."""

from __future__ import annotations

from pathlib import Path

import pytest
from strategies import HEAD, dedented, fix, fixed, verdict

from flake8_keras_loops import analyze
from flake8_keras_loops.fixes.strategies.nojit import DOUBT

BUILD = """
def build(units):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
    model.compile("adam", "mse")
    return model


"""

ADDED = {
    "in the body": (
        """
        for units in (1, 2):
            model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
            model.compile("adam", loss="mse")  # plain
            model.fit(x)
        """,
        """
        for units in (1, 2):
            model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
            model.compile("adam", loss="mse", jit_compile=False)  # plain
            model.fit(x)
        """,
    ),
    "a line of its own": (
        """
        for units in (1, 2):
            self.net = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
            self.net.compile(
                optimizer="adam",
                loss="mse",  # mean
            )
            self.net.fit(x)
        """,
        """
        for units in (1, 2):
            self.net = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
            self.net.compile(
                optimizer="adam",
                loss="mse",  # mean
                jit_compile=False,
            )
            self.net.fit(x)
        """,
    ),
    "in the factory": (
        """
        def make(units):
            net = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
            net.compile()
            return net

        for units in (1, 2):
            model = make(units)
            model.fit(x)
        """,
        """
        def make(units):
            net = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
            net.compile(jit_compile=False)
            return net

        for units in (1, 2):
            model = make(units)
            model.fit(x)
        """,
    ),
    "in each branch, and in what gets the model": (
        """
        def prepare(model):
            model.compile("sgd", "mse")

        for units in (1, 2):
            model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
            if units == 1:
                model.compile("adam", "mse")
            else:
                prepare(model)
            model.fit(x)
        """,
        """
        def prepare(model):
            model.compile("sgd", "mse", jit_compile=False)

        for units in (1, 2):
            model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
            if units == 1:
                model.compile("adam", "mse", jit_compile=False)
            else:
                prepare(model)
            model.fit(x)
        """,
    ),
    "in a function that builds and scores": (
        """
        import re

        def score(units):
            pattern = re.compile("a")
            model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
            model.compile("adam", "mse")
            return model.evaluate(x, y)

        scores = [score(units) for units in (1, 2)]
        """,
        """
        import re

        def score(units):
            pattern = re.compile("a")
            model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
            model.compile("adam", "mse", jit_compile=False)
            return model.evaluate(x, y)

        scores = [score(units) for units in (1, 2)]
        """,
    ),
    "of the loop's model, not of another one": (
        """
        other = keras.Sequential([keras.Input((8,)), keras.layers.Dense(3)])
        for units in (1, 2):
            model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
            model.compile("adam", "mse")
            other.compile("adam", "mse")
            model.fit(x)
        """,
        """
        other = keras.Sequential([keras.Input((8,)), keras.layers.Dense(3)])
        for units in (1, 2):
            model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
            model.compile("adam", "mse", jit_compile=False)
            other.compile("adam", "mse")
            model.fit(x)
        """,
    ),
    "one-line loops": (
        "for u in x: model = keras.Sequential(); model.compile('adam', 'mse'); model.fit(u)\n",
        "for u in x: model = keras.Sequential(); model.compile('adam', 'mse', jit_compile=False); model.fit(u)\n",
    ),
}


@pytest.mark.parametrize("name", ADDED)
def test_added(name: str) -> None:
    before, after = (dedented(text) for text in ADDED[name])
    assert fixed(before, "nojit") == after
    assert verdict(before, "nojit") == ("unsafe", DOUBT)
    assert fix(HEAD + before, "nojit", unsafe=False).text == HEAD + before


def test_a_factory_of_two_loops_gets_it_once() -> None:
    new = fixed(
        BUILD + "for u in (1, 2):\n    a = build(u)\n    a.fit(x)\nfor u in (3, 4):\n    models.append(build(u))\n", "nojit"
    )
    assert new.count("jit_compile=False") == 1


def test_the_finding_stays() -> None:
    text = HEAD + BUILD + "for u in (1, 2):\n    a = build(u)\n    a.fit(x)\n"
    assert [f.code for f in analyze(text)] == [f.code for f in analyze(fix(text, "nojit").text)] == ["KL102"]


def compiling(arguments: str) -> str:
    return f"for u in (1, 2):\n    m = keras.Sequential([keras.Input((8,)), keras.layers.Dense(u)])\n    m.compile({arguments})\n    m.fit(x)\n"


NONE = {
    "has jit_compile already": compiling("'adam', 'mse', jit_compile=True"),
    "has ** arguments": compiling("**settings"),
    "has * arguments": compiling("*settings"),
    "has run_eagerly": compiling("'adam', 'mse', run_eagerly=True"),
    "the compile() of the model is not found": "for u in (1, 2):\n    m = keras.Sequential()\n    train(m)\n",
    "keras.layers.core is of a Keras version": "from keras.layers.core import Dense\n" + compiling("'adam'"),
    "keras.wrappers is of": "from keras.wrappers import scikit_learn\n" + compiling("'adam'"),
    "tensorflow.compat.v1 is of a Keras version": "import tensorflow.compat.v1 as tf\n" + compiling("'adam'"),
    "the argument nb_epoch is of a Keras version": compiling("'adam'") + "    m.fit(x, nb_epoch=3)\n",
    "in graph mode nothing is compiled with XLA": "tf.compat.v1.disable_eager_execution()\n" + compiling("'adam'"),
    "is the project's own": """
        class Gan(keras.Model):
            def compile(self, optimizer, critic):
                super().compile()

        for u in (1, 2):
            model = Gan(u)
            model.compile("adam", "adam")
            model.fit(x)
        """,
}


@pytest.mark.parametrize("reason", NONE)
def test_no_fix(reason: str) -> None:
    kind, found = verdict(dedented(NONE[reason]), "nojit")
    assert (kind, found) == ("none", found)
    assert reason in found


def test_a_compile_in_another_file_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text("import keras\n" + BUILD)
    text = "import keras\nfrom models import build\nfor u in (1, 2):\n    m = build(u)\n    m.fit(x)\n"
    found = fix(text, "nojit", path=str(tmp_path / "train.py")).outcomes[0]
    assert not found.strategy
    assert found.reason == f"compile() is in {tmp_path / 'models.py'}"
