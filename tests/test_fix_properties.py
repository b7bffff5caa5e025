"""Whatever the program: the default fix never fails, never breaks it, and never changes what it is not about."""

from __future__ import annotations

import ast
import warnings

import hypothesmith
from apart import apart
from generated import examples
from hypothesis import assume
from hypothesis import strategies as st
from rewriting import INLINE, MODULE, holds

from flake8_keras_loops.fixes.outcome import Settings

UNSAFE = Settings(enable=("KL107", "KL203"), helper_module="our.keeping", unsafe=True)
LOOPS = (
    "import keras\nfor i in range(9):\n    model = keras.Sequential([keras.Input((4,))])\n    model.fit(x, y)\n",
    "import keras\nwhile x: model = keras.Sequential([keras.Input((4,))]); model.fit(x, y)\n",
    "from keras import Sequential as S, Input\nfor i in x:\n\tprint(S([Input((4,))]).predict(x))  # c\n",
)


# -- any program with a loop among its statements


@examples(
    20,
    250,
    hypothesmith.from_node(),
    st.sampled_from(LOOPS),
    st.integers(0, 20),
    st.sampled_from([MODULE, MODULE, MODULE, INLINE]),
)
def test_loops_in_generated_programs(program: str, loop: str, at: int, chosen: Settings) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            statements = ast.parse(program).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            assume(False)
    # Only a place where a physical line starts and nothing goes on is between two statements.
    places = [0, *(each.end_lineno or 0 for each in statements if isinstance(each, ast.stmt))]
    lines = program.split("\n")
    cut = places[at % len(places)]
    text = "\n".join([*lines[:cut], loop.rstrip("\n"), *lines[cut:]])
    apart(holds, text, chosen)


# -- training loops


names = st.sampled_from(["model", "net", "modèle", "m"])
comments = st.sampled_from(["", "", "", "  # why", "  # é", "# x", "  # type: ignore", "  # noqa: E501"])
above = st.sampled_from(
    ["", "", "", "\n", "# above\n", "# fmt: off\n", "\n\n# a\n\n# b\n", "    # odd\n", "# %% cell\n", "\x0c\n"]
)
ends = st.sampled_from(["", "\n", "\n\n\n", "\n# end", "\n   \n", "\n    # in the loop?\n", " \\\n\n"])
HEADERS = (
    "for i in range(9):",
    "for i, j in enumerate(x):",
    "while f():",
    "for train, test in kfold.split(x):",
    "for é in (1, 2):",
)
BUILDS = (
    "keras.Sequential([keras.Input((4,)), layers.Dense(1)])",
    "keras.Sequential([\n{i}    keras.Input((4,)),  # wide\n{i}    layers.Dense(1),\n{i}])",
    "(keras.Sequential([keras.Input((4,))]))",
    "keras.Sequential( \\\n[keras.Input((4,))])",
    "build()",
    "build(\n{i})",
    "make(4)",
    "keras.models.load_model('a')",
)
COMPILES = (
    "",
    "",
    "{m}.compile('adam', 'mse')",
    "{m}.compile(\n{i}    'adam',  # c\n{i}    loss='mse',\n{i})",
    "{m}.add(layers.Dense(2))",
    "{m}.trainable = False",
    "for layer in {m}.layers:\n{i}    layer.trainable = False\n{i}    # all",
)
USES = (
    "{m}.fit(x, y)",
    "{m}.fit(x, y); print({m}.evaluate(x, y))",
    "h = {m}.fit(x, y,\n{i}  epochs=2)",
    "'''text\n# no comment\n'''; {m}.fit(x, y)",
    "print(f'{{i}} é', {m}.predict(x))",
    "scores.append({m}.evaluate(x, y)[0])",
    "if i:\n{i}    {m}.fit(x)\n{i}else: pass",
    "with open(p) as file:\n{i}    file.write(str({m}.predict(x)))",
    "try:\n{i}    {m}.fit(x, y)\n{i}except ValueError:\n{i}    continue",
    "models.append({m})",
    "pass",
)
DIRECT = ("print({b}.predict(x))", "scores.append('é', {b}.evaluate(x))", "return {b}", "x = [{b} for k in x]", "f({b})")
HEADS = (
    "import keras\nfrom keras import layers\n",
    '"""Doc."""\n\nfrom __future__ import annotations\nimport os\nos.environ["A"] = "b"\nimport keras; from keras import layers\n',
    "#!/usr/bin/env python\n# coding: utf-8\ntry:\n    from tensorflow import keras\nexcept ImportError:\n    import keras\nfrom keras import (\n    layers,\n)\n",
    "import tensorflow as tf, os\nkeras = tf.keras; layers = keras.layers\n",
)
FACTORIES = (
    "",
    "def build():\n    model = keras.Sequential([keras.Input((4,)), layers.Dense(1)])\n    model.compile('adam', 'mse')\n    return model\n",
    "@wraps\ndef build(n=1): return keras.Sequential([keras.Input((n,))])  # one line\n\nmake = build\n",
    "class A:\n    def make(self):\n        return keras.Sequential([keras.Input((4,))])\nmake = lambda n: keras.Sequential([keras.Input((n,))])\n",
)


