"""What an iteration prepares its model from: chains of layers in inner loops, branches, lists that it fills itself.

Each program of ``PREPARED`` builds the same model in every iteration, though by names that are bound again and again. Those of
``LEFT`` differ in one respect: something is left from the iteration before, or changes on its way.
"""

from __future__ import annotations

import pytest

from flake8_keras_loops.fixes.outcome import Settings
from flake8_keras_loops.fixes.rewrite import rewrite

HEAD = """\
import keras
import numpy as np
from keras.layers import Add, Dense, Input

x, y = np.random.rand(64, 4), np.random.rand(64, 1)
"""
TRAINED = """\
    model.compile(loss="mse", optimizer="adam")
    model.fit(x, y)
"""
PREPARED = {
    "always append": """\
for fold in range(4):
    parts = [Input((4,))]
    for n in (4, 3):
        parts.append(Dense(n))
    model = keras.Sequential(parts)
""",
    "own n": """\
for fold in range(4):
    n = 4
    inputs = h = Input((4,))
    for _ in range(2):
        n += 1
        h = Dense(n)(h)
    n *= 2
    model = keras.Model(inputs, Dense(n)(h))
""",
    "if invariant": """\
deep = True
for fold in range(4):
    inputs = h = Input((4,))
    if deep:
        h = Dense(4)(h)
        print("deep", fold)
    model = keras.Model(inputs, h)
""",
    "branches": """\
big = True
for fold in range(4):
    inputs = Input((4,))
    if big:
        h = Dense(4)(inputs)
    else:
        h = Dense(3)(inputs)
    for _ in range(3):
        h = Dense(4)(h)
    model = keras.Model(inputs, h)
""",
    "own dict": """\
for fold in range(4):
    cfg = {}
    cfg["n"] = 4
    model = keras.Sequential([Input((4,)), Dense(cfg["n"] + 1)])
""",
    "rebound after": """\
for fold in range(4):
    inputs = h = Input((4,))
    for _ in range(3):
        h = Dense(4)(h)
    model = keras.Model(inputs, h)
    model.compile("adam", "mse")
    model.fit(x, y)
    h = 3
""",
    "while": """\
for fold in range(4):
    inputs = h = Input((4,))
    n = 8
    while n > 2:
        h = Dense(n)(h)
        n //= 2
    model = keras.Model(inputs, h)
""",
    "skips": """\
for fold in range(4):
    inputs = h = Input((4,))
    skips = []
    for n in (4, 4):
        h = Dense(n)(h)
        skips.append(h)
    for skip in reversed(skips):
        h = Add()([h, skip])
    model = keras.Model(inputs, h)
""",
    "skips in factory": """\
def build():
    inputs = h = Input((4,))
    skips = []
    for n in (4, 4):
        h = Dense(n)(h)
        skips.append(h)
    for skip in reversed(skips):
        h = Add()([h, skip])
    return keras.Model(inputs, h)


for fold in range(4):
    model = build()
""",
    "dict of layers": """\
for fold in range(4):
    parts = {}
    parts["in"] = Input((4,))
    parts["out"] = Dense(3)(parts["in"])
    model = keras.Model(parts["in"], parts["out"])
""",
}
LEFT = {
    "cond append": ("""\
for fold in range(4):
    parts = [Input((4,)), Dense(3)]
    if fold == 2:
        parts.append(Dense(3))
    model = keras.Sequential(parts)
""", """what builds the model reads fold, which every iteration binds"""),
    "carried n": ("""\
n = 4
for fold in range(4):
    inputs = h = Input((4,))
    for _ in range(2):
        n += 1
        h = Dense(n)(h)
    model = keras.Model(inputs, h)
""", """the model differs from iteration to iteration"""),
    "mutated widths": ("""\
widths = [3]
for fold in range(4):
    inputs = h = Input((4,))
    for n in widths:
        h = Dense(n)(h)
    model = keras.Model(inputs, h)
    widths.append(5)
""", """what builds the model reads widths, which widths.append() changes"""),
    "iterator": ("""\
widths = iter([3, 4, 5, 6, 7, 8, 9])
for fold in range(4):
    inputs = h = Input((4,))
    for n in widths:
        h = Dense(n)(h)
        break
    model = keras.Model(inputs, h)
""", """what builds the model reads widths, which may change: it is used up"""),
    "next": ("""\
widths = iter([3, 4, 5, 6, 7, 8, 9])
for fold in range(4):
    inputs = h = Input((4,))
    for _ in range(2):
        h = Dense(next(widths))(h)
    model = keras.Model(inputs, h)
""", """what builds the model reads widths, which may change: it is used up"""),
    "helper": ("""\
def extend(parts, n):
    if n > 2:
        parts.append(Dense(n))


for fold in range(4):
    parts = [Input((4,)), Dense(3)]
    extend(parts, fold)
    model = keras.Sequential(parts)
""", """what builds the model reads fold, which every iteration binds"""),
    "returned": ("""\
PARTS = [Input((4,)), Dense(3)]


def get():
    return PARTS


for fold in range(4):
    parts = get()
    model = keras.Sequential(parts)
    parts.append(Dense(4))
""", """what builds the model reads parts, which may change: parts.append() in line 16"""),
    "returned2": ("""\
WIDTHS = [3]


def get():
    return WIDTHS


for fold in range(4):
    widths = get()
    model = keras.Sequential([Input((4,))] + [Dense(n) for n in widths])
    widths.append(4)
""", """what builds the model reads widths, which may change: widths.append() in line 16"""),
    "varying widths": ("""\
for fold in range(4):
    widths = [(3, 4), (5,), (6,), (7,)][fold]
    inputs = h = Input((4,))
    for n in widths:
        h = Dense(n)(h)
    model = keras.Model(inputs, h)
""", """what builds the model reads fold, which every iteration binds"""),
    "if": ("""\
for fold in range(4):
    inputs = h = Input((4,))
    if fold > 2:
        h = Dense(4)(h)
    model = keras.Model(inputs, h)
""", """what builds the model reads fold, which every iteration binds"""),
    "random if": ("""\
for fold in range(4):
    inputs = h = Input((4,))
    if np.random.rand() > 0.5:
        h = Dense(4)(h)
    model = keras.Model(inputs, h)
""", """what np.random.rand() does is not known"""),
    "random block": ("""\
for fold in range(4):
    inputs = h = Input((4,))
    for _ in range(np.random.randint(3)):
        h = Dense(4)(h)
    model = keras.Model(inputs, h)
""", """what np.random.randint() does is not known"""),
    "later read": ("""\
for fold in range(4):
    if fold:
        print(h.shape)
    inputs = h = Input((4,))
    for _ in range(3):
        h = Dense(4)(h)
    model = keras.Model(inputs, h)
""", """h was made for the new model and is used in line 8"""),
    "leaks": ("""\
for fold in range(4):
    inputs = Input((4,))
    if fold == 0:
        h = Dense(4)(inputs)
    else:
        h = Dense(4)(h)
    for _ in range(3):
        h = Dense(4)(h)
    model = keras.Model(inputs, h)
""", """h was made for the new model and is used in line 11"""),
    "dict changed before": ("""\
cfg = {}
for fold in range(4):
    cfg["n"] = fold
    model = keras.Sequential([Input((4,)), Dense(cfg["n"] + 1)])
""", """what builds the model may read cfg['n'], which the loop sets"""),
    "own dict varies": ("""\
for fold in range(4):
    cfg = {}
    cfg["n"] = fold
    model = keras.Sequential([Input((4,)), Dense(cfg["n"] + 1)])
""", """what builds the model reads fold, which every iteration binds"""),
    "own dict varies update": ("""\
for fold in range(4):
    cfg = {"n": 3}
    cfg.update(n=fold + 1)
    model = keras.Sequential([Input((4,)), Dense(cfg["n"] + 1)])
""", """what builds the model reads fold, which every iteration binds"""),
    "alias": ("""\
for fold in range(4):
    parts = [Input((4,)), Dense(3)]
    other = parts
    if fold == 2:
        other.append(Dense(3))
    model = keras.Sequential(parts)
""", """what builds the model reads parts, which may change: line 8 gives it another name"""),
    "break on fold": ("""\
for fold in range(4):
    inputs = h = Input((4,))
    for k in range(4):
        if k == fold:
            break
        h = Dense(4)(h)
    model = keras.Model(inputs, h)
""", """what builds the model reads fold, which every iteration binds"""),
    "continue on fold": ("""\
for fold in range(4):
    inputs = h = Input((4,))
    for k in range(4):
        if k == fold:
            continue
        h = Dense(4)(h)
    model = keras.Model(inputs, h)
""", """what builds the model reads fold, which every iteration binds"""),
    "global list in factory": ("""\
SKIPS = []


def build():
    inputs = h = Input((4,))
    for n in (4, 4):
        h = Dense(n)(h)
        SKIPS.append(h)
    return keras.Model(inputs, h)


for fold in range(4):
    model = build()
""", """SKIPS gets a part of the new model (in build())"""),
    "given list in factory": ("""\
def build(skips):
    inputs = h = Input((4,))
    for n in (4, 4):
        h = Dense(n)(h)
        skips.append(h)
    return keras.Model(inputs, h)


kept = []
for fold in range(4):
    model = build(kept)
""", """what skips.append() does is not known"""),
}  # fmt: skip


def outcome(body: str) -> tuple[str, str]:
    """How safe the fix is, and the reason."""
    text = HEAD + body + TRAINED * ("compile" not in body)
    (found,) = rewrite(text, "loops.py", Settings()).outcomes
    return found.applicability.value, found.reason


@pytest.mark.parametrize("body", PREPARED.values(), ids=PREPARED)
def test_every_iteration_prepares_the_same(body: str) -> None:
    assert outcome(body) == ("safe", "")


@pytest.mark.parametrize(("body", "reason"), LEFT.values(), ids=LEFT)
def test_something_is_left_or_changes(body: str, reason: str) -> None:
    applicability, found = outcome(body)
    assert applicability != "safe"
    assert found.startswith(reason)
