"""What every fix must leave alone: the check that the rewriter's tests share."""

from __future__ import annotations

import ast
import re
import warnings
from collections import Counter
from collections.abc import Callable
from itertools import product

import pytest

from flake8_keras_loops import AnalysisError
from flake8_keras_loops.fixes.outcome import Rewritten, Settings
from flake8_keras_loops.fixes.rewrite import rewrite

#: The helper with guards, which is imported, and those of the short form.
HELPER, RENEWER, RENEWER_OF_WEIGHTS = "compiled_model_keeper", "renew", "renew_weights"
ALL = ("KL107", "KL203")
INLINE = Settings(enable=ALL)
MODULE = Settings(enable=ALL, helper_module="our.keeping")
#: What the short form writes for a model that is trained, or only predicts: a loop, the helper, a line before it and one in it.
BUILD = "model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])"
LOOP = f"for i in range(9):\n    {BUILD}\n    model.compile(loss='mse')\n    model.fit(x, y)\n"
PREDICTING = f"for i in range(9):\n    {BUILD}\n    model.predict(x)\n"
KEEPER, KEEP = f"keep_compiled = {HELPER}()", "model = keep_compiled(model)"
NONE_YET, RENEW = "kept = None", f"kept = model = {RENEWER}(kept, model)"
RENEW_WEIGHTS = f"kept = model = {RENEWER_OF_WEIGHTS}(kept, model)"
FORMS = {"trained": (LOOP, RENEWER, NONE_YET, RENEW), "predicts": (PREDICTING, RENEWER_OF_WEIGHTS, NONE_YET, RENEW_WEIGHTS)}
each_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
_MARK = b"\0helper\0"
_LINES = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_BUILDING = {"KL101", "KL102"}
#: What the helper of the short form needs where nothing of the file's head is Keras itself.
_IMPORTS = ("import keras", "from tensorflow import keras")


def run(text: str, settings: Settings = MODULE, path: str = "") -> Rewritten:
    """Rewrite a text and check the result, whatever it is."""
    done = rewrite(text, path, settings)
    if any(outcome.applied and outcome.strategy == "hoist" for outcome in done.outcomes):
        assert _statements(text, text) == _statements(text, done.text), f"{text!r}\n->\n{done.text!r}"
    else:
        assert_untouched(text, done.text)
    again = rewrite(done.text, path, settings)
    assert again.text == done.text, "a second run changes the text again"
    if any(outcome.applied for outcome in done.outcomes):
        assert done.text != text
        left = [outcome for outcome in again.outcomes if outcome.finding.code in _BUILDING]
        before = [outcome for outcome in done.outcomes if outcome.finding.code in _BUILDING]
        assert len(left) == sum(not outcome.applied for outcome in before), "a fixed finding is still there"
    else:
        assert done.text == text
    return done


def holds(text: str, settings: Settings) -> None:
    """:func:`run` for a program that may be any: it is analysed or refused in one line, and no fix turns out wrong."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            done = run(text, settings)
        except AnalysisError as error:
            assert "\n" not in str(error)
            return
        # Some continuation lines that Python takes, its tokenizer does not.
        reasons = [outcome.reason for outcome in done.outcomes]
        assert [reason for reason in reasons if reason.startswith("the fixed text ")] == []
        ast.parse(done.text)


def fixed(text: str, settings: Settings = MODULE) -> str:
    """The text with every finding fixed; there must be one."""
    done = run(text, settings)
    assert done.outcomes
    assert all(outcome.applied for outcome in done.outcomes), [outcome.reason for outcome in done.outcomes]
    return done.text


def fixed_both(text: str) -> str:
    """The same in the short form and with the helper imported; gives the latter. The short form asks for ``compile()``."""
    fixed(text if "compile(" in text else text.replace(".fit(", ".predict("), INLINE)
    return fixed(text)


def added(old: str, new: str) -> list[str]:
    """The lines that a fix has put in, without their indent and line end, but for the helper's own."""
    before, after = (re.split("\r\n|\r|\n", text) for text in (old, new))
    for line in before:
        if line in after:
            after.remove(line)
    return [line.strip() for line in after]


def assert_untouched(old: str, new: str) -> None:
    """No byte has changed but for what the default fix adds: helpers with blank lines around, what keeps models, and calls."""
    if old == new:
        return
    want, got = _without_fixes(old, old), _without_fixes(old, new)
    assert got.count(_MARK) <= 2
    got = re.sub(rb"%s(\s*)%s" % (_MARK, _MARK), _MARK, got)  # one helper of each kind
    assert got.count(_MARK) <= 1
    gaps = [newline * count for newline in (b"\n", b"\r\n", b"\r") for count in range(3)]
    candidates = {got.replace(above + _MARK + below, b"") for above, below in product(gaps, gaps)} if _MARK in got else {got}
    assert want.replace(_MARK, b"") in candidates, f"{old!r}\n->\n{new!r}"


