"""What findings say: short, one thing, and a cure that fits the case."""

from __future__ import annotations

from pathlib import Path

import pytest
from cases import case_files
from strategies import outcome

from flake8_keras_loops import analyze
from flake8_keras_loops.checks import cures, messages
from flake8_keras_loops.report import text
from flake8_keras_loops.report.record import FileReport, Reported
from flake8_keras_loops.rules import RULES

HERE = Path(__file__).parent
PROGRAMS = [*case_files(), *(HERE / "fixes").glob("*.py"), *(HERE.parent / "fixtures").glob("*/before.py")]


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: str(path.relative_to(HERE.parent)))
def test_messages_are_short_and_say_one_thing(path: Path) -> None:
    for finding in analyze(path.read_bytes(), str(path)):
        assert len(f"{finding.code} {finding.message}") <= messages.LENGTH
        assert "on line " in finding.message
        assert "\n" not in finding.message + finding.cure
        assert finding.cure
        assert len(finding.cure) <= messages.LENGTH


@pytest.mark.parametrize("code", RULES)
@pytest.mark.parametrize("search", ["", "a_study_with_a_long_name.optimize_and_more()"])
@pytest.mark.parametrize("path", ["train.py", "train.ipynb"])
def test_long_names_are_cut_where_they_say_least(code: str, search: str, path: str) -> None:
    name = f"tensorflow.compat.v1.keras.applications.{'very_' * 20}long_module.build_the_model()"
    place = (f"/somewhere/{'very_' * 20}long_package/__init__.py", 123456)
    message = messages.message(code, name, place, path, 123456, search)
    assert len(f"{code} {message}") <= messages.LENGTH - (8 if path.endswith(".ipynb") else 0)
    assert "…" in message
    assert "l()" in message or path.endswith(".ipynb")
    assert "line 123456" in message


def test_short_names_are_whole() -> None:
    message = messages.message("KL102", "build()", ("/a/models.py", 5), "/a/train.py", 3)
    assert message == "build() builds a Keras model (models.py:5) in every iteration of the loop on line 3"
    assert messages.message("KL102", "build()", ("/a/train.py", 5), "/a/train.py", 3).count("(line 5)") == 1


HEAD = """\
import numpy as np
x = np.ones((9, 4))
net = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3), keras.layers.Dense(2)])
def build(width=3):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(width)])
    model.compile("adam", "mse")
    return model
class Agent:
    def __init__(self, width):
        self.model = build(width)
    def learn(self, x):
        self.model.fit(x, x, verbose=0)
class Service:
    def __init__(self):
        self.model = net
    def infer(self, x):
        copy = keras.models.clone_model(self.model)
        copy.set_weights(self.model.get_weights())
        return copy.predict(x)
service = Service()
"""
#: A loop, its strategy, and what helps.
CURES = {
    "every layer": (
        "for layer in net.layers:\n    keras.Model(net.inputs, layer.output).predict(x)\n",
        "",
        cures.ALL_OUTPUTS,
    ),
    "clone, run": (
        "for i in range(9):\n    copy = keras.models.clone_model(net)\n    copy.set_weights(net.get_weights())\n"
        "    print(i, copy.predict(x))\n",
        "hoist",
        cures.USE_ITSELF,
    ),
    "clone in a method": ("for i in range(9):\n    print(i, service.infer(x))\n", "reuse", cures.USE_ITSELF),
    "clone, trained": (
        "for i in range(9):\n    copy = keras.models.clone_model(net)\n    copy.compile('adam', 'mse')\n    copy.fit(x, x)\n",
        "reuse",
        "--helper-module NAME makes the fix safe",
    ),
    "object": (
        "for i in range(9):\n    agent = Agent(8)\n    agent.learn(x)\n",
        "reuse",
        cures.OBJECT_ONCE.format(loop="loop"),
    ),
    "objects that differ": (
        "for i in range(9):\n    agent = Agent(i + 1)\n    agent.learn(x)\n",
        "",
        cures.PROCESS,
    ),
    "best": (
        "best, best_loss = None, 9\nfor i in range(9):\n    model = build()\n    model.fit(x, x)\n"
        "    loss = model.evaluate(x, x)\n    if loss < best_loss:\n        best, best_loss = model, loss\nbest.save('a.keras')\n",
        "",
        cures.KEEP_BEST_WEIGHTS,
    ),
    "all kept": (
        "models = []\nfor i in range(9):\n    model = build()\n    model.fit(x, x)\n    models.append(model)\n",
        "",
        cures.KEEP_WEIGHTS,
    ),
    "differ": (
        "for i in range(9):\n    model = build(i + 1)\n    model.fit(x, [i])\n",
        "",
        cures.PROCESS,
    ),
    "only built": ("for i in range(9):\n    build().summary()\n", "", cures.CLEAR),
    "only built, and cleared": (
        "for i in range(9):\n    keras.utils.clear_session()\n    build().summary()\n",
        "",
        cures.PROCESS_ALONE,
    ),
    "loaded": (
        "for i in range(9):\n    model = keras.models.load_model('a.keras')\n    print(i, model.predict(x))\n",
        "hoist",
        cures.LOAD_ONCE.format(loop="loop"),
    ),
    "not cleared": (
        "for i in range(9):\n    model = build()\n    model.fit(x, x)\n    if x[i, 0]:\n        keras.utils.clear_session()\n",
        "reuse",
        cures.CLEAR_FIRST.format(loop="loop"),
    ),
}


def test_what_helps_against_memory_names_its_page() -> None:
    about = [cures.CLEAR, cures.PROCESS, cures.PROCESS_ALONE, cures.PROCESS_OF_TRIAL]
    assert all(cures.MEMORY_PAGE in each and len(each) <= messages.LENGTH for each in about), about
    assert (Path(__file__).parent.parent / cures.MEMORY_PAGE).exists()


@pytest.mark.parametrize("case", CURES)
def test_each_case_has_its_cure(case: str) -> None:
    loop, strategy, cure = CURES[case]
    found = outcome(HEAD + loop, "auto")
    assert (found.strategy, found.cure) == (strategy, cure)


def test_where_there_is_no_fix_the_report_says_what_helps() -> None:
    loop, _, cure = CURES["differ"]
    shown = text.render([FileReport("a.py", (Reported(outcome(HEAD + loop, "auto")),))]).splitlines()
    assert shown[1:3] == ["    no fix: the model differs from iteration to iteration", f"    help: {cure}"]


def test_a_safe_fix_needs_no_further_help() -> None:
    loop, _, _ = CURES["loaded"]
    shown = text.render([FileReport("a.py", (Reported(outcome(HEAD + loop, "auto")),))]).splitlines()
    assert shown[1] == "    fix: hoist"
    assert shown[2:] == []
