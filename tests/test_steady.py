"""Programs in which something is another one in the next iteration, or somebody sees which model it is: none gets a safe fix.

Each of them was fixed once as safe, and gave other numbers, crashed, or printed something else.
"""

from __future__ import annotations

import textwrap

import pytest
from short import HEAD, form

DATA = HEAD + "import os\nimport random\n\nx, y = np.zeros((48, 6)), np.zeros((48, 1))\nresults = []\n\n\n"
FACTORY = """\
def build():
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(4), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    return model


"""


def wide(units: str, *after: str, before: str = "", above: str = "") -> str:
    """A loop whose model is as wide as ``units`` says."""
    lines = [
        *above.splitlines(),
        f"model = keras.Sequential([keras.Input((6,)), keras.layers.Dense({units}), keras.layers.Dense(1)])",
        'model.compile("adam", "mse")', "model.fit(x, y)", "results.append(model.evaluate(x, y))", *after,
    ]  # fmt: skip
    return f"{before}for fold in range(3):\n" + textwrap.indent("\n".join(lines), "    ") + "\n"


def trained(*lines: str, before: str = FACTORY, call: str = "build()") -> str:
    """A loop that trains what a factory builds, and does something more."""
    body = [f"model = {call}", *lines]
    return f"{before}for fold in range(3):\n" + textwrap.indent("\n".join(body), "    ") + "\n"


def asked(parameter: str, body: str) -> str:
    """A factory that decides by its parameter what it builds."""
    return f"def build({parameter}):\n{textwrap.indent(body, '    ')}    model.compile(optimizer, 'mse')\n    return model\n\n\n"


