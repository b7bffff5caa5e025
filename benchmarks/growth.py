"""How the analysis and the fixes grow with a file: `python benchmarks/growth.py [SHAPE ...]` prints exponents, never times.

Each shape is a source that is made 1, 4 and 16 times as long in one respect. What is printed are the exponents of the processor
time from each to the next: 1 where a file of twice the length takes twice as long, about 1.2 for n log n, 2 where it takes four
times as long. What the shortest possible source takes is subtracted, and of several repetitions the fastest counts. The findings
are counted, so that nothing grows slowly because it gives up.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import sys
import time
from collections.abc import Callable
from itertools import pairwise

from flake8_keras_loops import analyze
from flake8_keras_loops.files import notebook
from flake8_keras_loops.fixes.outcome import Settings
from flake8_keras_loops.fixes.rewrite import rewrite

_FACTORS = (1, 4, 16)
_HEAD = "import keras\nfrom keras import layers\n"
_MODEL = """\
{0}model = keras.Sequential([layers.Input((4,)), layers.Dense(2)])
{0}model.compile("adam", "mse")
{0}model.fit(x, y, epochs=2, batch_size=8)
"""
_FACTORY = """\
def build():
    model = keras.Sequential([layers.Input((4,)), layers.Dense(2)])
    model.compile("adam", "mse")
    return model
"""


def _loop(indent: str = "") -> str:
    return f"{indent}for i in range(9):\n" + _MODEL.format(indent + "    ")


def functions(n: int) -> str:
    return "".join(f"def train{k}(x, y):\n{_loop('    ')}    return model\n" for k in range(n))


def helpers(n: int) -> str:
    """Functions that a loop calls, none of which has to do with Keras."""
    return (
        "".join(f"def f{k}(x):\n    return x + {k}\n" for k in range(n)) + _loop() + "".join(f"    f{k}(y)\n" for k in range(n))
    )


def loops(n: int) -> str:
    return _loop() * n


def nested(n: int) -> str:
    return "for j in range(9):\n" + _loop("    ") * n


def shared(n: int) -> str:
    return _FACTORY + "for i in range(9):\n    model = build()\n    model.fit(x, y)\n" * n


def dispatch(n: int) -> str:
    cases = "".join(f"    elif a == {k}:\n        m = keras.Sequential()\n" for k in range(n))
    return "for a in names:\n    if a == -1:\n        pass\n" + cases


def branches(n: int) -> str:
    return "for a in names:\n" + "".join(f"    if a == {k}:\n{_MODEL.format('        ')}" for k in range(n))


def cleared(n: int) -> str:
    return "for a in names:\n" + "".join(
        f"    if a == {k}:\n        keras.backend.clear_session()\n        try:\n            m = keras.Sequential()\n"
        f"            m.fit(x, y)\n        finally:\n            print({k})\n"
        for k in range(n)
    )


def constructions(n: int) -> str:
    return "for i in range(9):\n" + _MODEL.format("    ") * n


def bindings(n: int) -> str:
    return "".join(f"x = f{k}(x)\n" for k in range(n)) + _loop() + "".join(f"    x = f{k}(x)\n" for k in range(n))


def models_of_one_name(n: int) -> str:
    return _MODEL.format("") * n + _loop() + "    model.predict(x)\n" * n


def chain(n: int) -> str:
    links = "".join(f"def f{k + 1}():\n    return f{k}()\n" for k in range(n))
    return "def f0():\n    return keras.Sequential()\n" + links + "".join(f"for i in z:\n    f{k}()\n" for k in range(n))


def classes(n: int) -> str:
    return "".join(
        f"class C{k}:\n    def __init__(self):\n        self.model = keras.Sequential()\n\n"
        f"    def fit(self, x, y):\n        self.model.fit(x, y)\n\n\nfor i in range(9):\n    C{k}().fit(x, y)\n"
        for k in range(n)
    )


def methods(n: int) -> str:
    return "class C:\n" + "".join(f"    def fit{k}(self, x, y):\n{_loop('        ')}" for k in range(n))


def compiled(n: int) -> str:
    return _MODEL.format("") + "for i in range(9):\n    model.compile('adam', 'mse')\n    model.fit(x, y)\n" * n


def traced(n: int) -> str:
    return "import tensorflow as tf\nfor i in range(9):\n    @tf.function\n    def step(x):\n        return x\n    step(x)\n" * n


def cells(n: int) -> str:
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": _loop().splitlines(keepends=True)}
    head = {"cell_type": "code", "metadata": {}, "outputs": [], "source": _HEAD.splitlines(keepends=True)}
    return json.dumps({"cells": [head, *[cell] * n], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1)


_SHAPES: tuple[Callable[[int], str], ...] = (
    functions, helpers, loops, nested, shared, dispatch, branches, cleared, constructions, bindings, models_of_one_name, chain,
    classes, methods, compiled, traced, cells,
)  # fmt: skip
_SETTINGS = Settings(unsafe=True, select=("KL",))


def _analyze(text: str) -> int:
    return len(analyze(text))


def _rewrite(text: str) -> int:
    return len(rewrite(text, "", _SETTINGS).outcomes)


def _analyze_cells(text: str) -> int:
    return _analyze(notebook.read(text).python)


def _rewrite_cells(text: str) -> int:
    read = notebook.read(text)
    done = rewrite(read.python, "", _SETTINGS)
    notebook.write(read, done.text)
    return len(done.outcomes)


def _seconds(work: Callable[[str], int], text: str, repeats: int) -> tuple[float, int]:
    """The least processor time of several runs, and how many findings there are."""
    best, found = math.inf, 0
    for _ in range(repeats):
        gc.collect()
        begun = time.process_time()
        found = work(text)
        best = min(best, time.process_time() - begun)
    return best, found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("shapes", nargs="*", metavar="SHAPE", help=", ".join(shape.__name__ for shape in _SHAPES))
    parser.add_argument("--size", type=int, default=25, help="of the shortest source")
    parser.add_argument("--repeats", type=int, default=3)
    args = parser.parse_args()
    print(f"{'':20} {'analyze()':>12} {'rewrite()':>12}   findings")
    for shape in _SHAPES:
        if args.shapes and shape.__name__ not in args.shapes:
            continue
        works = (_analyze_cells, _rewrite_cells) if shape is cells else (_analyze, _rewrite)
        texts = [shape(n) if shape is cells else _HEAD + shape(n) for n in (1, *(args.size * factor for factor in _FACTORS))]
        columns = []
        for work in works:
            work(texts[0])
            (least, _), *timed = (_seconds(work, text, args.repeats) for text in texts)
            steps = [(longer - least) / (shorter - least) for (shorter, _), (longer, _) in pairwise(timed)]
            columns.append("  ".join(f"{math.log(step, 4):.2f}" for step in steps))
            counts = "/".join(str(found) for _, found in timed)
        print(f"{shape.__name__:20} {columns[0]:>12} {columns[1]:>12}   {counts}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
