"""Where ``reuse`` is written in its short form, where in the guarded one, and what the short form looks like."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from rewriting import HELPER, INLINE, MODULE, run

from flake8_keras_loops import analyze
from flake8_keras_loops.fixes.helpers import helper_code
from flake8_keras_loops.fixes.outcome import Applicability
from flake8_keras_loops.fixes.rewrite import rewrite

HEAD = "import keras\nimport numpy as np\n\n"
RENEW = "kept = model = renew(kept, model)"
SIMPLE = """\
for i in range(9):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile(loss="mse")
    model.fit(x, y)
"""


def fixed(body: str, head: str = HEAD) -> str:
    """What the safe fixes make of a program; every finding has one."""
    text = head + textwrap.dedent(body)
    done = rewrite(text, "loops.py", INLINE)
    assert done.abandoned == ()
    assert done.outcomes
    assert all(outcome.applied for outcome in done.outcomes), [outcome.reason for outcome in done.outcomes]
    assert all(outcome.applicability is Applicability.SAFE for outcome in done.outcomes)
    assert analyze(done.text, "loops.py") == []
    assert rewrite(done.text, "loops.py", INLINE).text == done.text
    return done.text


def form(body: str, head: str = HEAD) -> str:
    """``short`` or ``guarded``."""
    new = fixed(body, head)
    helpers = re.findall(rf"^def (renew|{HELPER})\(", new, re.MULTILINE)
    assert len(helpers) == 1
    assert ("= renew(" in new) == (helpers == ["renew"])
    return "short" if helpers == ["renew"] else "guarded"


def loop(*build: str, before: str = "", head: str = "for i in range(9):", after: str = "model.fit(x, y)") -> str:
    """A loop that builds a model as ``build`` says, compiles it if that says nothing of it, and goes on with ``after``."""
    lines = [*build] if "compile(" in "".join((before, *build)) else [*build, 'model.compile("adam", "mse")']
    return before + head + "\n" + textwrap.indent("\n".join([*lines, after]) + "\n", "    ")


def sequential(*layers: str) -> str:
    return f"model = keras.Sequential([{', '.join(('keras.Input((8,))', *layers, 'keras.layers.Dense(1)'))}])"


MODEL = sequential()


# -- what it looks like


def test_a_loop() -> None:
    assert fixed(SIMPLE) == HEAD + "\n" + helper_code("renew") + (
        "\n\nkept = None\n" + SIMPLE.replace("    model.fit", f"    {RENEW}\n    model.fit")
    )


def test_a_function_that_a_loop_calls() -> None:
    body = """\
    def score(train, test):
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
        model.compile(loss="mse")
        model.fit(x[train], y[train])
        return model.evaluate(x[test], y[test])


    for train, test in folds:
        print(score(train, test))
    """
    new = fixed(body)
    assert "\n\nkept = {}\n\n\ndef score(train, test):\n" in new
    assert '    kept["model"] = model = renew(kept.get("model"), model)\n    model.fit(' in new
    other = textwrap.dedent(body).replace("score", "rate").replace("model", "net")
    both = fixed(textwrap.dedent(body) + "\n\n" + other)
    assert both.count("def renew(") == 1
    assert (
        'kept_2["net"] = net = renew(kept_2.get("net"), net)' in both or 'kept["net"] = net = renew(kept.get("net"), net)' in both
    )


def test_two_models_in_a_loop() -> None:
    other = MODEL.replace("model", "other", 1)
    new = fixed(
        loop(
            MODEL, other, 'model.compile("adam", "mse")', 'other.compile("sgd", "mse")', after="model.fit(x, y)\nother.fit(x, y)"
        )
    )
    assert new.count("def renew(") == 1
    assert re.findall(r"^ *(kept.*)", new[new.index("kept = None") :], re.MULTILINE) == [
        "kept = None",
        "kept_2 = None",
        RENEW,
        "kept_2 = other = renew(kept_2, other)",
    ]


def test_nothing_of_it_with_a_helper_module() -> None:
    new = run(HEAD + SIMPLE, MODULE).text
    assert "renew" not in new
    assert f"import {HELPER}\n" in new


# -- where the kept model starts


OUTER = """\
for {name} in (1, 2, 4):
    for fold in range(5):
        model = keras.Sequential([keras.Input((8,)), keras.layers.Dense({units}), keras.layers.Dense(1)])
        model.compile(keras.optimizers.Adam({rate}), "mse")
        model.fit(x, y)