@st.composite
def loops(draw: st.DrawFn, depth: int = 0) -> str:
    """A loop indented by four characters a level, that builds and uses a model."""
    step = "    "
    name = draw(names)
    build = draw(st.sampled_from(BUILDS)).format(i=step)
    header = draw(st.sampled_from(HEADERS))
    if draw(st.integers(0, 5)) == 0:
        body = [draw(st.sampled_from(DIRECT)).format(b=build).replace("return ", "y = ")]
    else:
        parts = [f"{name} = {build}", draw(st.sampled_from(COMPILES)), draw(st.sampled_from(USES)), draw(st.sampled_from(USES))]
        body = [part.format(m=name, i=step) if "{m}" in part or "{i}" in part or "{{" in part else part for part in parts if part]
    plain = all("\n" not in line and not line.startswith(("for", "if", "with", "try")) for line in body)
    if plain and draw(st.integers(0, 3)) == 0:
        joined = draw(st.sampled_from(["; ", ";", " ; ", "; \\\n        "])).join(body) + draw(st.sampled_from(["", ";"]))
        one_line = draw(st.booleans())
        return f"{header}{' ' if one_line else chr(10) + step}{joined}{draw(comments)}\n"
    lines = [header + draw(comments)]
    if depth < 2 and draw(st.integers(0, 3)) == 0:
        inner = draw(loops(depth + 1))
        body.insert(draw(st.integers(0, len(body))), inner.rstrip("\n").replace("\n", "\n" + step))
    for part in body:
        lines += [step + line if line.strip() else line for line in draw(above).split("\n")[:-1]]
        is_text = part.endswith(("all", "pass")) or "\n" in part or draw(st.booleans())
        lines.append(step + part + ("" if is_text else draw(comments)))
    return "\n".join(lines) + "\n"


@st.composite
def programs(draw: st.DrawFn) -> str:
    """A script with one to three training loops."""
    text = draw(st.sampled_from(HEADS)) + draw(above) + draw(st.sampled_from(FACTORIES)) + draw(above)
    for _ in range(draw(st.integers(1, 3))):
        loop = draw(above) + draw(loops())
        wrap = draw(
            st.sampled_from(
                [
                    "",
                    "",
                    "def train(x, y):\n",
                    "if __name__ == '__main__':\n",
                    "class T:\n    def run(self):\n",
                    "if x: pass\nelse:\n",
                ]
            )
        )
        if wrap:
            indent = "        " if "class" in wrap else "    "
            loop = (
                wrap + "".join(indent + line if line.strip() else line for line in loop.splitlines(keepends=True)) + draw(above)
            )
        text += loop
    text = text.rstrip("\n\x0c") + draw(ends)
    indent = draw(st.sampled_from(["    ", "    ", "\t", "  ", " "]))
    text = "\n".join(_reindented(line, indent) for line in text.split("\n"))
    return text.replace("\n", draw(st.sampled_from(["\n", "\n", "\r\n", "\r"])))


def _reindented(line: str, indent: str) -> str:
    bare = line.lstrip(" ")
    depth, rest = divmod(len(line) - len(bare), 4)
    return indent * depth + " " * rest + bare


@examples(150, 3000, programs(), st.sampled_from([MODULE, MODULE, UNSAFE, UNSAFE, INLINE]))
def test_training_loops(text: str, chosen: Settings) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(text)
        except SyntaxError:
            assume(False)
    apart(holds, text, chosen)
