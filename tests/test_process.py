"""The ``process`` fix: what it writes, and that a child process computes the same."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from guarded import GUARD, HEAD, in_main
from strategies import dedented, fix, outcome

from flake8_keras_loops import analyze
from flake8_keras_loops.fixes.strategies.spawn import DOUBT

FIXTURE = Path(__file__).parent.parent / "fixtures" / "architectures"
IMPORTS = "from concurrent.futures import ProcessPoolExecutor\nfrom multiprocessing import get_context\n"
DOCSTRING = '"""Run one iteration in a process of its own, to get all its memory back."""'


def after(text: str, head: str = HEAD, **settings: object) -> tuple[str, str]:
    """The function that is written, and the function ``main()``, of what is fixed."""
    new = fix(text, "process", **settings).text
    assert new.startswith(IMPORTS + "\n" + head)
    made, _, rest = new.removeprefix(IMPORTS + "\n" + head).partition("def main():\n")
    return made, dedented(rest.removesuffix(GUARD))


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


STUB = """
import types
import numpy as np


class Sequential:
    def __init__(self, layers):
        self.units = layers[-1]

    def compile(self, *args):
        pass

    def fit(self, x, y=0, epochs=1):
        self.units += float(np.sum(x)) + epochs
        return types.SimpleNamespace(history={"loss": [self.units]})

    def evaluate(self, x, y=0):
        return self.units * np.sum(y)

    def save(self, path):
        with open(path, "w") as file:
            file.write(str(self.units))


Input = len
layers = types.SimpleNamespace(Dense=int)
utils = types.SimpleNamespace(set_random_seed=np.random.seed)
"""
GIVEN = "x, y, scores, total = np.arange(32).reshape(4, 8), np.ones(4), [], 0\neverything_that_was_measured = {}"


@pytest.mark.parametrize("name", WRITTEN)
def test_child_processes_give_back_the_same(name: str, tmp_path: Path) -> None:
    """With a stand-in for Keras, which is imported in no time."""
    text = in_main(WRITTEN[name][0], GIVEN).replace(GUARD, "    print(scores, total, everything_that_was_measured)\n" + GUARD)
    said = []
    for folder, program in ((tmp_path / "before", text), (tmp_path / "after", fix(text, "process").text)):
        folder.mkdir()
        (folder / "keras.py").write_text(STUB)
        (folder / "train.py").write_text(program)
        done = subprocess.run([sys.executable, "train.py"], cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        saved = {path.name: path.read_text() for path in folder.glob("*.keras")}
        said.append((done.stdout, saved))
    assert said[0] == said[1]
    assert said[0] != ("[] 0 {}\n", {})


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


# -- the real thing


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