"""


@pytest.mark.parametrize(
    ("text", "start"),
    [
        (OUTER.format(name="rate", units=4, rate="rate"), "kept = None\nfor rate in"),
        (OUTER.format(name="rate", units=4, rate="learning_rate=10**-rate"), "kept = None\nfor rate in"),
        (OUTER.format(name="run", units=4, rate=""), "kept = None\nfor run in"),
        (OUTER.format(name="units", units="units", rate=""), "    kept = None\n    for fold in"),
        (OUTER.format(name="units", units="2 * units", rate=""), "    kept = None\n    for fold in"),
    ],
)
def test_before_the_outermost_loop_that_is_proved(text: str, start: str) -> None:
    assert f"\n{start}" in fixed(text)


def test_not_before_a_loop_that_the_model_outlives() -> None:
    text = OUTER.format(name="run", units=4, rate="").rstrip("\n") + "\n    models.append(model)\n"
    assert "\n    kept = None\n    for fold in" in fixed(text, HEAD + "models = []\n")


# -- proved


@pytest.mark.parametrize(
    "text",
    [
        loop(MODEL),
        loop(MODEL, "model.compile(keras.optimizers.Adam(10.0**-i), 'mse')"),
        loop("keras.utils.set_random_seed(i)", MODEL),
        loop(sequential("keras.layers.Dense(4, kernel_initializer=keras.initializers.GlorotUniform(seed=i))")),
        loop("inputs = keras.Input((8,))", "outputs = keras.layers.Dense(1)(inputs)", "model = keras.Model(inputs, outputs)"),
        loop("model = keras.Sequential()", "model.add(keras.Input((8,)))", "model.add(keras.layers.Dense(1))"),
        loop("model = keras.Sequential()", "model.add(keras.Input((8,)))", "for _ in range(3):\n    model.add(keras.layers.Dense(1))"),
        loop("part = x[i]", "model = keras.Sequential([keras.Input((part.shape[1],)), keras.layers.Dense(1)])"),
        loop("model = build()", before=f"def build():\n    {MODEL}\n    model.compile('adam', 'mse')\n    return model\n\n\n"),
        loop("model = build(i)", before="def build(rate):\n    " + MODEL + "\n    model.compile(keras.optimizers.Adam(rate), 'mse')\n    return model\n\n\n"),
        loop(MODEL, after="model.fit(x, y, callbacks=[keras.callbacks.EarlyStopping()])"),
        loop(MODEL, after="model.fit(x, y)\nmodel.save_weights('a.weights.h5')\nmodel.summary()"),
        loop(sequential("keras.layers.Dense(units)"), before="units = 4\n"),
        loop(MODEL, f"model.compile(keras.optimizers.SGD({'keras.optimizers.schedules.ExponentialDecay(0.1, 100, 0.9)'}), 'mse')"),
        f"def train(x, y):\n{textwrap.indent(loop(MODEL), '    ')}",
        f"class Trainer:\n    def train(self, x, y):\n{textwrap.indent(loop(MODEL), ' ' * 8)}",
    ],
)  # fmt: skip
def test_short(text: str) -> None:
    assert form(text) == "short"


def test_rows_have_one_shape() -> None:
    """``x[train].shape[1]`` is that of ``x``; the first number is that of the fold."""
    text = """\
    for train, test in folds:
        x_train = x[train]
        model = keras.Sequential([keras.Input(({shape},)), keras.layers.Dense(1)])
        model.compile("adam", "mse")
        model.fit(x_train, y[train])
    """
    head = HEAD + "x = np.load('x.npy')\n"
    assert form(text.replace("{shape}", "x_train.shape[1]"), head) == "short"
    assert form(text.replace("({shape},)", "x_train.shape[1:]"), head) == "short"
    assert form(text.replace("{shape}", "x_train.shape[0]"), head) == "guarded"
    assert form(text.replace("{shape}", "x_train.shape[1]").replace("x[train]\n", "x[:, train]\n"), head) == "guarded"


# -- not proved


OWN_LAYER = "class Own(keras.layers.Layer):\n    def call(self, x):\n        return x\n\n\n"
OWN_LOSS = "def error(y_true, y_pred):\n    return keras.ops.mean(keras.ops.abs(y_true - y_pred))\n\n\n"
SCHEDULE = "keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(10.0**-i, 100, 0.9))"
GUARDED = {
    "own layer": loop(sequential("Own()"), before=OWN_LAYER),
    "own layer by name": loop("own = Own()", sequential("own"), before=OWN_LAYER),
    "own layer in a function": loop(
        "model = build()", before=f"{OWN_LAYER}def build():\n    {sequential('Own()')}\n    model.compile('adam', 'mse')\n    return model\n\n\n"
    ),
    "lambda layer": loop(sequential("keras.layers.Lambda(lambda each: each / 2)")),
    "own loss": loop(MODEL, "model.compile('adam', error)", before=OWN_LOSS),
    "own loss by keyword": loop(MODEL, "model.compile(optimizer='adam', loss=error)", before=OWN_LOSS),
    "loss as lambda": loop(MODEL, "model.compile('adam', lambda a, b: a - b)"),
    "own metric": loop(MODEL, "model.compile('adam', 'mse', metrics=[error])", before=OWN_LOSS),
    "own activation": loop(sequential("keras.layers.Dense(1, activation=own)"), before="def own(x):\n    return x\n\n\n"),
    "own initializer": loop(
        sequential("keras.layers.Dense(1, kernel_initializer=own)"), before="def own(shape, dtype=None):\n    return 1\n\n\n"
    ),
    "stateful": loop("model = keras.Sequential([keras.Input((8, 1), batch_size=4), keras.layers.LSTM(4, stateful=True), keras.layers.Dense(1)])"),
    "arguments by a dictionary": loop(sequential("keras.layers.Dense(**options)"), before="options = {'units': 4}\n"),
    "rate of a schedule": loop(MODEL, f"model.compile({SCHEDULE}, 'mse')"),
    "no Input": loop("model = keras.Sequential([keras.layers.Dense(1)])"),
    "not compiled": loop(MODEL, after="model.predict(x)").replace('    model.compile("adam", "mse")\n', ""),
    "of another package": loop("model = Tiny()", before="from zoo import Tiny\n\n").replace("Tiny()", "keras.Sequential([keras.Input((8,)), Tiny()])"),
    "setting for all models": loop("keras.config.set_floatx('float16' if i else 'float32')", MODEL),
    "own callback": loop(
        MODEL,
        before="class Halve(keras.callbacks.Callback):\n    def on_epoch_end(self, epoch, logs=None):\n        self.model.optimizer.momentum = 0.5\n\n\n",
        after="model.fit(x, y, callbacks=[Halve()])",
    ),
}  # fmt: skip


@pytest.mark.parametrize("text", GUARDED.values(), ids=GUARDED)
def test_guarded(text: str) -> None:
    """The helper with guards compares as the loop runs; or the fix is not safe, or there is none: short it is never."""
    done = rewrite(HEAD + text, "loops.py", INLINE)
    assert "renew" not in done.text
    if any(outcome.applied for outcome in done.outcomes):
        assert form(text) == "guarded"


@pytest.mark.parametrize(
    "layer", ["keras.layers.Dense(i + 1)", "keras.layers.Dropout(i / 10)", "keras.layers.Dense(2, activation=acts[i])"]
)
def test_what_every_iteration_builds_otherwise(layer: str) -> None:
    done = rewrite(HEAD + loop(sequential(layer), before="acts = ['relu', 'tanh']\n"), "loops.py", INLINE)
    assert "renew" not in done.text


def test_a_layer_that_is_made_outside_the_loop() -> None:
    done = rewrite(HEAD + loop(sequential("shared"), before="shared = keras.layers.Dense(4)\n"), "loops.py", INLINE)
    assert "renew" not in done.text


@pytest.mark.parametrize(
    "change",
    ["units = i + 1", "units += 1", "cfg['units'] = i", "cfg = {'units': i + 1}", "cfg.update(units=i)", "grow()"],
)
def test_what_the_loop_changes_after_the_model_was_built(change: str) -> None:
    before = "units = 4\ncfg = {'units': 4}\n\n\ndef grow():\n    cfg['units'] += 1\n\n\n"
    layer = "keras.layers.Dense(units)" if change.startswith("units") else "keras.layers.Dense(cfg['units'])"
    done = rewrite(HEAD + loop(sequential(layer), before=before, after=f"model.fit(x, y)\n{change}"), "loops.py", INLINE)
    assert "renew" not in done.text


@pytest.mark.parametrize(
    "after",
    [
        "model.fit(x, y)\nmodel.compile('sgd', 'mae')\nmodel.fit(x, y)",
        "model.fit(x, y)\nmodel.trainable = False\nmodel.predict(x)",
        "model.fit(x, y)\nmodel.extra = i",
        "model.fit(x, y)\nmodel.optimizer.clipnorm = 1.0",
        "model.fit(x, y)\nmodel.layers[0].activation = abs",
        "change(model)\nmodel.fit(x, y)",
    ],
)
def test_what_the_loop_does_to_the_model(after: str) -> None:
    before = "def change(it):\n    it.layers[0].activation = abs\n\n\n"
    done = rewrite(HEAD + loop(MODEL, before=before, after=after), "loops.py", INLINE)
    assert "renew" not in done.text


@pytest.mark.parametrize("change", ["model.trainable = False", "model.layers[0].trainable = False"])
def test_what_completes_the_model_comes_first(change: str) -> None:
    new = fixed(loop(MODEL, after=f"{change}\nmodel.fit(x, y)"))
    assert f"    {change}\n    {RENEW}\n    model.fit(" in new


def test_a_surrounding_with_decides_how_a_model_is_built() -> None:
    text = """\
    for i in range(9):
        with {context}:
            model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
            model.compile("adam", "mse")
        model.fit(x, y)
    """
    for context in ("keras.device(f'gpu:{i}')", "scopes[i]", "keras.DTypePolicy(i)"):
        assert "renew" not in rewrite(HEAD + textwrap.dedent(text.replace("{context}", context)), "loops.py", INLINE).text


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
    assert form(text, "") == "guarded"


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