PLAIN = "model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(4), keras.layers.Dense(1)])\n"
CHANGED = {
    "shuffled in place": wide("sizes[0]", before="sizes = [4, 5, 6]\n", above="random.shuffle(sizes)"),
    "grown by a function": wide("sizes[-1]", "grow(sizes)", before="sizes = [4]\n\n\ndef grow(v):\n    v.append(v[-1] + 1)\n\n\n"),
    "grown by another name": wide("sizes[-1]", "other.append(9)", before="sizes = [4]\nother = sizes\n"),
    "reckoned in place": wide("int(sizes[0])", "np.add(sizes, 1, out=sizes)", before="sizes = np.array([4, 4])\n"),
    "a computed key": wide("cfg['units']", "put(cfg, 'units')", before="cfg = {'units': 4}\n\n\ndef put(d, key):\n    d[key] += 1\n\n\n"),
    "by a callback": wide(
        "sizes[-1]", "model.fit(x, y, callbacks=[Widen()])",
        before="sizes = [4]\n\n\nclass Widen(keras.callbacks.Callback):\n    def on_train_end(self, logs=None):\n"
        "        sizes.append(sizes[-1] + 1)\n\n\n",
    ),
    "a default argument": wide("units()", before="def units(seen=[]):\n    seen += [0]\n    return 3 + len(seen)\n\n\n"),
    "a counter": wide(
        "units()", before="def counter():\n    n = 3\n\n    def count():\n        nonlocal n\n        n += 1\n        return n\n\n"
        "    return count\n\n\nunits = counter()\n",
    ),
    "a property": wide(
        "plan.units", before="class Plan:\n    n = 3\n\n    @property\n    def units(self):\n        self.n += 1\n        return self.n\n\n\n"
        "plan = Plan()\n",
    ),
    "a length": wide(
        "len(box)", before="class Box:\n    n = 3\n\n    def __len__(self):\n        self.n += 1\n        return self.n\n\n\nbox = Box()\n"
    ),
    "the environment": wide("int(os.environ['UNITS'])", "os.environ.update(UNITS=str(5 + fold))"),
    "globals()": wide("units", "globals()['units'] = 5 + fold", before="units = 4\n"),
    "__dict__": wide(
        "c.units", "c.widen()", before="class C:\n    def __init__(self):\n        self.units = 4\n\n    def widen(self):\n"
        "        self.__dict__['units'] += 1\n\n\nc = C()\n",
    ),
    "a seed that decides": trained("model.fit(x, y)", call="build(seed=fold)", before=asked(
        "seed", "optimizer = 'adam'\nmodel = keras.Sequential([keras.Input((6,)), keras.layers.Dense(4 + seed), keras.layers.Dense(1)])\n")),
    "a rate that decides": trained("model.fit(x, y)", call="build(learning_rate=10.0**-fold)", before=asked(
        "learning_rate", "optimizer = keras.optimizers.SGD(0.1) if learning_rate > 0.05 else keras.optimizers.Adam()\n" + PLAIN)),
    "an initializer that decides": trained("model.fit(x, y)", call="build(initializer=('zeros', 'ones', 'he_normal')[fold])", before=asked(
        "initializer", "optimizer = 'adam'\n" + PLAIN + "if initializer == 'ones':\n    model.add(keras.layers.Dense(1))\n")),
    "the shape of what a factory gets": "def build(a):\n    model = keras.Sequential([keras.Input((a.shape[1],)), keras.layers.Dense(1)])\n"
    "    model.compile('adam', 'mse')\n    return model\n\n\nfor data in (x, y):\n    model = build(data)\n    model.fit(data, y)\n",
    "a batch size": trained("model.fit(x, y, batch_size=8 + fold)", before=FACTORY.replace("(4),", "(4), keras.layers.BatchNormalization(),")),
    "batches": trained("model.train_on_batch(x[: 8 + fold], y[: 8 + fold])"),
    "a policy around a function": "def score(rate):\n" + textwrap.indent(PLAIN, "    ") + "    model.compile(keras.optimizers.Adam(rate), 'mse')\n"
    "    model.fit(x, y)\n    return model.evaluate(x, y)\n\n\nfor policy in ('float32', 'mixed_float16'):\n"
    "    keras.config.set_dtype_policy(policy)\n    for rate in (0.1, 0.01):\n        results.append(score(rate))\n",
    "a callback that calls the function": "def score(deep):\n" + textwrap.indent(PLAIN, "    ") + "    model.compile('adam', 'mse')\n"
    "    model.fit(x, y, callbacks=[Again()] if deep else [])\n    return model.evaluate(x, y)\n\n\n"
    "class Again(keras.callbacks.Callback):\n    def on_epoch_end(self, epoch, logs=None):\n        results.append(score(False))\n\n\n"
    "for i in range(2):\n    results.append(score(True))\n",
    "accuracy by the shape of the targets": "for target in (y, z):\n    " + PLAIN.replace("(1)", "(3)") + "    model.compile('adam', 'mse', metrics=['accuracy'])\n"
    "    model.fit(x, target)\n",
    "columns left out": "for group in groups:\n    rows = np.delete(x, group, 1)\n    model = keras.Sequential([keras.layers.Dense(1)])\n"
    "    model.compile('adam', 'mse')\n    model.fit(rows, y)\n",
    "words": "for name in 'few all'.split():\n    rows = sets[name]\n    model = keras.Sequential([keras.layers.Dense(1)])\n"
    "    model.compile('adam', 'mse')\n    model.fit(rows, y)\n",
    "columns put together": "parts = []\nfor i in range(3):\n    parts.append(x[:, i : i + 1])\n    rows = np.hstack(parts)\n"
    "    model = keras.Sequential([keras.layers.Dense(1)])\n    model.compile('adam', 'mse')\n    model.fit(rows, y)\n",
    "keys that are one": "for run in range(2):\n    for flag in (1, True):\n        model = keras.Sequential([keras.Input((6,)), *[keras.layers.Dense(flag)] * 2])\n"
    "        model.compile('adam', 'mse')\n        model.fit(x, y)\n",
}  # fmt: skip
SEEN = {
    "printed": trained("model.fit(x, y)", "print(model)"),
    "in a text": trained("model.fit(x, y)", "results.append(f'{model}')"),
    "which one": trained("model.fit(x, y)", "results.append(id(model))"),
    "a file with its seeds": "for fold in range(3):\n    init = keras.initializers.GlorotUniform(seed=fold)\n"
    "    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(1, kernel_initializer=init)])\n    model.compile('adam', 'mse')\n"
    "    model.fit(x, y)\n    model.save('m.keras')\n",
    "a callback that is kept": trained("stops.append(keras.callbacks.EarlyStopping('loss'))", "model.fit(x, y, callbacks=stops[-1:])",
                                       before=f"stops = []\n{FACTORY}") + "for stop in stops:\n    results.append(stop.model.predict(x))\n",
    "a callback that gets the model": trained(
        "model.fit(x, y, callbacks=[Freeze()])", before="class Freeze(keras.callbacks.Callback):\n    def set_model(self, model):\n"
        f"        model.layers[0].trainable = False\n\n\n{FACTORY}"),
    "a callback that keeps itself": trained(
        "model.fit(x, y, callbacks=[Best()])", before="class Best(keras.callbacks.Callback):\n    def on_train_end(self, logs=None):\n"
        f"        results.append(self)\n\n\n{FACTORY}"),
    "asked before it has weights": "for fold in range(3):\n    model = keras.Sequential([keras.layers.Dense(1)])\n    model.compile('adam', 'mse')\n"
    "    results.append(len(model.get_weights()))\n    model.fit(x, y)\n",
    "its configuration": "for fold in range(3):\n    model = keras.Sequential([keras.layers.Dense(1, name='a')], name='m')\n"
    "    model.compile('adam', 'mse')\n    model.fit(x, y)\n    results.append(model.to_json())\n",
}  # fmt: skip


