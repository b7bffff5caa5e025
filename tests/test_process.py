"""The ``process`` fix: what it writes, each reason why it does not, and that a child process computes the same."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from strategies import dedented, fix, outcome

from flake8_keras_loops import analyze
from flake8_keras_loops.fixes.strategies.spawn import DOUBT

FIXTURE = Path(__file__).parent.parent / "fixtures" / "architectures"
IMPORTS = "from concurrent.futures import ProcessPoolExecutor\nfrom multiprocessing import get_context\n"
DOCSTRING = '"""Run one iteration in a process of its own, to get all its memory back."""'
HEAD = """import keras
import numpy as np


def build(units):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])
    model.compile("adam", "mse")
    return model


"""
GUARD = '\n\nif __name__ == "__main__":\n    main()\n'


def in_main(body: str, before: str = "x, y = np.zeros((4, 8)), np.zeros(4)", head: str = HEAD) -> str:
    """A program whose ``main()`` has a loop over ``units`` with a body."""
    lines = [*before.splitlines(), "for units in (8, 16):", *(f"    {line}" for line in dedented(body).strip().splitlines())]
    return f"{head}def main():\n" + "".join(f"    {line}".rstrip() + "\n" for line in lines) + GUARD


def after(text: str, head: str = HEAD, **settings: object) -> tuple[str, str]:
    """The function that is written, and the function ``main()``, of what is fixed."""
    new = fix(text, "process", **settings).text
    assert new.startswith(IMPORTS + "\n" + head)
    made, _, rest = new.removeprefix(IMPORTS + "\n" + head).partition("def main():\n")
    return made, dedented(rest.removesuffix(GUARD))


def reason(text: str, **settings: object) -> str:
    found = outcome(text, "process", "", **settings)
    assert not found.strategy
    assert fix(text, "process", **settings).text == text
    return found.reason


# -- what it writes

WRITTEN = {
    "a value that is appended": (
        """
        keras.utils.set_random_seed(units)
        model = build(units)
        model.fit(x, y)  # fit it
        scores.append(model.evaluate(x, y))
        """,
        f"""
        def run(units, x, y):
            {DOCSTRING}
            keras.utils.set_random_seed(units)
            model = build(units)
            model.fit(x, y)  # fit it
            return model.evaluate(x, y)


        """,
        """
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            scores.append(pool.submit(run, units, x, y).result())
        """,
    ),
    "several results, and what stays before and after": (
        """
        print(units)
        part = x[:units]

        # the model
        model = build(units)
        history = model.fit(part, epochs=2)
        curve = history.history["loss"]

        loss = model.evaluate(part)
        del model

        scores.append(loss)
        print(curve)
        """,
        f"""
        def run(units, part):
            {DOCSTRING}
            # the model
            model = build(units)
            history = model.fit(part, epochs=2)
            curve = history.history["loss"]

            loss = model.evaluate(part)
            del model
            return curve, loss


        """,
        """
        print(units)
        part = x[:units]

        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            curve, loss = pool.submit(run, units, part).result()

        scores.append(loss)
        print(curve)
        """,
    ),
    "no result": (
        """
        model = build(units)
        model.fit(x, y)
        model.save(f"{units}.keras")
        """,
        f"""
        def run(units, x, y):
            {DOCSTRING}
            model = build(units)
            model.fit(x, y)
            model.save(f"{{units}}.keras")


        """,
        """
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            pool.submit(run, units, x, y).result()
        """,
    ),
    "a sum": (
        """
        model = build(units)
        model.fit(x, y)
        total += model.evaluate(x, y)  # in all
        """,
        f"""
        def run(units, x, y):
            {DOCSTRING}
            model = build(units)
            model.fit(x, y)
            return model.evaluate(x, y)  # in all


        """,
        """
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            total += pool.submit(run, units, x, y).result()
        """,
    ),
    "long lines": (
        """
        model = build(units)
        model.fit(x, y)
        everything_that_was_measured[units, x.shape[0], y.shape[0]] = model.evaluate(x, y)
        """,
        f"""
        def run(units, x, y):
            {DOCSTRING}
            model = build(units)
            model.fit(x, y)
            return model.evaluate(x, y)


        """,
        """
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            everything_that_was_measured[units, x.shape[0], y.shape[0]] = pool.submit(
                run, units, x, y
            ).result()
        """,
    ),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_written(name: str) -> None:
    before, function, body = WRITTEN[name]
    text = in_main(before, "x, y, scores, total = np.zeros((4, 8)), np.zeros(4), [], 0\neverything_that_was_measured = {}")
    made, main = after(text)
    assert made == dedented(function).lstrip("\n")
    assert main.partition("for units in (8, 16):\n")[2] == "".join(
        f"    {line}".rstrip() + "\n" for line in dedented(body).strip().splitlines()
    )
    found = outcome(text, "process", "")
    assert (found.strategy, found.applicability.value) == ("process", "unsafe")
    assert found.reason.startswith(DOUBT)
    assert fix(text, "process", unsafe=False).text == text
    assert analyze(fix(text, "process").text) == []


SCORE = """

