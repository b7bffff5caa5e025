"""The ``hoist`` fix: what it moves before the loop, what it puts back in it, and when it does not."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from strategies import HEAD, dedented, fix, fixed, verdict

from flake8_keras_loops import analyze
from flake8_keras_loops.fixes.helpers import RESTORER, helper_code
from flake8_keras_loops.fixes.snippets import restorer

IMPORTED = "from tools.keras_loops import model_restorer\n"
BUILD = """
def build(units=4):
    return keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])


"""
SAME_WEIGHTS = "every iteration would start from the same weights"


def hoisted(text: str) -> str:
    """The new text of a program that imports the helper."""
    new = fixed(BUILD + dedented(text), "hoist", helper_module="tools.keras_loops")
    return (
        new.replace(IMPORTED, "")
        .replace("\n" + BUILD.strip("\n"), BUILD.strip("\n"))
        .partition(BUILD.strip("\n"))[2]
        .lstrip("\n")
    )


HOISTED = {
    "statements and comments, in order": (
        """
        # five folds
        for fold in folds:
            # one model
            model = build()  # small
            model.compile(
                optimizer="adam",
                loss="mse",  # mean
            )

            # train it
            model.fit(x[fold], y[fold])
        print(model)
        """,
        """
        # one model
        model = build()  # small
        model.compile(
            optimizer="adam",
            loss="mse",  # mean
        )
        restore_model = model_restorer(model)
        # five folds
        for fold in folds:
            restore_model()
            # train it
            model.fit(x[fold], y[fold])
        print(model)
        """,
    ),
    "what stands before stays before": (
        """
        for fold in folds:
            data = x[fold]
            if not len(data):
                continue
            model = build()
            model.summary()
            model.compile("adam", "mse")
            model.fit(data, y[fold])
        """,
        """
        model = build()
        model.compile("adam", "mse")
        restore_model = model_restorer(model)
        for fold in folds:
            data = x[fold]
            if not len(data):
                continue
            restore_model()
            model.summary()
            model.fit(data, y[fold])
        """,
    ),
    "a functional model, and what feeds it": (
        """
        while True:
            width = 2 * 8
            inputs = keras.Input((8,))
            h = keras.layers.Dense(width)(inputs)
            h = keras.layers.Dropout(0.5)(h)
            optimizer = keras.optimizers.Adam(0.01)
            net = keras.Model(inputs, h)
            net.compile(optimizer, loss="mse")
            if net.fit(x, y).history["loss"][-1] < 1:
                break
        """,
        """
        width = 2 * 8
        inputs = keras.Input((8,))
        h = keras.layers.Dense(width)(inputs)
        h = keras.layers.Dropout(0.5)(h)
        optimizer = keras.optimizers.Adam(0.01)
        net = keras.Model(inputs, h)
        net.compile(optimizer, loss="mse")
        restore_net = model_restorer(net)
        while True:
            restore_net()
            if net.fit(x, y).history["loss"][-1] < 1:
                break
        """,
    ),
    "a model that is added to": (
        """
        for fold in folds:
            model = keras.Sequential()
            model.add(keras.Input((8,)))
            model.add(keras.layers.Dense(1))
            model.trainable = False
            model.compile("adam", "mse")
            model.fit(x[fold], y[fold])
        """,
        """
        model = keras.Sequential()
        model.add(keras.Input((8,)))
        model.add(keras.layers.Dense(1))
        model.trainable = False
        model.compile("adam", "mse")
        restore_model = model_restorer(model)
        for fold in folds:
            restore_model()
            model.fit(x[fold], y[fold])
        """,
    ),
    "out of all loops that do not change it": (
        """
        for repeat in range(3):
            for fold in folds:
                model = build()
                model.compile("adam", "mse")
                model.fit(x[fold], y[fold])
            print(repeat)
        """,
        """
        model = build()
        model.compile("adam", "mse")
        restore_model = model_restorer(model)
        for repeat in range(3):
            for fold in folds:
                restore_model()
                model.fit(x[fold], y[fold])
            print(repeat)
        """,
    ),
    "not out of a loop that changes it": (
        """
        for units in (1, 2):
            for fold in folds:
                model = build(units)
                model.compile("adam", "mse")
                model.fit(x[fold], y[fold])
        """,
        """
        for units in (1, 2):
            model = build(units)
            model.compile("adam", "mse")
            restore_model = model_restorer(model)
            for fold in folds:
                restore_model()
                model.fit(x[fold], y[fold])
        """,
    ),
    "not out of a with": (
        """
        for repeat in range(3):
            with open("log", "w") as log:
                for fold in folds:
                    model = build()
                    model.fit(x[fold], y[fold])
        """,
        """
        for repeat in range(3):
            with open("log", "w") as log:
                model = build()
                restore_model = model_restorer(model)
                for fold in folds:
                    restore_model()
                    model.fit(x[fold], y[fold])
        """,
    ),
    "an attribute, in a method": (
        """
        class Trainer:
            def __init__(self, units):
                self.units = units

            def make(self):
                return keras.Sequential([keras.Input((8,)), keras.layers.Dense(self.units)])

            def run(self):
                for fold in folds:
                    self.model = self.make()
                    self.model.compile("adam", "mse")
                    self.history = self.model.fit(x[fold], y[fold])
        """,
        """
        class Trainer:
            def __init__(self, units):
                self.units = units

            def make(self):
                return keras.Sequential([keras.Input((8,)), keras.layers.Dense(self.units)])

            def run(self):
                self.model = self.make()
                self.model.compile("adam", "mse")
                restore_model = model_restorer(self.model)
                for fold in folds:
                    restore_model()
                    self.history = self.model.fit(x[fold], y[fold])
        """,
    ),
    "two models": (
        """
        for fold in folds:
            first = build(2)
            second = build(3)
            first.fit(x[fold], y[fold])
            second.fit(x[fold], y[fold])
        """,
        """
        first = build(2)
        restore_first = model_restorer(first)
        second = build(3)
        restore_second = model_restorer(second)
        for fold in folds:
            restore_first()
            restore_second()
            first.fit(x[fold], y[fold])
            second.fit(x[fold], y[fold])
        """,
    ),
    "two loops, one after the other": (
        """
        for fold in folds:
            model = build(2)
            model.fit(x[fold], y[fold])
        for fold in folds:
            model = build(3)
            model.fit(x[fold], y[fold])
        """,
        """
        model = build(2)
        restore_model = model_restorer(model)
        for fold in folds:
            restore_model()
            model.fit(x[fold], y[fold])
        model = build(3)
        restore_model = model_restorer(model)
        for fold in folds:
            restore_model()
            model.fit(x[fold], y[fold])
        """,
    ),
    "one-line loops and semicolons": (
        """
        for fold in folds: model = build(); model.compile("adam", "mse"); model.fit(x[fold], y[fold])
        for fold in folds:
            data = x[fold]; model = build(); model.compile("adam", "mse"); model.fit(data)
        """,
        """
        model = build()
        model.compile("adam", "mse")
        restore_model = model_restorer(model)
        for fold in folds: restore_model(); model.fit(x[fold], y[fold])
        model = build()
        model.compile("adam", "mse")
        restore_model = model_restorer(model)
        for fold in folds:
            data = x[fold]; restore_model(); model.fit(data)
        """,
    ),
    "names that are taken": (
        """
        def restore_model():
            pass


        for fold in folds:
            model = build()
            model.fit(x[fold], y[fold])
        """,
        """
        def restore_model():
            pass


        model = build()
        restore_model_2 = model_restorer(model)
        for fold in folds:
            restore_model_2()
            model.fit(x[fold], y[fold])
        """,
    ),
}


@pytest.mark.parametrize("name", HOISTED)
def test_hoisted(name: str) -> None:
    before, after = (dedented(text).lstrip("\n") for text in HOISTED[name])
    assert hoisted(before) == after
    assert verdict(BUILD + before, "hoist") == ("unsafe", SAME_WEIGHTS)
    assert verdict(BUILD + before, "hoist", same_weights=True) == ("safe", "")


def test_weights_are_set_and_the_model_is_only_run() -> None:
    for setting in ("model.load_weights(path)", "model.set_weights(weights[path])"):
        text = f"for path in paths:\n    model = build()\n    {setting}\n    print(model.predict(x))\n"
        assert verdict(BUILD + text, "hoist") == ("safe", "")
        assert hoisted(text) == f"model = build()\nfor path in paths:\n    {setting}\n    print(model.predict(x))\n"


def test_a_saved_model_that_is_only_run() -> None:
    text = "for row in rows:\n    model = keras.models.load_model('m.keras')\n    print(model.predict(row))\n"
    assert verdict(text, "hoist") == ("safe", "")
    assert hoisted(text) == "model = keras.models.load_model('m.keras')\nfor row in rows:\n    print(model.predict(row))\n"


def test_the_fixed_loop_is_clean() -> None:
    text = HEAD + BUILD + "for fold in folds:\n    model = build()\n    model.fit(x[fold], y[fold])\n"
    assert analyze(text)
    assert not analyze(fix(text, "hoist").text)


def test_a_function_that_a_loop_calls_is_found_there_once_its_own_loop_is_fixed() -> None:
    text = (
        HEAD
        + BUILD
        + "def run():\n    for fold in folds:\n        model = build()\n        model.fit(x[fold])\n\nwhile True:\n    run()\n"
    )
    result = fix(text, "hoist")
    assert result.outcomes[0].applied
    assert [(f.code, f.construction) for f in analyze(result.text)] == [("KL102", "run()")]


def test_what_the_loop_around_keeps_is_found_there() -> None:
    text = (
        HEAD
        + BUILD
        + "for name in 'abc':\n    for i in x:\n        model = build()\n        model.fit(i)\n    winners.append(model)\n"
    )
    assert [(f.line, f.code) for f in analyze(text)] == [(11, "KL102")]
    new = fix(text, "hoist", helper_module="tools").text
    assert [(f.line, f.code) for f in analyze(new)] == [(11, "KL105")]


def test_the_helper_is_written_once_after_the_imports() -> None:
    text = HEAD + BUILD + "for fold in folds:\n    model = build()\n    model.fit(fold)\n" * 2
    new = fix(text, "hoist").text
    assert new.count("def model_restorer(") == 1
    assert new.startswith("import keras\nimport numpy as np\n\n\ndef model_restorer(model, weights=True):\n")
    assert helper_code(RESTORER) in new


def test_the_helper_is_short_and_the_one_that_is_tested() -> None:
    code = helper_code(RESTORER)
    function = ast.parse(code).body[0]
    assert isinstance(function, ast.FunctionDef)
    body = code.split('"""')[2].strip("\n").splitlines()
    assert len([line for line in body if line.strip()]) + 1 <= 20
    assert max(map(len, code.splitlines())) <= 88
    assert code in Path(restorer.__file__).read_text("utf-8")
