"""Where ``reuse`` is written in its short form, where in the guarded one, and what the short form looks like."""

from __future__ import annotations

import re
import textwrap

import pytest
from rewriting import HELPER, INLINE, MODULE, RENEW, run
from short import HEAD, SIMPLE, fixed, form

from flake8_keras_loops.fixes.helpers import helper_code
from flake8_keras_loops.fixes.rewrite import rewrite


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
        loop("part = x[: i + 1]", "model = keras.Sequential([keras.Input((part.shape[1],)), keras.layers.Dense(1)])"),
        loop("model = build()", before=f"def build():\n    {MODEL}\n    model.compile('adam', 'mse')\n    return model\n\n\n"),
        loop("model = build(i)", before="def build(rate):\n    " + MODEL + "\n    model.compile(keras.optimizers.Adam(rate), 'mse')\n    return model\n\n\n"),
        loop(MODEL, after="model.fit(x, y, callbacks=[keras.callbacks.EarlyStopping()])"),
        loop(MODEL, after="model.fit(x, y)\nmodel.save_weights('a.weights.h5')\nmodel.count_params()"),
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
    for train, test in folds.split(x):
        x_train = x[train]
        model = keras.Sequential([keras.Input(({shape},)), keras.layers.Dense(1)])
        model.compile("adam", "mse")
        model.fit(x_train, y[train])
    """
    head = HEAD + "x = np.load('x.npy')\n"
    assert form(text.replace("{shape}", "x_train.shape[1]"), head) == "short"
    assert form(text.replace("({shape},)", "x_train.shape[1:]"), head) == "short"
    assert form(text.replace("{shape}", "x_train.shape[0]"), head) == "unsafe"
    assert form(text.replace("{shape}", "x_train.shape[1]").replace("x[train]\n", "x[:, train]\n"), head) == "unsafe"


# -- not proved


OWN_LAYER = "class Own(keras.layers.Layer):\n    def call(self, x):\n        return x\n\n\n"
OWN_LOSS = "def error(y_true, y_pred):\n    return keras.ops.mean(keras.ops.abs(y_true - y_pred))\n\n\n"
SCHEDULE = "keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(10.0**-i, 100, 0.9))"
UNPROVED = {
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
    "of another package": loop("model = Tiny()", before="from zoo import Tiny\n\n").replace("Tiny()", "keras.Sequential([keras.Input((8,)), Tiny()])"),
    "setting for all models": loop("keras.config.set_floatx('float16' if i else 'float32')", MODEL),
    "own callback": loop(
        MODEL,
        before="class Halve(keras.callbacks.Callback):\n    def on_epoch_end(self, epoch, logs=None):\n        self.model.optimizer.momentum = 0.5\n\n\n",
        after="model.fit(x, y, callbacks=[Halve()])",
    ),
}  # fmt: skip


@pytest.mark.parametrize("text", UNPROVED.values(), ids=UNPROVED)
def test_unproved(text: str) -> None:
    """Without a module for the helper that compares as the loop runs, the short form is not safe, or there is none."""
    assert "renew" not in rewrite(HEAD + text, "loops.py", INLINE).text
    assert form(text) == "unsafe"
    assert "renew" not in rewrite(HEAD + text, "loops.py", MODULE).text


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


# -- what a function that a loop calls reads of the file

SCORED = """\
def score(fold):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense({read}), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    model.fit(x[fold], y[fold])
    return model.evaluate(x, y)


for {target} in (1, 2):
    {before}
    for fold in folds:
        print(score(fold))
"""


@pytest.mark.parametrize(
    ("first", "read", "target", "before", "expected"),
    [
        ("n = 4", "n", "run", "pass", "short"),
        ("n = 4 * 2", "n", "run", "pass", "short"),
        ("n = x.shape[1]", "n", "run", "pass", "short"),
        ("from settings import n", "n", "run", "pass", "short"),
        ("n = 4", "n", "n", "pass", "unsafe"),
        ("", "n", "n", "pass", "unsafe"),
        ("n = 4", "n", "run", "n = run", "unsafe"),
        ("def more():\n    global n\n    n = 5\n\n\nn = 4", "n", "run", "more()", "unsafe"),
        ("cfg = {'n': 4}", "cfg['n']", "run", "cfg['n'] = run", "unsafe"),
        ("cfg = {'n': 4}", "cfg['n']", "run", "cfg.update(n=run)", "unsafe"),
        ("sizes = [1, 2]", "sizes[0]", "run", "sizes.pop(0)", "unsafe"),
        ("class Cfg:\n    n = 4\n\n", "Cfg.n", "run", "Cfg.n = run", "unsafe"),
    ],
)
def test_what_a_function_reads_of_the_file(first: str, read: str, target: str, before: str, expected: str) -> None:
    assert form(SCORED.format(read=read, target=target, before=before), f"{HEAD}{first}\n\n\n") == expected


METHOD = """\
from base import Base


class Runner(Base):
    def score(self):
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense({units})])
        model.compile("adam", "mse")
        model.fit(x, y)
        return model.evaluate(x, y)


for units in (8, 16):
    runner = Runner(units)
    for i in range(3):
        print(runner.score())
"""
NESTED = """\
def outer(units):
    def score():
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense({units})])
        model.compile("adam", "mse")
        model.fit(x, y)
        return model.evaluate(x, y)

    for i in range(3):
        print(score())


outer(3)
outer(4)
"""


@pytest.mark.parametrize(("text", "units"), [(METHOD, "self.units"), (NESTED, "units")])
def test_what_is_around_a_function_may_be_another_at_its_next_call(text: str, units: str) -> None:
    assert form(text.format(units=units)) == "unsafe"
    assert form(text.format(units="8")) == "short"
