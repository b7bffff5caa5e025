"""What becomes of a model that is loaded, or compiled, again in every iteration: ``hoist``, safe or not, with the reason."""

from __future__ import annotations

import ast
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from strategies import dedented, fixed, outcome, verdict

from flake8_keras_loops.fixes.helpers import RESTORER, helper_code
from flake8_keras_loops.fixes.snippets import restorer

HEAD = """import os
import random
from pathlib import Path

import keras
import numpy as np
from keras.models import load_model

PATH = "scorer.keras"
opt = keras.optimizers.Adam()
net = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
lazy = keras.Sequential([keras.layers.Dense(1)])
start = net.get_weights()


def score(model, x):
    return model.predict(x).mean()


def tune(model, x):
    model.set_weights([2 * w for w in model.get_weights()])


"""


def judged(text: str, strategy: str = "auto") -> tuple[str, str]:
    return verdict(text, strategy, HEAD)


def rewritten(text: str) -> str:
    return HEAD + fixed(dedented(text).lstrip("\n"), "auto", HEAD, helper_module="keeping")


MOVED = {
    "a model that is only run": (
        """
        for x in xs:
            model = load_model(PATH)  # once
            print(score(model, x), model.evaluate(x), model(x), model(x, training=False))
        """,
        """
        model = load_model(PATH)  # once
        for x in xs:
            print(score(model, x), model.evaluate(x), model(x), model(x, training=False))
        """,
    ),
    "the path goes with it": (
        """
        for x in xs:
            folder = Path("models")
            path = os.path.join(folder, "a.keras")
            model = load_model(path)
            model.predict(x)
        """,
        """
        folder = Path("models")
        path = os.path.join(folder, "a.keras")
        model = load_model(path)
        for x in xs:
            model.predict(x)
        """,
    ),
    "only before the loop that does not decide the path": (
        """
        for fold in range(3):
            for x in xs:
                model = load_model(f"{fold}.keras")
                model.predict(x)
        """,
        """
        for fold in range(3):
            model = load_model(f"{fold}.keras")
            for x in xs:
                model.predict(x)
        """,
    ),
    "compiled to be scored": (
        """
        for fold in range(3):
            net.load_weights(f"{fold}.weights.h5")
            net.compile(loss="mse", metrics=["mae"])
            print(net.evaluate(x, y))
        """,
        """
        net.compile(loss="mse", metrics=["mae"])
        for fold in range(3):
            net.load_weights(f"{fold}.weights.h5")
            print(net.evaluate(x, y))
        """,
    ),
    "compiled for a new optimizer": (
        """
        for fold in range(3):
            net.set_weights(start)
            rate = 0.01
            optimizer = keras.optimizers.Adam(rate)
            net.compile(optimizer, "mse")
            net.fit(x, y)
        """,
        """
        rate = 0.01
        optimizer = keras.optimizers.Adam(rate)
        net.compile(optimizer, "mse")
        renew_optimizer = model_restorer(net, weights=False)
        for fold in range(3):
            net.set_weights(start)
            renew_optimizer()
            net.fit(x, y)
        """,
    ),
    "compiled with an optimizer that goes on": (
        """
        for fold in range(3):
            for part in parts:
                net.compile(opt, "mse")
                net.fit(x, y)
        """,
        """
        net.compile(opt, "mse")
        for fold in range(3):
            for part in parts:
                net.fit(x, y)
        """,
    ),
}


@pytest.mark.parametrize("name", MOVED)
def test_what_is_written(name: str) -> None:
    before, after = MOVED[name]
    assert rewritten(before).endswith("\n\n\n" + dedented(after).lstrip("\n"))


SAFE = ["a model that is only run", "the path goes with it", "compiled to be scored"]


@pytest.mark.parametrize("name", SAFE)
def test_what_is_safe(name: str) -> None:
    assert judged(MOVED[name][0]) == ("safe", "")


LOADED = "for x in xs:\n    model = load_model(PATH)\n    "
CHANGED = {
    "fit() in line 26 may change the model": "model.fit(x, y)",
    "train_on_batch() in line 26 may change": "model.train_on_batch(x, y)",
    "test_on_batch() in line 26 may change": "print(model.test_on_batch(x, y))",  # it adds to the metrics
    "set_weights() in line 26 may change": "model.predict(x); model.set_weights(other)",
    "load_weights() in line 26 may change": "model.predict(x); model.load_weights(other)",
    "callbacks in line 26 may change": "model.evaluate(x, y, callbacks=[Reset()])",
    "layers in line 26 may change": "model.predict(x); model.layers[0].set_weights(other)",
    "the model is called in line 26, and may be training": "model(x, training=True)",
    "(in tune())": "tune(model, x); model.predict(x)",
    "the model is handed to unknown()": "unknown(model)",
    "line 26 hands the model on": "scaled = model @ other",
    "train_on_batch() in line 26 may": "same = model; same.train_on_batch(x, y)",
}


@pytest.mark.parametrize("reason", CHANGED)
def test_a_loaded_model_that_may_change_is_not_safely_hoisted(reason: str) -> None:
    kind, found = judged(LOADED + CHANGED[reason] + "\n", "hoist")
    assert kind == "unsafe"
    assert reason in found


@pytest.mark.parametrize("text", ["model.fit(x, y)", "model.train_on_batch(x, y)"])
def test_a_loaded_model_that_is_trained_is_kept_instead(text: str) -> None:
    found = outcome(LOADED + text + "\n", "auto", HEAD, helper_module="keeping")
    assert (found.finding.code, found.strategy) == ("KL106", "reuse")


