"""Which strategy ``auto`` takes: the simplest one that is safe, and the next one where that does not hold up."""

from __future__ import annotations

from pathlib import Path

import pytest
from strategies import fix, fixed, outcome

BUILD = """
def build(units=4):
    return keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])


"""
LOADED = "for path in paths:\n    model = build()\n    model.load_weights(path)\n    print(model.predict(x))\n"
NOT_FIRST = {
    "it is not safe": LOADED.replace("predict(x)", "test_on_batch(x, y)"),
    "it needs the helper": LOADED.replace("load_weights(path)", "fit(x, y)"),
    "a loop further out would go on building": "for width in widths:\n    for path in paths:\n"
    "        model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(width)])\n"
    "        model.load_weights(path)\n        print(model.predict(x))\n",
    "a loop that calls the function would go on building": "def run(paths):\n"
    + "".join(f"    {line}\n" for line in LOADED.splitlines())
    + "\nfor paths in folders:\n    run(paths)\n",
}


def test_the_simplest_fix_comes_first() -> None:
    assert fixed(BUILD + LOADED, "auto", unsafe=False) == fixed(BUILD + LOADED, "hoist", unsafe=False)
    clearing = BUILD + LOADED.replace("    model =", "    keras.backend.clear_session()\n    model =")
    assert fixed(clearing, "auto", unsafe=False).partition("model = build()\n")[2] == (
        "for path in paths:\n    keras.backend.clear_session()\n    model.load_weights(path)\n    print(model.predict(x))\n"
    )


@pytest.mark.parametrize("reason", NOT_FIRST)
def test_keeping_comes_first_where(reason: str) -> None:
    assert outcome(BUILD + NOT_FIRST[reason], "auto", helper_module="keeping").strategy == "reuse"


def test_the_same_weights_are_for_those_who_ask_for_hoisting() -> None:
    assert outcome(BUILD + LOADED, "auto", same_weights=True).strategy == "reuse"


def test_what_no_rule_fixes_is_no_reason_against_a_fix() -> None:
    """A few rows in a loop are KL203's once the model comes from before it, and were there before."""
    path = Path(__file__).parent / "runnable" / "load_per_request.py"
    text = path.read_text("utf-8")
    assert [each.strategy for each in fix(text, "auto", path=str(path), enable=()).outcomes] == ["hoist"]
    assert [each.strategy for each in fix(text, "auto", path=str(path)).outcomes] == ["hoist"]


def test_an_unsafe_fix_that_does_not_hold_up_is_none_before_it_is_asked_for() -> None:
    path = Path(__file__).parent / "cases" / "tracing.py"
    for unsafe in (False, True):
        outcomes = fix(path.read_text("utf-8"), "hoist", unsafe, str(path)).outcomes
        assert [each.finding.line for each in outcomes if each.reason.startswith("the fixed text ")] == [162, 239]
