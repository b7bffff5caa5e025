"""No input makes the analysis raise anything but `AnalysisError`, or take more steps than it may, or end the process, or hang."""

from __future__ import annotations

import gc
import sys
from contextlib import suppress
from pathlib import Path

import hypothesmith
import pytest
from apart import apart
from generated import examples
from hypothesis import strategies as st
from surviving import SHARES, Analysed, analysed, scan

from flake8_keras_loops import AnalysisError, analyze

LOOP = "import keras\nfor i in range(9):\n    model = keras.Sequential()\n"


def survives(source: str | bytes, path: str = "") -> Analysed:
    return apart(analysed, source, path)


@pytest.mark.scan
@pytest.mark.parametrize("share", range(SHARES))
def test_real_code(share: int) -> None:
    assert apart(scan, share) > 20


@examples(15, 400, hypothesmith.from_node())
def test_generated_modules(source: str) -> None:
    survives(source)
    survives("import keras\n" + source + "\nfor i in range(9):\n    keras.Sequential()\n")


@examples(200, 2000, st.binary(max_size=200), st.booleans())
def test_any_bytes(data: bytes, after: bool) -> None:
    survives(LOOP.encode() + data if after else data + LOOP.encode())


@pytest.mark.parametrize(
    "expression",
    [
        "(" * 1000 + "1" + ")" * 1000,
        "[" * 150 + "keras.Sequential()" + "]" * 150,
        "-" * 1000 + "1",
        "not " * 1000 + "x",
        "+".join(["1"] * 5000),
        ".".join(["a"] * 1000),
        "f" + "()" * 1000,
        "f(" * 90 + ")" * 90,
        "x" + "[0]" * 1000,
        "lambda: " * 500 + "keras.Sequential()",
        " if y else ".join(["x"] * 900),
        " and ".join(["keras.Sequential()"] * 5000),
    ],
    ids=lambda text: text[:12],
)
def test_deep_expressions(expression: str) -> None:
    survives(LOOP + f"    value = {expression}\n")
    survives(f"import keras\ndef build():\n    return {expression}\nfor i in range(3):\n    build()\n")


def test_deep_statements() -> None:
    nested = "".join(" " * depth + "for i in x:\n" for depth in range(90)) + " " * 90 + "keras.Sequential()\n"
    assert [code for _, code in survives("import keras\n" + nested).found] == ["KL101"]
    chain = "".join(f"    elif i == {n}:\n        keras.Sequential()\n" for n in range(3000))
    source = LOOP + "    if i == -1:\n        pass\n" + chain
    done = survives(source)
    if done.error:  # some versions of Python cannot even parse it
        assert done.error == "too deeply nested"
    else:
        assert done.found[0][0] == 3


def test_long_files() -> None:
    assert len(survives(LOOP + "x = 1\n" * 100_000).found) == 1
    assert len(survives("import keras\n" + "for i in x:\n    keras.Sequential()\n" * 5_000).found) == 5_000
    calls = "".join(f"def f{n}():\n    return f{n + 1}()\n" for n in range(2_000))
    survives("import keras\n" + calls + "def f2000():\n    return keras.Sequential()\nfor i in x:\n    f0()\n")


def test_many_ways_through_one_function() -> None:
    tree = "".join(f"def f{n}(x):\n    return f{n + 1}(x) or f{n + 1}(f{n + 1}) or f{n + 1}(None)\n" for n in range(60))
    done = survives("import keras\n" + tree + "def f60(x):\n    return keras.Sequential()\nfor i in y:\n    f0(f0)\n")
    assert done.evaluated < 60 * 100
    grow = "x = []\nfor i in y:\n    x = [x, x, keras.Sequential]\n    x[0][0]()\n    x = {'a': x, **x}\n"
    assert survives("import keras\n" + grow).evaluated < 100


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"\n",
        b"\x00",
        LOOP.encode() + b"\x00",
        b"# only a comment",
        LOOP.encode("utf-8-sig"),
        LOOP.replace("\n", "\r\n").encode(),
        LOOP.replace("\n", "\r").encode(),
        b"# -*- coding: latin-1 -*-\n# \xe9\n" + LOOP.encode(),
        b"# \xe9\n" + LOOP.encode(),
        b"# coding: nonsense\n" + LOOP.encode(),
        *(b"# coding: %s\n" % name + LOOP.encode() for name in (b"utf-16", b"rot13", b"hex", b"bz2", b"undefined", b"punycode")),
        b"\x0c" + LOOP.encode(),
        LOOP.encode() + b"def broken(:\n",
        "import keras\nfor 𝔦 in x:\n    keras.Sequential(); ｋｅｒａｓ.Sequential()\n".encode(),
        LOOP.encode() + b"'\\ud800'\n",
        b"class A(A): pass\nclass B(C): pass\nclass C(B): pass\nimport keras\nfor i in x:\n    A().f(); B().f()\n",
        b"import keras\nx = x\ny = z\nz = y\nfor i in x:\n    x(); y(); y.z(); z(y)\n",
        b"import keras\ndef f(g=lambda: f()): return g()\nfor i in x:\n    f(); f(f); f(*f, **f)\n",
        b"import keras\nfor i in x:\n    super().f(); super(A).f(); type(i)(); (yield)\n",
    ],
)
def test_odd_files(source: bytes, tmp_path: Path) -> None:
    survives(source)
    path = tmp_path / "odd.py"
    path.write_bytes(source)
    survives(source, str(path))
    (tmp_path / "user.py").write_text("import keras\nfrom odd import *\nimport odd\nfor i in range(3):\n    odd.f()\n    f()\n")
    survives((tmp_path / "user.py").read_bytes(), str(tmp_path / "user.py"))


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("prefix", [b"", b"\xef\xbb\xbf", b"# coding: latin-1\n# \xe9\n"])
def test_encodings_and_newlines_change_no_finding(newline: str, prefix: bytes) -> None:
    source = prefix + LOOP.replace("\n", newline).encode()
    offset = prefix.count(b"\n")
    assert [(f.line - offset, f.column, f.code) for f in analyze(source)] == [(3, 12, "KL101")]


def test_text_with_a_byte_order_mark() -> None:
    assert [(f.line, f.column) for f in analyze("\ufeff" + LOOP)] == [(3, 12)]


def test_columns_in_a_file_with_odd_line_separators() -> None:
    source = "import keras\nname = 'a\u2028b'\n\x0cfor é in x:\n    é; keras.Sequential()\n"
    assert [(f.line, f.column) for f in analyze(source)] == [(4, 7)]


def test_import_cycles(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("from b import *\nfrom b import f\nimport keras\nfor i in x:\n    f()\n    g()\n")
    (tmp_path / "b.py").write_text("from a import *\nfrom a import f, g\nfrom b import h\nimport b\n")
    survives((tmp_path / "a.py").read_bytes(), str(tmp_path / "a.py"))


def test_recursion_limit_is_left_alone() -> None:
    before = apart(sys.getrecursionlimit)
    test_deep_statements()
    assert apart(sys.getrecursionlimit) == before


@pytest.mark.parametrize("was_on", [True, False])
@pytest.mark.parametrize(
    "source", ["import keras\nfor i in range(3):\n    keras.Sequential()\n", "import keras\nfor i in keras.Model(:\n"]
)
def test_the_collector_of_cycles_is_left_as_it_was(source: str, was_on: bool) -> None:
    (gc.enable if was_on else gc.disable)()
    try:
        with suppress(AnalysisError):
            analyze(source)
        assert gc.isenabled() is was_on
    finally:
        gc.enable()