def score(units, x, y):
    model = build(units)
    model.fit(x, y)
    return model.evaluate(x, y)
"""


def test_a_function_that_is_there_already_is_called() -> None:
    text = in_main("loss = score(units, x, y=y)  # here\nprint(loss)", head=HEAD + SCORE.lstrip() + "\n\n")
    made, main = after(text, HEAD + SCORE.lstrip() + "\n\n")
    assert made == ""
    assert "        loss = pool.submit(score, units, x, y=y).result()  # here\n    print(loss)\n" in main


def test_architectures_by_their_factories() -> None:
    head = HEAD + "MAKERS = {'small': build, 'large': build}\n\n\n"
    text = in_main(
        "for name, make in MAKERS.items():\n    model = make(units)\n    model.fit(x)\n    print(name, model.evaluate(x))",
        head=head,
    )
    made, _ = after(text, head)
    assert made.startswith("def run(make, units, x, name):\n")


def test_under_the_guard_itself() -> None:
    loop = "    x = np.zeros((4, 8))\n    for units in (8, 16):\n        model = build(units)\n        model.fit(x)\n"
    new = fix(HEAD + 'if __name__ == "__main__":\n' + loop, "process").text
    assert "def run(units, x):\n" in new
    assert new.index("def run(") < new.index("if __name__")


IMPORTED = {
    "": IMPORTS + "\n",
    "import os\nimport sys\n\n": "import os\nimport sys\n" + IMPORTS + "\n",
    "import argparse\nfrom pathlib import Path\n\n": "import argparse\n" + IMPORTS + "from pathlib import Path\n\n",
    "import multiprocessing\n\n": "import multiprocessing\nfrom concurrent.futures import ProcessPoolExecutor\n\n",
    "from __future__ import annotations\n\n": "from __future__ import annotations\n\n" + IMPORTS + "\n",
    '"""Doc."""\n\n': '"""Doc."""\n\n' + IMPORTS + "\n",
    "from concurrent.futures import ProcessPoolExecutor as Pool\nfrom multiprocessing import get_context\n\n": (
        "from concurrent.futures import ProcessPoolExecutor as Pool\nfrom multiprocessing import get_context\n\n"
    ),
}


@pytest.mark.parametrize("head", IMPORTED)
def test_imports_go_where_isort_puts_them(head: str) -> None:
    new = fix(head + in_main("model = build(units)\nmodel.fit(x)"), "process").text
    assert new.startswith(IMPORTED[head] + "import keras\n")
    spelled = 'multiprocessing.get_context("spawn")' if "import multiprocessing" in head else 'get_context("spawn")'
    assert f"({'1'}, {spelled}) as pool:" in new


def test_two_loops_of_a_file() -> None:
    loop = "    for units in (8, 16):\n        model = build(units)\n        model.fit(x)\n"
    new = fix(f"{HEAD}def main():\n    x = np.zeros((4, 8))\n{loop}{loop}{GUARD}", "process").text
    assert [new.count(part) for part in (IMPORTS, "def run(", "def run_2(", " as pool:")] == [1, 1, 1, 2]


@pytest.mark.parametrize("newline", ["\r\n", "\n"])
def test_line_ends_tabs_and_continuations_survive(newline: str) -> None:
    text = in_main('model = build(units)\nmodel.fit(x,\n        y)\nloss = model.evaluate(x, \\\n    y)  # é\nprint("é", loss)')
    new = fix(text.replace("    ", "\t").replace("\n", newline), "process").text
    assert new.replace(newline, "\n").count("\n\treturn model.evaluate(x, \\\n\t\ty)  # é\n") == 1
    assert newline == "\n" or "\n" not in new.replace(newline, "")


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
    assert "--strategy process" in found.reason


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


@pytest.mark.endtoend
def test_a_child_process_computes_the_same(tmp_path: Path) -> None:
    """The fixture, smaller, as it is and fixed: every digit that it prints."""
    text = (FIXTURE / "before.py").read_text("utf-8").replace("[1, 2, 3]", "[1]").replace("[32, 64, 128, 256]", "[8, 16]")
    printed = []
    for name, program in (("before", text.replace(":.6f", "")), ("after", fix(text.replace(":.6f", ""), "process").text)):
        (tmp_path / f"{name}.py").write_text(program)
        environment = {**os.environ, "KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": ""}
        done = subprocess.run([sys.executable, f"{name}.py"], cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        printed.append(done.stdout)
    assert printed[0] == printed[1]
    assert printed[0].count("\n") == 3
