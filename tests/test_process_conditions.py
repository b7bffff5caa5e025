"""The ``process`` fix: each reason why it is not written, and what it says of seeds."""

from __future__ import annotations

import pytest
from guarded import GUARD, HEAD, in_main
from strategies import fix, outcome

from flake8_keras_loops.fixes.strategies.spawn import DOUBT


def reason(text: str, **settings: object) -> str:
    found = outcome(text, "process", "", **settings)
    assert not found.strategy
    assert fix(text, "process", **settings).text == text
    return found.reason


# -- why it does not

FIT = "model = build(units)\nmodel.fit(x, y)"
NONE = {
    "the loop runs as the file is imported": HEAD
    + "x = np.zeros(3)\nfor units in (8, 16):\n    model = build(units)\n    model.fit(x)\n",
    "comes to the loop as the file is imported": in_main(FIT).replace('if __name__ == "__main__":\n    main()', "main()"),
    "main() is not called in this file": in_main(FIT).replace(GUARD, "\n"),
    "print() in line 11 would run again": in_main(FIT, head=HEAD + "print('start')\n\n\n"),
    "os.mkdir() in line 10 makes a folder again": in_main(FIT, head="import os\n" + HEAD[:-2] + "os.mkdir('out')\n\n\n"),
    "build.fit() in line 11 runs a model": in_main(FIT, head=HEAD + "build.fit(1)\n\n\n"),
    "it is not seen that data can be pickled": in_main(FIT.replace("x, y", "data"), "data = load()"),
    "it is not seen that x can be pickled": in_main(FIT)
    .replace("def main():", "def main(x):")
    .replace("    x, y =", "    _, y ="),
    "a generator cannot be pickled": in_main(FIT.replace("x, y", "rows"), "rows = (row for row in np.zeros((3, 3)))"),
    "a lambda cannot be pickled": in_main(FIT + "\nloss(model)", "x = y = 1\nloss = lambda model: 1"),
    "other is a model, to go to": in_main(FIT + "\nother.fit(x)", "x = y = 1\nother = build(1)"),
    "model is a model, to come back": in_main(FIT).replace(GUARD, "    model.save('last')\n" + GUARD),
    "gives a History, which holds its model, to come back": in_main("model = build(units)\nhistory = model.fit(x, y)").replace(
        GUARD, "    print(history)\n" + GUARD
    ),
    "keras is imported where a child process has not got it": in_main(
        "model = keras.Sequential([keras.layers.Dense(units)])\nmodel.fit(x)",
        "import keras\nx = np.zeros(3)",
        "import numpy as np\n\n\n",
    ),
    "make is defined where a child process has not got it": in_main(
        "model = make(units)\nmodel.fit(x)", "x = 1\ndef make(units):\n    return keras.Sequential()"
    ),
    "best is bound on some paths only": in_main(
        "model = build(units)\nscore = model.evaluate(x)\nif score < best:\n    best = score\n    model.save('best')",
        "x, best = 1, 2",
    ),
    "line 17 leaves the iteration": in_main("model = build(units)\nmodel.fit(x)\nif model.evaluate(x):\n    break", "x = 1"),
    "(yield 1) in line 15": in_main("model = build(units)\nyield 1\nmodel.fit(x)", "x = 1"),
    "scores.append() in line 16 may change scores": in_main(
        "model = build(units)\nscore = model.evaluate(x)\nscores.append(score)\nmodel.save('m')", "x, scores = 1, []"
    ),
    "x is stored into in line": in_main("x[0] = units\nmodel = build(units)\nx[1] = units\nmodel.fit(x)", "x = [1, 2]"),
    "np.random.shuffle() in line 15 may change x": in_main(
        "model = build(units)\nnp.random.shuffle(x)\nmodel.fit(x)", "x = np.zeros(3)"
    ),
    "change() in line 19 may change x": in_main(
        "model = build(units)\nchange(x)\nmodel.fit(x)", "x = np.zeros(3)", HEAD + "def change(rows):\n    rows[0] = 1\n\n\n"
    ),
    "width() reads size, but every child process would make it anew": in_main(
        FIT.replace("units", "width()"), head=HEAD + "size = np.random.randint(3)\n\n\ndef width():\n    return size\n\n\n"
    ),
    "count() sets a global name": in_main(
        FIT + "\ncount(model)", head=HEAD + "n = 0\n\n\ndef count(model):\n    global n\n    n += 1\n\n\n"
    ),
    "log() changes seen": in_main(FIT + "\nlog(model)", head=HEAD + "seen = []\n\n\ndef log(model):\n    seen.clear()\n\n\n"),
    "plt.plot() in line 17 would draw or log in the child process alone": in_main(
        FIT.replace("model.fit", "history = model.fit") + "\nplt.plot(history.history['loss'])",
        head="import matplotlib.pyplot as plt\n" + HEAD,
    ),
    "Config.units in line 19 would be set in the child process alone": in_main(
        "model = build(units)\nConfig.units = units\nmodel.fit(x)", "x = 1", HEAD + "class Config:\n    units = 1\n\n\n"
    ),
    "wandb.init() in line 10 would run again": in_main(FIT, head="import wandb\n" + HEAD[:-2] + "tracker = wandb.init()\n\n\n"),
    "sets what a child process does not have": in_main(
        FIT, "x = y = 1\nkeras.mixed_precision.set_global_policy('mixed_float16')"
    ),
    "every iteration's model is kept": in_main(FIT + "\nmodels.append(model)", "x = y = 1\nmodels = []"),
    "the loop's body stands in the line of the loop": HEAD + "def main():\n    for u in (1, 2): build(u).fit(1)\n" + GUARD,
    "a comprehension or map() has no body": HEAD + "def main():\n    return [build(u).evaluate(1) for u in (1, 2)]\n" + GUARD,
    "the file uses the name get_context for something else": in_main(FIT, "get_context = x = y = 1"),
}


