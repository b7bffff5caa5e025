"""The helper of the short form: which Keras it names, and how it stands in a file."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from rewriting import INLINE, run
from short import SIMPLE, fixed, form

from flake8_keras_loops import analyze
from flake8_keras_loops.fixes.rewrite import rewrite

# -- which Keras


def test_tf_keras_by_its_attribute() -> None:
    """There the backend is TensorFlow, and the line would be too long."""
    new = fixed(SIMPLE.replace("keras.", "tf.keras."), "import tensorflow as tf\n\n")
    assert '    if tf.keras.__version__ < "3":\n        return model\n' in new
    assert "backend()" not in new
    assert max(map(len, new.splitlines())) <= 88


@pytest.mark.parametrize("package", ["keras", "tensorflow.keras"])
def test_keras_itself_is_imported_beside_the_helper(package: str) -> None:
    head = f"from {package}.models import Sequential\nfrom {package}.layers import Dense, Input\n"
    text = SIMPLE.replace("keras.layers.", "").replace("keras.", "")
    needed = "import keras" if package == "keras" else "from tensorflow import keras"
    new = fixed(text, head)
    assert new.startswith(f"{head}{needed}\n\n\ndef renew(kept, model):\n")
    run(head + text, INLINE)
    again = fixed(new + text.replace("range(9)", "range(8)"), "")
    assert again.count(f"\n{needed}\n") == again.count("def renew(") == 1


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("import keras as K\n", "K"),
        ("import tensorflow.keras as K\n", "K"),
        ("from tensorflow import keras as tfk\n", "tfk"),
        ("import tensorflow\n", "tensorflow.keras"),
    ],
)
def test_how_the_file_spells_keras(head: str, name: str) -> None:
    new = fixed(SIMPLE.replace("keras.", f"{name}."), head)
    assert f"    if {name}.__version__ < " in new
    assert re.search(r"(?<![\w.])keras\.", new) is None


@pytest.mark.parametrize(
    "head",
    [
        "import tf_keras as keras\n",
        "from tf_keras import models\nimport tf_keras as keras\n",
        "import keras\nfrom tensorflow.keras import layers\n",
        "import keras\nimport tensorflow as tf\nprint(tf.keras.layers)\n",
        "try:\n    import keras\nexcept ImportError:\n    from tensorflow import keras\n",
        "def f():\n    import keras\n    return keras\n\n\nkeras = f()\nfrom keras.models import Sequential\n",
    ],
)
def test_where_it_is_not_certain_which_keras(head: str) -> None:
    assert "renew" not in rewrite(head + SIMPLE, "loops.py", INLINE).text


def test_an_import_in_the_function_is_none_for_the_helper() -> None:
    text = f"def train(x, y):\n    import keras\n\n{textwrap.indent(SIMPLE, '    ')}"
    assert form(text, "") == "none"


def test_all_loops_of_a_file_share_a_helper() -> None:
    """The first import does for all of them, so the helper never names what is imported below a loop that calls it."""
    text = SIMPLE.replace("keras.", "tf.keras.") + "from tensorflow import keras\n" + SIMPLE
    new = fixed(text, "import tensorflow as tf\n")
    assert new.count("def renew(") == 1
    assert "if tf.keras.__version__" in new


# -- the helper in a file


@pytest.mark.parametrize(
    ("head", "name"), [("import keras\n", "keras"), ("import tensorflow as tf\n", "tf.keras"), ("import tensorflow\n", "tensorflow.keras")]
)  # fmt: skip
def test_a_formatter_and_a_linter_take_it_as_it_is(tmp_path: Path, head: str, name: str) -> None:
    path = tmp_path / "loops.py"
    path.write_text(f"{head}\nx, y = [], []\n" + SIMPLE.replace("keras.", f"{name}."))
    ruff("format", path)
    path.write_text(fixed(path.read_text(), ""))
    assert ruff("check", "--select", "E,F,W", path) == "All checks passed!\n"
    assert "already formatted" in ruff("format", "--check", path)


def ruff(*arguments: str | Path) -> str:
    command = [sys.executable, "-m", "ruff", *map(str, arguments), "--isolated", "--line-length", "88"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_its_own_names_for_the_helper_keep_the_loop_clean() -> None:
    """What the maintainer makes of it is known by what it does."""
    new = fixed(SIMPLE)
    names = {"renew": "give_values", "kept": "first", "variable": "into"}
    renamed = re.sub(r"\b(renew|kept|variable)\b", lambda found: names[found[0]], new)
    assert "def give_values(first, model):" in renamed
    assert "first = model = give_values(first, model)" in renamed
    assert analyze(renamed, "loops.py") == []
    assert rewrite(renamed, "loops.py", INLINE).text == renamed
    useless = renamed.replace("into.assign(value)", "print(into, value)")
    assert [finding.code for finding in analyze(useless, "loops.py")] == ["KL101"]


TYPED = """\
def score(number_of_hidden_units: int, dropout_rate: float) -> float:
    network = keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dense(number_of_hidden_units),
            keras.layers.Dropout(dropout_rate),
            keras.layers.Dense(1),
        ]
    )
    network.compile("adam", "mse")
    network.fit(x, y)
    return float(network.evaluate(x, y))


for run in range(3):
    for units in (8, 16):
        print(run, score(units, 0.5))


def main() -> None:
    for _ in range(3):
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
        model.compile("adam", "mse")
        model.fit(x, y)
"""


def test_a_typed_file_stays_one_and_long_lines_are_broken(tmp_path: Path) -> None:
    head = "import keras\nimport numpy as np\n\nx, y = np.zeros((10, 4)), np.zeros((10, 1))\n\n\n"
    new = fixed(TYPED, head)
    assert "def renew(kept: keras.Model | None, model: keras.Model) -> keras.Model:\n" in new
    assert "kept: dict[object, keras.Model] = {}\n" in new
    assert "network = renew(\n        kept.get((number_of_hidden_units, dropout_rate)), network\n    )\n" in new
    (tmp_path / "a.py").write_text(new)
    options = ["--strict", "--follow-imports=skip", "--ignore-missing-imports", "--no-incremental"]
    for command in (["ruff", "format", "--isolated", "--check"], ["ruff", "check", "--isolated"], ["mypy", *options]):
        done = subprocess.run([sys.executable, "-m", *command, "a.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_one_function_without_annotations_and_the_helper_has_none() -> None:
    new = fixed(TYPED + "\n\ndef more(x):\n    return x\n", "import keras\nfrom data import x, y\n\n\n")
    assert "def renew(kept, model):\n" in new
    assert "\nkept = {}\n" in new
