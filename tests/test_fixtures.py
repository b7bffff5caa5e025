"""The codemod writes each fixture's ``after.py``, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from flake8_keras_loops import analyze
from flake8_keras_loops.codemod.outcome import Settings
from flake8_keras_loops.codemod.rewrite import rewrite

FIXTURES = Path(__file__).parent.parent / "fixtures"


@pytest.mark.parametrize("after", sorted(FIXTURES.glob("*/after.py")), ids=lambda path: path.parent.name)
def test_after_is_what_the_codemod_writes(after: Path) -> None:
    before = after.with_name("before.py").read_bytes().decode()
    assert analyze(before)
    assert rewrite(before, "", Settings()).text.encode() == after.read_bytes()
    assert analyze(after.read_bytes()) == []


def test_a_model_that_is_never_run_is_left_alone() -> None:
    before = FIXTURES.joinpath("construct_in_loop", "before.py").read_text("utf-8")
    rewritten = rewrite(before, "", Settings())
    assert rewritten.text == before
    assert [outcome.reason for outcome in rewritten.outcomes] == [
        "the model is only built, never run: that is cheap, and there is nothing to keep"
    ]
