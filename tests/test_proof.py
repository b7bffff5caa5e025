"""What the short form of ``reuse`` is not proved for: each loop differs in one respect from one that gets it."""

from __future__ import annotations

import pytest

from flake8_keras_loops.fixes.outcome import Settings
from flake8_keras_loops.fixes.rewrite import rewrite

HEAD = """\
import keras
import numpy as np
{above}
x, y = np.zeros((60, 8)), np.zeros((60, 1))


def build_model(units=8):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units), keras.layers.Dropout(0.2), keras.layers.Dense(1)])
    model.compile(optimizer="adam", loss="mse")
    return model


"""
INLINE = """\
{loop}
    model = keras.Sequential([keras.Input((8,)), {layer}keras.layers.Dense(1)])
    model.compile(optimizer={optimizer}, loss="mse")
    model.fit(x, y)
"""
DECAY = "keras.optimizers.schedules.ExponentialDecay(rate, 10, 0.9)"
STOP = "keras.callbacks.EarlyStopping(patience=1)"


def inline(loop: str, layer: str = "", optimizer: str = '"adam"') -> str:
    return INLINE.format(loop=loop, layer=layer, optimizer=optimizer)


def trained(call: str = "build_model()", fit: str = "model.fit(x, y)", before: str = "", after: str = "") -> str:
    lines = [before, f"model = {call}", fit, after, "model.predict(x)" if after else ""]
    return "for i in range(5):\n" + "".join(f"    {line}\n" for line in lines if line)