def _statements(old: str, text: str) -> list[str]:
    """The statements of a text that hold no others, but for those that fixes write, in any order: ``hoist`` moves some."""
    tree = ast.parse(_without_fixes(old, text).replace(_MARK, b""))
    return sorted(ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.stmt) and not hasattr(node, "body"))


def _without_fixes(old: str, text: str) -> bytes:
    """What is left of a text without what fixes write; the helper, or its import, becomes a mark. ``old``: as it was before."""
    data = text.encode("utf-8", "surrogatepass")
    starts = [found.start() for found in _LINES.finditer(data)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree, before = ast.parse(text), ast.parse(old)
    is_keras_imported = any(ast.unparse(node) in _IMPORTS for node in ast.walk(before) if isinstance(node, ast.stmt))
    old_lines = Counter(line.strip() for line in re.split("\r\n|\r|\n", old))
    cuts: list[tuple[int, int, bytes]] = []

    def extent(node: ast.stmt | ast.expr) -> tuple[int, int]:
        return starts[node.lineno - 1] + node.col_offset, starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)

    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if _is_keeper(node) and isinstance(node.args[0], ast.Call):
                (start, end), (inner, _) = extent(node), extent(node.args[0])
                cuts += [(start, inner, b""), (end - 1, end, b"")]
        elif not isinstance(node, (ast.FunctionDef, ast.Import, ast.ImportFrom, ast.Assign, ast.If, ast.Expr)):
            continue
        elif ast.unparse(node) in _IMPORTS:
            if not is_keras_imported:
                cuts.append((*_whole(data, *extent(node)), b""))
        elif _is_ours(node, old_lines):
            cuts.append((*_whole(data, *extent(node)), _MARK if isinstance(node, (ast.FunctionDef, ast.ImportFrom)) else b""))
            if isinstance(node, ast.Assign):
                cuts += _put_back(node, tree, data, extent)
    for start, end, mark in sorted(cuts, reverse=True):
        data = data[:start] + mark + data[end:]
    return data


def _put_back(
    node: ast.Assign, tree: ast.Module, data: bytes, extent: Callable[..., tuple[int, int]]
) -> list[tuple[int, int, bytes]]:
    """For ``kept = renew(kept, build())`` the call goes back to where ``kept`` is read next."""
    made = node.value.args[-1] if isinstance(node.value, ast.Call) and node.value.args else None
    if not isinstance(made, ast.Call) or len(node.targets) > 1:
        return []
    name = ast.unparse(node.targets[0])
    reads = [
        each for each in ast.walk(tree) if isinstance(each, ast.Name) and each.id == name and extent(each)[0] >= extent(node)[1]
    ]
    start, end = extent(made)
    return [(*extent(min(reads, key=extent)), data[start:end])]


def _is_ours(node: ast.stmt, old_lines: Counter[str]) -> bool:
    text = ast.unparse(node)
    if isinstance(node, ast.FunctionDef):
        return node.name == HELPER or (
            node.name in (RENEWER, RENEWER_OF_WEIGHTS) and "new one's" in (ast.get_docstring(node) or "")
        )
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return [alias.name for alias in node.names] == [HELPER]
    if isinstance(node, ast.If):
        return re.match(r"if len\(kept(_\d+)?\) > 8:", text) is not None
    if isinstance(node, ast.Expr):
        return re.fullmatch(r".*\.build\(\(None, \*.*\.shape\[1:\]\)\)", text) is not None and not old_lines[text]
    if not isinstance(node, ast.Assign):
        return False
    if not isinstance(node.value, ast.Call):  # where a loop starts
        return re.fullmatch(r"kept(_\d+)? = (None|\{\})", text) is not None
    if isinstance(node.value.func, ast.Name) and node.value.func.id in (HELPER, RENEWER, RENEWER_OF_WEIGHTS):
        return True
    return _is_keeper(node.value) and not isinstance(node.value.args[0], ast.Call)


def _is_keeper(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and re.fullmatch(r"keep_compiled(_\d+)?", call.func.id) is not None and bool(call.args)


def _whole(data: bytes, start: int, end: int) -> tuple[int, int]:
    """A statement with the line that it has for itself, or with the semicolon that parts it from its neighbour."""
    above = re.search(rb"(?:\A|\r\n|\r|\n)[ \t]*\Z", data[:start])
    below = re.match(rb"\r\n|\r|\n", data[end:])
    if above and below:
        return start - len(above[0].lstrip(b"\r\n")), end + below.end()
    if above and end == len(data):  # the last line, as the one before it, without line end
        return start - len(above[0]), end
    following = re.match(rb"; ", data[end:])
    return (start, end + 2) if following else (start - 2, end)