@pytest.mark.parametrize("words", NONE)
def test_no_fix(words: str) -> None:
    assert words in reason(NONE[words])


def test_a_search_makes_the_calls() -> None:
    text = (
        HEAD
        + "import optuna\n\n\ndef objective(trial):\n    model = build(trial.suggest_int('u', 1, 9))\n    return model.evaluate(1)\n\n\n"
    )
    assert "makes the calls" in reason(
        text + 'if __name__ == "__main__":\n    optuna.create_study().optimize(objective, n_trials=9)\n'
    )


def test_a_notebook_has_nothing_to_import() -> None:
    found = outcome(in_main(FIT), "process", "", path="loops.ipynb")
    assert found.reason.startswith("a child process cannot import what a notebook defines")


def test_auto_does_not_take_it_but_names_it() -> None:
    found = outcome(in_main(FIT), "auto", "")
    assert not found.strategy
    assert "a process of its own" in found.cure


# -- what it says


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (in_main(FIT, "x = y = 1\nkeras.utils.set_random_seed(1)"), "the seed of line 13 does not reach the child processes"),
        (in_main(FIT, head=HEAD + "keras.utils.set_random_seed(1)\n\n\n"), "every child process starts from the seed of line 11"),
    ],
)
def test_seeds_outside_the_loop(text: str, words: str) -> None:
    found = outcome(text, "process", "")
    assert found.strategy == "process"
    assert words in found.reason


def test_a_model_in_the_parent_takes_the_gpu() -> None:
    found = outcome(in_main(FIT, "x = y = 1\nbuild(1).fit(x)"), "process", "")
    assert found.reason == f"{DOUBT}; line 13 runs a model in the parent, which on a GPU leaves a child no memory"


def test_what_nothing_calls_runs_no_model_in_the_parent() -> None:
    text = in_main(FIT, "x = y = 1").replace(GUARD, "\n\n\ndef unused(x):\n    return build(1).predict(x)\n" + GUARD)
    assert "unused" in text
    assert outcome(text, "process", "").reason == DOUBT
    assert "runs a model in the parent" in outcome(text.replace("main()\n", "main()\n    unused(1)\n"), "process", "").reason