PROVED = {
    "the same": ("", trained()),
    "shared early stopping": (f"stop = {STOP}", trained(fit="model.fit(x, y, callbacks=[stop])")),
    "own callback that only prints": (
        "class C(keras.callbacks.Callback):\n    def on_epoch_end(self, epoch, logs=None):\n        print(epoch)",
        trained(fit="model.fit(x, y, callbacks=[C()])"),
    ),
    "learning rates": ("", inline("for rate in [0.1, 0.01]:", optimizer="keras.optimizers.SGD(rate)")),
    "columns of the data": ("", inline("for i in range(3):", "keras.layers.Dense(x.shape[1]), ")),
    "columns of some rows": (
        "from sklearn.model_selection import KFold",
        inline("for train, test in KFold(3).split(x):\n    rows = x[train]", "keras.layers.Dense(rows.shape[1]), ")
    ),
    "no input": ("", "for i in range(3):\n    model = keras.Sequential([keras.layers.Dense(1)])\n"
                 "    model.compile('adam', 'mse')\n    model.fit(x, y)\n"),
    "no input, rows left out": ("", "for rows in np.array_split(np.arange(60), 3):\n"
                                "    model = keras.Sequential([keras.layers.Dense(1)])\n    model.compile('adam', 'mse')\n"
                                "    model.fit(np.delete(x, rows, axis=0), np.delete(y, rows, axis=0))\n"),
    "no input, rows joined": ("", "for k in range(3):\n    model = keras.Sequential([keras.layers.Dense(1)])\n"
                              "    model.compile('adam', 'mse')\n"
                              "    model.fit(x=np.concatenate([x[:k], x[k + 9 :]]).astype('float32'), y=y[9:])\n"),
    "no input, in a function": ("def run(a, rows):\n    model = keras.Sequential([keras.layers.Dense(1)])\n"
                                "    model.compile('adam', 'mse')\n    model.fit(np.delete(a, rows, axis=0), y)\n",
                                "for rows in range(3):\n    run(x, rows)\n"),
    "no compile": ("", "for i in range(3):\n    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])\n"
                   "    model.predict(x)\n"),
    "open files": ("", "for i in range(5):\n    with open('log') as log:\n        model = build_model()\n        model.fit(x, y)\n"),
}  # fmt: skip
UNPROVED = {
    "a layer's setting is changed": ("", trained(after="model.layers[1].rate = 0.5")),
    "a callback changes the model": (
        "class C(keras.callbacks.Callback):\n    def on_epoch_end(self, epoch, logs=None):\n        self.model.layers[1].rate = 0.9",
        trained(fit="model.fit(x, y, callbacks=[C()])"),
    ),
    "callbacks come from elsewhere": ("from mine import callbacks", trained(fit="model.fit(x, y, callbacks=callbacks)")),
    "a function changes the model": ("def tweak(m):\n    m.layers[1].rate = 0.5", trained(after="tweak(model)")),
    "a policy for all models": ("", trained(before="keras.mixed_precision.set_global_policy(policies[i])")),
    "a function changes what is read": (
        "class cfg:\n    units = 4\n\n\ndef grow():\n    cfg.units += 8", trained("build_model(cfg.units)", after="grow()")
    ),
    "what is read has two names": (
        "from types import SimpleNamespace\ncfg = SimpleNamespace(units=4)\nalso = cfg",
        trained("build_model(cfg.units)", after="also.units += 1"),
    ),
    "a dictionary has two names": (
        "cfg = {'units': 4}\nalso = cfg", trained("build_model(cfg['units'])", after="also['units'] += 1")
    ),
    "a module that is not there": ("import config", trained("build_model(config.UNITS)", before="config.setup(i)")),
    "widths run out": ("widths = [1, 2, 3, 4, 5]", trained("build_model(widths.pop())")),
    "an iterator goes on": ("widths = iter([1, 2, 3, 4, 5])", trained("build_model(next(widths))")),
    "chance": ("import random", trained("build_model(random.randint(1, 9))")),
    "unknown arguments": ("params = {'units': 3}", trained("build_model(**params)")),
    "counted in the data": ("", trained("build_model(n)", before="n = len(np.unique(y[: i * 10]))")),
    "a schedule's rate": ("", inline("for rate in [0.1, 0.9]:", optimizer=f"keras.optimizers.SGD({DECAY})")),
    "a rate that may be a schedule": (
        "rate = 0.1", inline(f"for rate in [0.1, {DECAY}]:", optimizer="keras.optimizers.SGD(rate)")
    ),
    "an optimizer for all": ("optimizer = keras.optimizers.Adam()", inline("for i in range(3):", optimizer="optimizer")),
    "a layer for all": ("first = keras.layers.Dense(3)", inline("for i in range(3):", "first, ")),
    "a layer of the file": ("class L(keras.layers.Layer):\n    pass\n", inline("for i in range(3):", "L(), ")),
    "a lambda": ("", inline("for i in range(3):", "keras.layers.Lambda(lambda v: v * 2), ")),
    "a stateful layer": ("", inline("for i in range(3):", "keras.layers.Dense(3, activation=keras.layers.PReLU()), ")),
    "an adapted layer": (
        "", inline("for i in range(3):\n    norm = keras.layers.Normalization()\n    norm.adapt(x[: i * 9 + 9])", "norm, ")
    ),
    "a device": (
        "import tensorflow as tf",
        "for i in range(3):\n    with tf.device(f'/GPU:{i}'):\n        model = build_model()\n        model.fit(x, y)\n",
    ),
    "one array or another": (
        "", inline("for i in range(3):\n    rows = [x, y][i]", "keras.layers.Dense(rows.shape[1]), ")
    ),
    "a global that a function changes": (
        "units = 4\n\n\ndef grow():\n    global units\n    units += 8", trained("build_model(units)", after="grow()")
    ),
    "setattr": ("class cfg:\n    units = 4", trained("build_model(cfg.units)", after="setattr(cfg, 'units', i)")),
    "another array for each call": (
        "def run(a, rows):\n    model = keras.Sequential([keras.layers.Dense(1)])\n"
        "    model.compile('adam', 'mse')\n    model.fit(np.delete(a, rows, axis=0), y)\n",
        "for k in range(3):\n    run([x, y][k % 2], k)\n"
    ),
    "rows left out of what was flattened": (
        "", "for k in range(3):\n    model = keras.Sequential([keras.layers.Dense(1)])\n    model.compile('adam', 'mse')\n"
            "    model.fit(np.delete(x, k), y)\n"
    ),
    "two outputs": (
        "", "for i in range(3):\n    a = keras.Input((8,))\n    model = keras.Model(a, [keras.layers.Dense(1)(a), keras.layers.Dense(1)(a)])\n"
            "    model.compile('adam', 'mse')\n    model.fit(x, [y, y])\n"
    ),
}  # fmt: skip


def form(above: str, loop: str) -> str:
    """``short`` where the short form is safe, ``unsafe`` where it is not proved, ``none`` where it would be wrong."""
    (outcome,) = rewrite(HEAD.format(above=above) + loop, "", Settings()).outcomes
    return "short" if outcome.applied else "unsafe" if outcome.strategy else "none"


@pytest.mark.parametrize(("above", "loop"), PROVED.values(), ids=PROVED)
def test_proved(above: str, loop: str) -> None:
    assert form(above, loop) == "short"


@pytest.mark.parametrize(("above", "loop"), UNPROVED.values(), ids=UNPROVED)
def test_not_proved(above: str, loop: str) -> None:
    assert form(above, loop) in {"unsafe", "none"}
