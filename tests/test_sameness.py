"""Fixed programs give bit for bit the numbers of the programs as written, and keep as many compiled models as they say."""

from __future__ import annotations

import pytest
from sameness import PROGRAMS, compare, fixed

pytest.importorskip("tensorflow")


SEEDED_INSIDE = ["functional_branched", "kfold_factory", "no_input_subclass", "predict_only"]  # the command runs all of them so
RUNS = [*((name, "outer") for name in PROGRAMS), *((name, "inner") for name in SEEDED_INSIDE)]


@pytest.mark.parametrize(("name", "seeding"), RUNS)
def test_same_numbers(name: str, seeding: str) -> None:
    found = compare(PROGRAMS[name], seeding)
    assert found.same
    assert found.kept == found.expected


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_is_fixed(name: str) -> None:
    """Where no iteration keeps a model, the fix is written all the same: the helper decides as it runs."""
    text = PROGRAMS[name].read_text("utf-8")
    new = fixed(PROGRAMS[name])
    if "# left alone" in text:
        assert new == text
    else:
        assert new.count("def compiled_model_keeper(") == 1
