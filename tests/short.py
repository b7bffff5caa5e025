"""Programs that get the short form of ``reuse``, or the guarded one."""

from __future__ import annotations

import re
import textwrap

from rewriting import INLINE

from flake8_keras_loops import analyze
from flake8_keras_loops.fixes.outcome import Applicability
from flake8_keras_loops.fixes.rewrite import rewrite

HEAD = "import keras\nimport numpy as np\n\n"
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
    assert done.outcomes
    assert all(outcome.applied for outcome in done.outcomes), [outcome.reason for outcome in done.outcomes]
    assert all(outcome.applicability is Applicability.SAFE for outcome in done.outcomes)
    assert analyze(done.text, "loops.py") == []
    assert rewrite(done.text, "loops.py", INLINE).text == done.text
    return done.text


def form(body: str, head: str = HEAD) -> str:
    """``short`` where the short form is safe, ``unsafe`` where it is not proved, ``none`` where it would be wrong."""
    (outcome,) = rewrite(head + textwrap.dedent(body), "loops.py", INLINE).outcomes
    if outcome.applied:
        assert re.findall(r"^def (renew|renew_weights)\(", fixed(body, head), re.MULTILINE)
        return "short"
    assert outcome.reason
    return "unsafe" if outcome.strategy else "none"
