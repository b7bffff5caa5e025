"""The ``clear`` fix: where it puts ``clear_session()``, and when it does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from strategies import HEAD, dedented, fix, fixed, verdict

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


# -- moving the call that is there


MOVED = {
    "from the end, past continue": (
        """
        for fold in folds:
            # one model a fold
            model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
            if model.fit(x[fold], y[fold]).history["loss"][-1] > 0.5:
                continue
            print(model.evaluate(x[fold], y[fold]))
            # free the memory
            keras.utils.clear_session()  # done
        """,
        """
        for fold in folds:
            # free the memory
            keras.utils.clear_session()  # done
            # one model a fold
            model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
            if model.fit(x[fold], y[fold]).history["loss"][-1] > 0.5:
                continue
            print(model.evaluate(x[fold], y[fold]))
        """,
    ),
    "out of an if": (
        """
        for trial in range(100):
            model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
            model.fit(x, y)
            if trial % 10 == 0:
                keras.backend.clear_session()
        """,
        """
        for trial in range(100):
            keras.backend.clear_session()
            model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
            model.fit(x, y)
            if trial % 10 == 0:
                pass
        """,
    ),
    "out of an except": (
        """
        for trial in range(100):
            model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
            try:
                model.fit(x, y)
            except ValueError:
                keras.backend.clear_session()
                print("failed")
        """,
        """
        for trial in range(100):
            keras.backend.clear_session()
            model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
            try:
                model.fit(x, y)
            except ValueError:
                print("failed")
        """,
    ),
    "out of an else of a finally": (
        """
        for trial in range(100):
            try:
                model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
            finally:
                if trial:
                    keras.backend.clear_session()
                else:
                    print("first")
        """,
        """
        for trial in range(100):
            keras.backend.clear_session()
            try:
                model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
            finally:
                if trial:
                    pass
                else:
                    print("first")
        """,
    ),
    "out of a line of several": (
        """
        for trial in range(100):
            model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
            if model.fit(x, y).history["loss"][-1] > 1: continue
            del model; keras.backend.clear_session(); gc.collect()
        """,
        """
        for trial in range(100):
            keras.backend.clear_session()
            model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
            if model.fit(x, y).history["loss"][-1] > 1: continue
            del model; gc.collect()
        """,
    ),
    "of two, the one in the body": (
        """
        while True:
            model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
            if model.evaluate(x, y) > 1:
                keras.backend.clear_session()
                print("bad")
                continue
            if model.evaluate(x, y) > 2:
                continue
            keras.backend.clear_session()
        """,
        """
        while True:
            keras.backend.clear_session()
            model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
            if model.evaluate(x, y) > 1:
                keras.backend.clear_session()
                print("bad")
                continue
            if model.evaluate(x, y) > 2:
                continue
        """,
    ),
}


@pytest.mark.parametrize("name", MOVED)
def test_moved(name: str) -> None:
    before, after = (dedented(text) for text in MOVED[name])
    assert fixed(before, "clear", unsafe=False) == after
    assert fixed(before, "auto", unsafe=False, select=()) == after  # KL107, what is left, is off by default


@pytest.mark.parametrize("newline", ["\r\n", "\n"])
def test_line_ends_and_tabs_survive(newline: str) -> None:
    text = 'import keras\nfor i in x:\n\tm = keras.Sequential()\n\tif m.fit(i):\n\t\tcontinue\n\tkeras.backend.clear_session()  # é "x"\n'
    after = 'import keras\nfor i in x:\n\tkeras.backend.clear_session()  # é "x"\n\tm = keras.Sequential()\n\tif m.fit(i):\n\t\tcontinue\n'
    assert fix(text.replace("\n", newline), "clear").text == after.replace("\n", newline)


def test_one_loop_with_two_findings_is_cleared_once() -> None:
    text = """
    for fold in folds:
        first = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
        second = keras.Sequential([keras.Input((8,)), keras.layers.Dense(2)])
        if first.fit(x, y) and second.fit(x, y):
            keras.backend.clear_session()
    """
    new = fixed(text, "clear")
    assert new.count("clear_session()") == 1
    assert "for fold in folds:\n    keras.backend.clear_session()\n" in new


# -- writing the call


BINDINGS = [
    ("import keras", "keras.Sequential", "keras.backend.clear_session()"),
    ("import keras as k", "k.Sequential", "k.backend.clear_session()"),
    ("from tensorflow import keras", "keras.Sequential", "keras.backend.clear_session()"),
    ("import tensorflow as tf", "tf.keras.Sequential", "tf.keras.backend.clear_session()"),
    ("import tensorflow.keras", "tensorflow.keras.Sequential", "tensorflow.keras.backend.clear_session()"),
    ("import tf_keras as keras", "keras.Sequential", "keras.backend.clear_session()"),
    ("from keras import backend as K, Sequential", "Sequential", "K.clear_session()"),
    ("import keras.backend as K\nfrom keras.models import Sequential", "Sequential", "K.clear_session()"),
    ("from tensorflow.keras import backend as K\nimport tensorflow as tf", "tf.keras.Sequential", "K.clear_session()"),
    ("from keras.backend import clear_session\nimport keras", "keras.Sequential", "clear_session()"),
    ("from keras.backend import clear_session as reset\nimport keras", "keras.Sequential", "reset()"),
    ("import tensorflow as tf\nimport keras", "keras.Sequential", "keras.backend.clear_session()"),
    (
        "try:\n    import keras\nexcept ImportError:\n    from tensorflow import keras",
        "keras.Sequential",
        "keras.backend.clear_session()",
    ),
    ("import keras\nkeras.utils.clear_session()", "keras.Sequential", "keras.utils.clear_session()"),
]


@pytest.mark.parametrize(("imports", "build", "call"), BINDINGS)
def test_written_with_what_the_file_imports(imports: str, build: str, call: str) -> None:
    loop = f"\nfor i in range(3):\n    # one\n    model = {build}()\n    model.fit(x, y)\n"
    assert fix(imports + loop, "clear").text == imports + loop.replace("    # one", f"    {call}\n    # one")


NO_BINDINGS = [
    "from keras.models import Sequential\n",
    "from tensorflow.keras import Sequential\n",
    "import tensorflow as tf\nfrom keras.models import Sequential\n",  # tf.keras may be another Keras
    "from keras import Sequential\nif debug:\n    import keras\n",
    "from keras import Sequential\nimport keras\nkeras = None\n",
    "from keras import Sequential\ndef f():\n    import keras\n",
]


@pytest.mark.parametrize("head", NO_BINDINGS)
def test_no_binding_no_fix(head: str) -> None:
    kind, reason = verdict("for i in x:\n    model = Sequential()\n    model.fit(x, y)\n", "clear", head)
    assert kind == "none"
    assert "nothing that the file imports leads to clear_session()" in reason


def test_a_binding_after_the_loop_is_not_used() -> None:
    text = "from keras import Sequential\nfor i in x:\n    model = Sequential()\n    model.fit(x, y)\nimport keras\n"
    assert not fix(text, "clear").outcomes[0].strategy


def test_a_name_that_the_function_binds_hides_the_import() -> None:
    text = "import keras\nfrom keras import Sequential\ndef f(keras):\n    for i in x:\n        model = Sequential()\n        model.fit(x)\n"
    assert not fix(text, "clear").outcomes[0].strategy


def test_an_import_in_the_function_is_used() -> None:
    text = "def f():\n    import keras\n    for i in x:\n        model = keras.Sequential()\n        model.fit(x)\n"
    assert "for i in x:\n        keras.backend.clear_session()\n" in fix(text, "clear").text


def test_one_line_loops() -> None:
    text = "for i in x: model = keras.Sequential(); model.fit(i)\n"
    assert fixed(text, "clear") == "for i in x: keras.backend.clear_session(); model = keras.Sequential(); model.fit(i)\n"


def test_a_function_that_the_loop_calls() -> None:
    text = """
    def score(units):
        model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
        return model.evaluate(x, y)


    def search():
        while True:
            print(score(3))
    """
    assert "    while True:\n        keras.backend.clear_session()\n        print(score(3))\n" in fixed(
        text, "clear", unsafe=False
    )


def test_nested_loops_clear_in_the_one_that_repeats() -> None:
    text = """
    for units in (1, 2):
        for fold in folds:
            model = build(units)
            model.fit(x[fold], y[fold])
    """
    assert "    for fold in folds:\n        keras.backend.clear_session()\n        model" in fixed(
        BUILD + dedented(text), "clear"
    )


def test_graph_mode_is_cleared_by_default() -> None:
    new = fixed(BUILD + LOOP, "auto", GRAPH, unsafe=False)
    assert "for units in (1, 2):\n    keras.backend.clear_session()\n    model = build(units)\n" in new


def test_eager_mode_is_safe_where_nothing_speaks_against_it() -> None:
    assert verdict(BUILD + LOOP, "clear") == ("safe", "")


def test_the_model_may_be_used_after_the_loop() -> None:
    for head in (HEAD, GRAPH):
        assert verdict(BUILD + LOOP + "model.save('last.keras')\n", "clear", head) == ("safe", "")


def test_imported_factories_are_cleared_too(tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text("import keras\n" + BUILD)
    text = "import keras\nfrom models import build\n" + LOOP
    new = fix(text, "clear", path=str(tmp_path / "train.py")).text
    assert "    keras.backend.clear_session()\n    model = build(units)\n" in new