@pytest.mark.parametrize("text", [*CHANGED.values(), *SEEN.values()], ids=[*CHANGED, *SEEN])
def test_not_safe(text: str) -> None:
    assert form(text, DATA) in {"unsafe", "none"}


@pytest.mark.parametrize(
    "statement",
    [
        "loss = build().fit(x, y) if fold % 2 else None",
        "results.append(fold % 2 and build().fit(x, y))",
        "losses = [build().fit(x, y) for _ in range(2)]",
        "results[next(places)] += build().evaluate(x, y)",
        "log.place.append(build().evaluate(x, y))",
    ],
)
def test_a_construction_that_does_not_come_first_and_once_is_not_lifted(statement: str) -> None:
    assert form(f"{FACTORY}for fold in range(3):\n    {statement}\n", DATA) in {"unsafe", "none"}


STEADY = {
    "a list": wide("sizes[0]", before="sizes = [4, 5]\n"),
    "a dictionary that others read": wide("cfg['units']", "print(cfg.keys(), len(cfg))", before="cfg = {'units': 4}\n"),
    "a number that is handed on": wide("units", "log(units)", before="from logs import log\n\nunits = 4\n"),
    "attributes of arguments": wide(
        "args.units", "log(args)", before="import argparse\nfrom logs import log\n\nargs = argparse.ArgumentParser().parse_args()\n"
    ),
    "one batch size": trained("model.fit(x, y, batch_size=16)"),
    "any batch size, for dense layers": trained("model.fit(x, y, batch_size=8 + fold)"),
    "copies, one setting": trained("model.fit(x, y)", "model.save('m.keras')"),
    "a learning rate": trained("model.fit(x, y)", call="build(10.0**-fold)", before=FACTORY.replace("build()", "build(rate)").replace(
        '"adam"', "keras.optimizers.Adam(rate)")),
    "a seed for the first run": "for fold in range(3):\n    model = keras.Sequential([keras.layers.Dense(1)])\n    model.compile('adam', 'mse')\n"
    "    keras.utils.set_random_seed(fold)\n    model.fit(x, y)\n",
}  # fmt: skip


@pytest.mark.parametrize("text", STEADY.values(), ids=STEADY)
def test_safe(text: str) -> None:
    assert form(text, DATA) == "short"


def test_a_model_without_input_is_built_right_before_its_first_run() -> None:
    """As Keras does: the seed is set by then."""
    from short import fixed

    new = fixed(STEADY["a seed for the first run"], DATA)
    assert "    keras.utils.set_random_seed(fold)\n    model.build((None, *x.shape[1:]))\n    kept = model = renew(" in new