UNSURE = {
    "save() may write the file": "for x in xs:\n    model = load_model(PATH)\n    model.predict(x)\n    model.save(PATH)\n",
    "it is not certain that the same file": "for x in xs:\n    model = load_model(latest())\n    model.predict(x)\n",
    "loading draws random numbers, and so does keras.Sequential()": """
        keras.utils.set_random_seed(1)
        for x in xs:
            model = load_model(PATH)
            model.predict(x)
            small = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
        """,
    "and so does random.choice()": """
        random.seed(1)
        for x in xs:
            model = load_model(PATH)
            model.predict(random.choice(x))
        """,
}


@pytest.mark.parametrize("reason", UNSURE)
def test_a_load_that_may_differ_is_not_safely_hoisted(reason: str) -> None:
    kind, found = judged(UNSURE[reason], "hoist")
    assert kind == "unsafe"
    assert reason in found


COMPILED = {
    ("unsafe", "put back to what it was when it was new"): MOVED["compiled for a new optimizer"][0],
    ("unsafe", "made before the loop, goes on"): MOVED["compiled with an optimizer that goes on"][0],
    ("unsafe", "would be compiled anew even if the loop does not run at all"): """
        net.compile("adam", "mae")
        for x in xs:
            net.compile("adam", "mse")
            print(net.evaluate(x))
        """,
    ("unsafe", "and may have been compiled otherwise"): """
        def check(model):
            for x in xs:
                model.compile(optimizer="adam", loss="mse")
                print(model.evaluate(x))
        """,
    ("none", "the learning rate is another one"): """
        for rate in (0.1, 0.01):
            net.compile(keras.optimizers.SGD(rate), "mse")
            net.fit(x, y)
        """,
    ("none", "before the model has weights"): """
        for fold in folds:
            lazy.compile("adam", "mse")
            lazy.fit(x, y)
        """,
    ("none", "whether the model has weights by then"): """
        def check(model):
            for x in xs:
                model.compile(optimizer="adam", loss="mse")
                model.fit(x)
        """,
    ("none", "whether compile() makes the optimizer anew"): """
        def check(optimizer):
            for x in xs:
                net.compile(optimizer, "mse")
                net.fit(x)
        """,
    ("none", "in a block of its own"): """
        for fold in folds:
            if fold:
                net.compile("adam", "mse")
            net.fit(x, y)
        """,
    ("none", "the model is used in line 25, before it is compiled"): """
        for fold in folds:
            net.fit(x, y)
            net.compile("adam", "mse")
        """,
    ("none", "trains step by step"): """
        for fold in folds:
            net.compile(opt, "mse")
            net.train_on_batch(x, y)
        """,
    ("none", "a compile() of its own"): """
        class Gan(keras.Model):
            def compile(self, optimizer, loss):
                super().compile(loss=loss)
                self.second = optimizer

        gan = Gan()
        for fold in folds:
            gan.compile(optimizer="adam", loss="mse")
            gan.fit(x)
        """,
    ("none", "compile() is part of a larger statement"): """
        for fold in folds:
            done = net.compile("adam", "mse")
            net.fit(x)
        """,
    ("none", "in graph mode"): """
        import tensorflow as tf
        tf.compat.v1.disable_eager_execution()
        for fold in folds:
            net.compile("adam", "mse")
            net.fit(x)
        """,
    ("none", "uses the name model_restorer for something else"): """
        model_restorer = None
        for fold in folds:
            net.compile("adam", "mse")
            net.fit(x)
        """,
}


@pytest.mark.parametrize(("kind", "reason"), COMPILED)
def test_what_becomes_of_a_compile(kind: str, reason: str) -> None:
    found = judged(dedented(COMPILED[kind, reason]).lstrip("\n"))
    assert found[0] == kind
    assert reason in found[1]


@pytest.mark.parametrize("strategy", ["reuse", "clear", "clone", "nojit"])
def test_other_strategies_are_not_for_compiling(strategy: str) -> None:
    assert judged(MOVED["compiled to be scored"][0], strategy) == ("none", f"{strategy} is about models that are built again")


def test_the_helper_is_written_word_for_word() -> None:
    new = fixed(dedented(MOVED["compiled for a new optimizer"][0]), "auto", HEAD)
    assert helper_code(RESTORER) in new
    source = Path(restorer.__file__).read_text("utf-8")
    assert source.endswith(helper_code(RESTORER))
    assert max(map(len, helper_code(RESTORER).splitlines())) <= 88
    ast.parse(new)


class Variable:
    """As much of a variable as the helper uses."""

    def __init__(self, value: float) -> None:
        self.value = np.array(value)

    def numpy(self) -> np.ndarray:
        return self.value

    def assign(self, value: np.ndarray) -> None:
        self.value = np.array(value)


@pytest.mark.parametrize("weights", [True, False])
def test_the_helper_puts_weights_back_if_asked(weights: bool) -> None:
    weight, slot, rate = (Variable(1.0) for _ in range(3))
    optimizer = SimpleNamespace(variables=[slot], build=lambda variables: None, learning_rate=rate)
    model = SimpleNamespace(
        variables=[weight], trainable_variables=[weight], optimizer=optimizer, reset_metrics=lambda: None, stop_training=False
    )
    restore = restorer.model_restorer(model, weights)
    for variable in (weight, slot, rate):
        variable.value += 1  # in place, as torch does
    model.stop_training = True
    restore()
    assert [weight.value, slot.value, rate.value, model.stop_training] == [1.0 if weights else 2.0, 1.0, 1.0, False]
