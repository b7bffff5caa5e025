"""The short form where names decide the architecture, where the model is built for its data, and where it has no name."""

from __future__ import annotations

import pytest
from rewriting import INLINE
from short import HEAD, fixed, form

from flake8_keras_loops.fixes.rewrite import rewrite

DATA = HEAD + "x, y = np.zeros((60, 8)), np.zeros((60, 1))\n\n\n"
BUILD = """\
def build(units, rate=0.1):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units), keras.layers.Dropout(0.5), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(rate), "mse")
    return model


"""


def nested(*body: str, inner: str = "for units in (8, 16):", before: str = "") -> str:
    """Folds times something, each with a model."""
    lines = [*body, 'model.compile("adam", "mse")', "model.fit(x, y)"]
    return f"{before}for fold in range(3):\n    {inner}\n" + "".join(f"        {line}\n" for line in lines)


def dense(*layers: str) -> str:
    return f"model = keras.Sequential([keras.Input((8,)), {', '.join(layers)}, keras.layers.Dense(1)])"


LOOP = nested(dense("keras.layers.Dense(units)"))
KEYED = {
    "a literal": (LOOP, "units"),
    "two names": (nested(dense("keras.layers.Dense(n, acts)"), inner="for n, acts in ((8, 'relu'), (4, 'tanh')):"), "n, acts"),
    "what is made of it": (nested("n = 2 * units", dense("keras.layers.Dense(n)")), "n"),
    "a range": (nested(dense("keras.layers.Dense(units)"), inner="for units in range(1, 5):"), "units"),
    "an index": (
        nested(dense("keras.layers.Dense(widths[i])"), inner="for i in range(2):", before="widths = [8, 16]\n"), "i"
    ),
    "layers in a loop": (
        nested("model = keras.Sequential([keras.Input((8,))])", "for n in (units, 8):",
               "    model.add(keras.layers.Dense(n))", "model.add(keras.layers.Dense(1))"),
        "units",
    ),
    "layers in a comprehension": (nested(dense("*[keras.layers.Dense(n) for n in (units, 8)]")), "units"),
    "a layer or none": (
        nested("model = keras.Sequential([keras.Input((8,))])", "if units > 8:",
               "    model.add(keras.layers.Dense(4))", "model.add(keras.layers.Dense(1))"),
        "units",
    ),
    "not the rate": (f"{BUILD}for fold in folds:\n    for units, rate in ((8, 0.1), (16, 0.2)):\n"
                     "        model = build(units, rate)\n        model.fit(x, y)\n", "units"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "key"), KEYED.values(), ids=KEYED)
def test_keyed(text: str, key: str) -> None:
    new = fixed(text, DATA)
    asked = f"({key})" if "," in key else key
    assert "\nkept = {}\nfor fold in " in new
    assert f"        kept[{key}] = model = renew(kept.get({asked}), model)\n" in new
    assert "len(kept)" not in new


@pytest.mark.parametrize("inner", ["for units in widths:", "for i, units in enumerate(widths):"])
def test_where_it_is_open_how_many_there_are_no_more_than_eight_are_kept(inner: str) -> None:
    new = fixed(nested(dense("keras.layers.Dense(units)"), inner=inner), DATA + "from settings import widths\n")
    assert "        if len(kept) > 8:\n            del kept[units]\n        model.fit(x, y)\n" in new


def test_a_search() -> None:
    text = """\
    def objective(trial):
        units = trial.suggest_categorical("units", [8, 16])
        rate = trial.suggest_float("rate", 1e-4, 1e-1)
        model = build(units, rate)
        model.fit(x, y)
        return model.evaluate(x, y)


    import optuna
    optuna.create_study().optimize(objective, n_trials=50)
    """
    new = fixed(text, DATA + BUILD)
    assert "\nkept = {}\n\n\ndef objective(trial):\n" in new
    assert "    kept[units] = model = renew(kept.get(units), model)\n" in new


NOT_KEYED = {
    "the name is bound again": nested(dense("keras.layers.Dense(units)"), "units = 5"),
    "a list": nested(dense("*[keras.layers.Dense(n) for n in hidden]"), inner="for hidden in ([8, 16], [4]):"),
    "what came of a call": nested("config = load(fold)", dense("keras.layers.Dense(config.units)"), inner="for run in range(2):"),
    "it never comes again": "for units in (8, 16):\n    " + dense("keras.layers.Dense(units)")
    + "\n    model.compile('adam', 'mse')\n    model.fit(x, y)\n",
    "the list changes": nested("widths.pop()", dense("keras.layers.Dense(widths[i])"), inner="for i in range(2):",
                               before="widths = [1, 2, 3, 4, 5, 6, 7, 8]\n"),
}  # fmt: skip


