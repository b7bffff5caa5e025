"""When the ``clear`` fix is not made, or not safe: one case for each condition, with its reason."""

from __future__ import annotations

import pytest
from strategies import HEAD, dedented, fix, verdict

BUILD = """
def build(units):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
    model.compile("adam", "mse")
    return model


"""
GRAPH = "import tensorflow as tf\nfrom tensorflow import keras\n\ntf.compat.v1.disable_eager_execution()\n"
LOOP = """
for units in (1, 2):
    model = build(units)
    model.fit(x, y)
"""


NONE = {
    "a comprehension or map() has no body": "models = [build(1) for _ in range(3)]\n",
    "the session is cleared in every iteration already": """
        for units in (1, 2):
            keras.backend.clear_session()
            model = build(units)
            model.fit(x, y)
        """,
    "clear_session() is called inside cleanup()": """
        def cleanup():
            keras.backend.clear_session()

        for units in (1, 2):
            model = build(units)
            if model.fit(x, y):
                continue
            cleanup()
        """,
    "where it cannot be moved from": """
        for units in (1, 2):
            model = build(units)
            if model.fit(x, y):
                continue
            done = keras.backend.clear_session()
        """,
    "clear_session() reads what the iteration makes": """
        for units in (1, 2):
            model = build(units)
            if model.fit(x, y):
                continue
            keras.backend.clear_session(units)
        """,
    "the loop stands in a distribution scope": """
        with strategy.scope():
            for units in (1, 2):
                model = build(units)
                model.fit(x, y)
        """,
    "the loop stands in a graph or session of its own": """
        with graph.as_default():
            for units in (1, 2):
                model = build(units)
                model.fit(x, y)
        """,
    "in a distribution scope, where": """
        def search():
            for units in (1, 2):
                model = build(units)
                model.fit(x, y)

        with strategy.scope():
            search()
        """,
    "the loop stands in a tf.function": """
        import tensorflow as tf

        @tf.function
        def search():
            for units in (1, 2):
                model = build(units)
                model.fit(x, y)
        """,
}


@pytest.mark.parametrize("reason", NONE)
def test_no_fix(reason: str) -> None:
    kind, found = verdict(BUILD + dedented(NONE[reason]), "clear")
    assert kind == "none"
    assert reason in found


NONE_IN_GRAPH_MODE = {
    "every iteration's model is kept": "for units in (1, 2):\n    models.append(build(units))\n",
    "best_model may keep an earlier iteration's model": """
        for units in (1, 2):
            model = build(units)
            if model.evaluate(x, y) > best:
                best_model = model
        """,
    "base was made before the loop": """
        base = build(3)
        for units in (1, 2):
            model = build(units)
            model.fit(x, base.predict(x))
        """,
    "session was made before the loop": """
        session = tf.compat.v1.Session()
        for units in (1, 2):
            model = build(units)
            session.run(model.outputs)
        """,
    "teacher was made before the loop": """
        teacher = build(3)
        for units in (1, 2):
            model = build(units)
            model.fit(x, y)
        teacher.predict(x)
        """,
}


@pytest.mark.parametrize("reason", NONE_IN_GRAPH_MODE)
def test_no_fix_in_graph_mode(reason: str) -> None:
    kind, found = verdict(BUILD + dedented(NONE_IN_GRAPH_MODE[reason]), "auto", GRAPH)
    assert kind == "none"
    assert reason in found
    assert "in graph mode" in found


# -- unsafe


UNSAFE = {
    "resets the dtype policy": "keras.mixed_precision.set_global_policy('mixed_float16')\n" + LOOP,
    "custom objects": "keras.utils.get_custom_objects()['f'] = f\n" + LOOP,
    "and keras.random": LOOP + "    noise = keras.random.normal((3,))\n",
    "distribution": "keras.distribution.set_distribution(d)\n" + LOOP,
    "inputs was made before the loop": """
        inputs = keras.Input((8,))
        for units in (1, 2):
            model = keras.Model(inputs, keras.layers.Dense(units)(inputs))
            model.fit(x, y)
        """,
    "optimizer was made before the loop": """
        optimizer = keras.optimizers.Adam()
        for units in (1, 2):
            model = build(units)
            model.compile(optimizer, "mse")
            model.fit(x, y)
        """,
    "self.encoder was made before the loop": """
        class Search:
            def __init__(self):
                self.encoder = keras.Sequential([keras.Input((8,)), keras.layers.Dense(2)])

            def run(self):
                for units in (1, 2):
                    model = build(units)
                    model.fit(self.encoder.predict(x), y)
        """,
    "every iteration's model is kept": "for units in (1, 2):\n    models.append(build(units))\n",
    "models of different iterations get equal names": """
        for units in (1, 2):
            model = build(units)
            if model.evaluate(x, y) > best:
                best_model = model
        """,
    "the loop reads 'val_auc_1'": LOOP + "    print(model.history.history['val_auc_1'])\n",
    "the loop reads 'dense_2'": LOOP + "    print(model.get_layer('dense_2'))\n",
}


@pytest.mark.parametrize("reason", UNSAFE)
def test_unsafe(reason: str) -> None:
    kind, found = verdict(BUILD + dedented(UNSAFE[reason]), "clear")
    assert kind == "unsafe"
    assert reason in found


UNSAFE_IN_GRAPH_MODE = {
    "a seed set before the loop is cleared": "tf.compat.v1.set_random_seed(1)\n" + LOOP,
    "dropped with its options": "keras.backend.set_session(make_session())\n" + LOOP,
    "is handed to check(), which may keep it": LOOP + "    check(model)\n",
}


@pytest.mark.parametrize("reason", UNSAFE_IN_GRAPH_MODE)
def test_unsafe_in_graph_mode(reason: str) -> None:
    kind, found = verdict(BUILD + dedented(UNSAFE_IN_GRAPH_MODE[reason]), "auto", GRAPH)
    assert kind == "unsafe"
    assert reason in found


def test_unsafe_fixes_are_not_applied_unasked() -> None:
    text = HEAD + BUILD + "for units in (1, 2):\n    models.append(build(units))\n"
    assert fix(text, "clear", unsafe=False).text == text
    assert fix(text, "clear").text != text


def test_a_seed_for_numpy_does_not_matter_in_graph_mode() -> None:
    assert verdict(BUILD + "import numpy as np\nnp.random.seed(1)\n" + LOOP, "clear", GRAPH) == ("safe", "")
