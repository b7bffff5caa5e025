"""What the published detectors of this smell test themselves on (dslinter, CodeSmile, SpecDetect4AI), in our own words.

None of these expect the informational KL107.
"""

from __future__ import annotations

import pytest

from flake8_keras_loops import analyze


def found(source: str) -> list[tuple[int, str]]:
    return [(finding.line, finding.code) for finding in analyze(source) if finding.code != "KL107"]


def test_a_construction_in_a_loop_is_reported_at_the_construction() -> None:
    source = "import tensorflow as tf\nfor _ in range(100):\n    model = tf.keras.Sequential([tf.keras.layers.Dense(10)])\n"
    assert found(source) == [(3, "KL101")]


@pytest.mark.parametrize(
    "body",
    [
        "    tf.keras.backend.clear_session()\n    model = tf.keras.Sequential()\n",
        "    model = tf.keras.Sequential()\n    tf.keras.backend.clear_session()\n",
    ],
)
def test_clearing_in_the_loop_is_not_reported(body: str) -> None:
    assert found("import tensorflow as tf\nfor _ in range(100):\n" + body) == []


def test_no_loop_is_not_reported() -> None:
    assert found("import tensorflow as tf\nmodel = tf.keras.Sequential([tf.keras.layers.Dense(10) for _ in range(10)])\n") == []


@pytest.mark.parametrize("before", [True, False])
def test_clearing_outside_the_loop_does_not_help(before: bool) -> None:
    clear = "tf.keras.backend.clear_session()\n"
    loop = "for _ in range(100):\n    model = tf.keras.Sequential()\n"
    source = "import tensorflow as tf\n" + (clear + loop if before else loop + clear)
    assert found(source) == [(4 if before else 3, "KL101")]


def test_two_loops_of_which_one_clears_give_one_finding() -> None:
    source = """
import keras
from keras import backend as K
for _ in range(3):
    K.clear_session()
    model = keras.Sequential()
for _ in range(3):
    model = keras.Sequential()
"""
    assert found(source) == [(8, "KL101")]


@pytest.mark.parametrize(
    "source",
    [
        "import git\nrepo = git.Repo('.')\nfor path in paths:\n    repo.git.add(path)\n",
        "import numpy as np\nfor x in xs:\n    total = np.add(total, x)\n",
        "from sklearn.linear_model import LogisticRegression\nfor c in cs:\n    model = LogisticRegression(C=c).fit(x, y)\n",
        "import torch.nn as nn\nfor w in widths:\n    model = nn.Sequential(nn.Linear(w, 1))\n",
        "from torch import nn\nclass Model(nn.Module):\n    pass\nfor w in widths:\n    model = Model()\n    model.fit(x)\n",
    ],
)
def test_lookalikes_give_none(source: str) -> None:
    assert found(source) == []
