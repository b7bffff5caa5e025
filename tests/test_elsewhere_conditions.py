"""What speaks against keeping a model in another file's function: both files are looked through."""

from __future__ import annotations

from pathlib import Path

import pytest
from elsewhere import FOLDS, KEPT, MAIN, advice, clean, fix, write
from elsewhere import root as root  # the fixture

from flake8_keras_loops.fixes.outcome import Settings
from flake8_keras_loops.fixes.rewrite import rewrite

REFUSED = {
    "a scope around the loop": (
        FOLDS,
        "import tensorflow as tf\nimport folds\n\nwith tf.distribute.MirroredStrategy().scope():\n"
        "    for n in range(4):\n        folds.run_fold(slice(n))\n",
        "distribution scope",
    ),
    "a device for each iteration": (
        FOLDS,
        'import tensorflow as tf\nimport folds\n\nfor n in range(4):\n    with tf.device(f"/GPU:{n}"):\n'
        "        folds.run_fold(slice(n))\n",
        "stays on its device",
    ),
    "the model is given back with the score": (
        FOLDS.replace("return model.evaluate", "return model, model.evaluate"),
        MAIN,
        "with other values",
    ),
    "the loop runs once": (FOLDS, "import folds\n\nONCE = [3]\nfor n in ONCE:\n    folds.run_fold(slice(n))\n", "runs once"),
    "another use of the name": (
        FOLDS,
        "from folds import *\nkept = 3\n\nfor n in range(4):\n    run_fold(slice(n))\n",
        "name kept",
    ),
    "two functions of one name": (
        FOLDS + "\n\nif len(x) > 3:\n    def run_fold(rows):\n        return keras.Sequential([]).fit(rows)\n",
        MAIN,
        "",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(root: Path, capsys: pytest.CaptureFixture[str], case: str) -> None:
    folds, loop, reason = REFUSED[case]
    write(root, folds=folds, main=loop)
    said = [each for each in advice(capsys, "--unsafe-fixes") if each.startswith("main.py")]
    assert all("no fix" in each and reason in each for each in said)
    assert fix(root, "--unsafe-fixes") == set()


SETTING = """\
WIDTH = 1


def change(n):
    import folds

    folds.y = n


def widen(n):
    global WIDTH
    WIDTH = n


def width():
    return WIDTH
"""
UNSAFE = {
    "the loop sets what the function reads": (
        FOLDS.replace("Dense(1)", "Dense(WIDTH)").replace("\n\n\ndef", "\nWIDTH = 1\n\n\ndef"),
        "import folds\n\nfor n in range(4):\n    folds.WIDTH = n\n    folds.run_fold(slice(9))\n",
        "main.py sets folds.WIDTH",
    ),
    "a function of a third file sets it": (
        FOLDS,
        "import setting\nimport folds\n\nfor n in range(4):\n    setting.change(n)\n    folds.run_fold(slice(9))\n",
        "setting.py sets folds.y",
    ),
    "setattr": (FOLDS, MAIN + "    setattr(folds, 'y', number)\n", "setattr() is called in the loop"),
    "what the function reads is no number": (
        FOLDS.replace("Dense(1)", 'Dense(CONFIG["width"])').replace("\n\n\ndef", '\nCONFIG = {"width": 1}\n\n\ndef'),
        MAIN,
        "reads CONFIG, which may change",
    ),
    "callbacks from the loop": (
        FOLDS.replace("lr=0.01", "callbacks=()").replace("Adam(lr)", "Adam()").replace("verbose=0)\n    r", "callbacks=callbacks)\n    r"),
        MAIN.replace("20)))", "20), callbacks=[print]))"),
        "callbacks in line 10 may change the model",
    ),
    "the loop's file asks the history for a name that is counted up": (
        FOLDS.replace('loss="mse"', 'loss="mse", metrics=[keras.metrics.AUC()]').replace(
            "    model.fit(x[rows], y[rows], verbose=0)\n    return model.evaluate(x, y, verbose=0)", "    return model.fit(x[rows], y[rows])"
        ),
        "import folds\n\nfor n in range(4):\n    history = folds.run_fold(slice(n))\n    print(history.history['auc'])\n",
        "'auc' is looked up",
    ),
    "threads": (FOLDS, "import threading\n" + MAIN + "    threading.Thread(target=print).start()\n", "threads"),
    "a global of a third file": (
        FOLDS.replace("Dense(1)", "Dense(setting.width())").replace("import keras\n", "import keras\nimport setting\n"),
        "import folds\nimport setting\n\nfor n in range(4):\n    setting.widen(n)\n    folds.run_fold(slice(9))\n",
        "reads WIDTH, a global that a function changes",
    ),
    "what may be the module gets an attribute": (
        FOLDS,
        "import sys\nimport folds\n\nfor n in range(4):\n    sys.modules['folds'].np = n\n    folds.run_fold(slice(9))\n",
        "main.py sets sys.modules['folds'].np",
    ),
    "a patch": (
        FOLDS,
        "from unittest import mock\nimport folds\n\nfor n in range(4):\n    with mock.patch('folds.np', n):\n"
        "        folds.run_fold(slice(9))\n",
        "main.py calls mock.patch(), which may change",
    ),
    "a schedule from the loop": (
        FOLDS,
        "import keras\nfrom folds import run_fold as run\n\nfor n in range(4):\n"
        "    run(slice(n), lr=keras.optimizers.schedules.ExponentialDecay(0.1 * n, 10, 0.9))\n",
        "lr is made outside the loop",
    ),
    "a policy for all models": (FOLDS, "import keras\n" + MAIN + "    keras.config.set_dtype_policy('float16')\n", "is called in the loop"),
}  # fmt: skip


@pytest.mark.parametrize("case", UNSAFE)
def test_unsafe(root: Path, capsys: pytest.CaptureFixture[str], case: str) -> None:
    folds, loop, reason = UNSAFE[case]
    write(root, folds=folds, main=loop, setting=SETTING)
    (said,) = advice(capsys)
    assert "unsafe fix: reuse, in folds.py; " in said
    assert reason in said
    assert fix(root) == set()
    assert fix(root, "--unsafe-fixes") == {"folds.py"}
    clean(root, "main.py")


def test_what_the_guards_cannot_see(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A loss reads an object that the loop's file may change under another name."""
    loss = (
        "\n\nclass Rates:\n    alpha = 1\n\n\nrates = Rates()\n\n\ndef own(a, b):\n    return rates.alpha * (a - b) ** 2\n\n\ndef"
    )
    write(root, folds=FOLDS.replace("\n\ndef", loss).replace('"mse"', "own"), main=MAIN)
    (said,) = advice(capsys, "--helper-module", "keeping")
    assert said == "main.py:5 unsafe fix: reuse, in folds.py; own() reads rates, which the file of the loop may change"


def test_a_policy_that_the_loop_around_a_function_of_one_file_sets() -> None:
    loop = "\nfor policy in ('float16', 'float32'):\n    keras.config.set_dtype_policy(policy)\n    run_fold(slice(9))\n"
    (outcome,) = rewrite(FOLDS + loop, "", Settings()).outcomes
    assert outcome.reason == "keras.config.set_dtype_policy() is called in the loop"


def test_what_speaks_against_one_loop_speaks_against_all(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(root, folds=FOLDS + "\n\ndef again():\n    for n in range(3):\n        run_fold(slice(n))\n", a=MAIN)
    write(root, b="import threading\n" + MAIN + "    threading.Thread(target=print).start()\n")
    said = advice(capsys)
    assert [each.split()[0] for each in said] == ["a.py:5", "b.py:6", "folds.py:16"]
    assert all("unsafe fix: reuse" in each and "threads" in each for each in said)
    assert fix(root) == set()


def test_widths_of_the_loop_are_keys(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    grid = "import folds\n\nfor units in (4, 8):\n    for n in range(4):\n        folds.run_fold(slice(n), units)\n"
    write(root, folds=FOLDS, main=grid)
    assert fix(root) == {"folds.py"}
    assert KEPT in (root / "folds.py").read_text()
    write(root, folds=FOLDS, main="import folds\n\nfor units in (4, 8):\n    folds.run_fold(slice(9), units)\n")
    (said,) = advice(capsys)
    assert "no fix: in folds.py: the model differs from iteration to iteration" in said
