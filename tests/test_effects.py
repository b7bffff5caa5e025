"""The table of calls, and what the fixes make of what it says: one test for each kind of effect on what the building reads."""

from __future__ import annotations

from collections import Counter

import pytest
from strategies import verdict

from flake8_keras_loops.knowledge import effects
from flake8_keras_loops.knowledge.effects import Effect

#: The building reads ``acts``; the loop calls something on it.
READING = """
def build():
    return keras.Sequential([keras.Input((8,)), keras.layers.Dense(4, activation=acts[0])])


for fold in folds:
    {call}
    model = build()
    model.load_weights("first.weights.h5")
    print(model.predict(x))
"""


def test_each_name_stands_in_one_row() -> None:
    names = Counter(name for _, row in effects._ROWS for name in row.split())
    assert [name for name, count in names.items() if count > 1] == []
    assert set(names) == set(effects.CALLS)


def test_what_a_name_does_does_not_contradict_itself() -> None:
    for name, known in effects.CALLS.items():
        assert not (known & Effect.READS and known & Effect.MUTATES), name
        assert not (known & Effect.PURE and known & (Effect.MUTATES | Effect.STORES)), name
        assert known & Effect.MUTATES or not known & Effect.STORES or effects.stored_at(name) is not None, name


@pytest.mark.parametrize("method", ["popleft", "rotate", "append", "clear", "sort", "update"])
def test_a_method_that_changes_what_the_building_reads(method: str) -> None:
    found, reason = verdict(READING.format(call=f"acts.{method}()"), "hoist")
    assert (found, f"acts.{method}()" in reason) == ("none", True), reason


def test_a_method_that_the_table_does_not_know() -> None:
    found, reason = verdict(READING.format(call="acts.advance()"), "hoist")
    assert (found, "acts.advance()" in reason) == ("unsafe", True), reason


@pytest.mark.parametrize(
    "call", ["acts.index('relu')", "print(acts)", "other.popleft()", "keras.resize(x)", "keras.Unknown()", "pass"]
)
def test_what_leaves_it_alone(call: str) -> None:
    assert verdict(READING.format(call=call), "hoist")[0] == "safe"


def test_a_layer_that_moves_with_the_model_and_is_changed_in_the_loop() -> None:
    text = """
    for fold in folds:
        extra = keras.layers.Dense(4)
        model = keras.Sequential([keras.Input((8,)), extra, keras.layers.Dense(1)])
        model.load_weights("first.weights.h5")
        extra.trainable = fold > 1
        print(model.predict(x))
    """
    found, reason = verdict(text, "hoist")
    assert (found, "extra" in reason) == ("none", True), reason