@pytest.mark.parametrize("text", NOT_KEYED.values(), ids=NOT_KEYED)
def test_not_keyed(text: str) -> None:
    assert form(text, DATA) in {"unsafe", "none"}
    assert "kept[" not in rewrite(DATA + text, "loops.py", INLINE).text


# -- built for its data


OPEN = 'model = keras.Sequential([keras.layers.Dense(1)])\n    model.compile("adam", "mse")\n    '
ROWS = {
    "the array itself": (f"for i in range(3):\n    {OPEN}model.fit(x, y)\n", "x"),
    "rows": (f"for train, test in folds.split(x):\n    {OPEN}model.fit(x[train], y[train])\n", "x[train]"),
    "rows with a name": (f"for train, test in folds.split(x):\n    a, b = x[train], y[train]\n    {OPEN}model.fit(a, b)\n", "a"),
    "all but some": (
        f"for i in range(3):\n    a = np.concatenate([x[:i], x[i + 1 :]], axis=0)\n    {OPEN}model.fit(a, y)\n",
        "a",
    ),
    "a split": (f"for i in range(3):\n    a, b, c, d = train_test_split(x, y)\n    {OPEN}model.fit(a, c)\n", "a"),
    "drawn": (f"for i in range(3):\n    a = np.random.rand(9, 8)\n    {OPEN}model.fit(a, a)\n", "a"),
}


@pytest.mark.parametrize(("text", "data"), ROWS.values(), ids=ROWS)
def test_built_for_its_data(text: str, data: str) -> None:
    head = HEAD + "from sklearn.model_selection import train_test_split\n\nx, y = np.zeros((60, 8)), np.zeros((60, 1))\n"
    new = fixed(text, head)
    assert f"    model.build((None, *{data}.shape[1:]))\n    kept = model = renew(kept, model)\n    model.fit({data}, " in new


NOT_ROWS = {
    "another array": f"for a in (x, y):\n    {OPEN}model.fit(a, y)\n",
    "columns": f"for i in range(1, 4):\n    a = x[:, :i]\n    {OPEN}model.fit(a, y)\n",
    "as wide as the fold": f"for i in range(1, 4):\n    a = np.zeros((9, i))\n    {OPEN}model.fit(a, y)\n",
    "from a function": f"for i in range(3):\n    a = load(i)\n    {OPEN}model.fit(a, y)\n",
    "a dataset": f"for i in range(3):\n    {OPEN}model.fit(dataset)\n",
    "bound by the loop that calls": "def run():\n    " + OPEN + "model.fit(a, y)\n    return model.evaluate(a, y)\n\n\n"
    "for i in range(1, 4):\n    a = np.zeros((9, i))\n    print(run())\n",
}


@pytest.mark.parametrize("text", NOT_ROWS.values(), ids=NOT_ROWS)
def test_not_known_to_have_one_shape(text: str) -> None:
    assert form(text, DATA) == "unsafe"


# -- without a name, without compile()


def test_a_model_without_a_name() -> None:
    new = fixed("for i in range(3):\n    losses.append(build(8).fit(x, y).history['loss'])\n", DATA + BUILD + "losses = []\n")
    assert "    kept = renew(kept, build(8))\n    losses.append(kept.fit(x, y).history['loss'])\n" in new


@pytest.mark.parametrize("statement", ["print(next(names), build(8).fit(x, y))", "if build(8).fit(x, y): pass"])
def test_a_model_in_the_middle_of_a_statement(statement: str) -> None:
    text = f"{DATA}{BUILD}for i in range(3):\n    {statement}\n"
    (outcome,) = rewrite(text, "loops.py", INLINE).outcomes
    assert outcome.reason == "the model has no name, and is built in the middle of a statement"


def test_a_model_that_only_predicts() -> None:
    text = "for i in range(3):\n    " + dense("keras.layers.Dense(4)") + "\n    print(model.predict(x))\n"
    new = fixed(text, DATA)
    assert "    kept = model = renew_weights(kept, model)\n    print(model.predict(x))\n" in new
    assert "optimizer" not in new


@pytest.mark.parametrize("use", ["model.fit(x, y)", "model.train_on_batch(x, y)", "print(model(x))"])
def test_a_model_that_is_trained_or_called_and_not_compiled(use: str) -> None:
    text = f"{DATA}for i in range(3):\n    {dense('keras.layers.Dense(4)')}\n    {use}\n"
    (outcome,) = rewrite(text, "loops.py", INLINE).outcomes
    assert outcome.strategy == ""
    assert outcome.reason == "compile() is not found where the model is built"
