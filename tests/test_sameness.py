"""Fixed programs give bit for bit the numbers of the programs as written, and keep as many compiled models as they say."""

from __future__ import annotations

import pytest
from sameness import PROGRAMS, compare, fixed

pytest.importorskip("tensorflow")


SEEDED_INSIDE = ["kfold_factory", "no_input_subclass", "predict_only"]  # the command runs all of them so
LEFT_ALONE = [name for name, path in PROGRAMS.items() if "# left alone" in path.read_text("utf-8")]
HOISTED = [name for name, path in PROGRAMS.items() if "# hoisted" in path.read_text("utf-8")]
RUNS = [*((name, "outer") for name in PROGRAMS if name not in LEFT_ALONE), *((name, "inner") for name in SEEDED_INSIDE)]


@pytest.mark.parametrize(("name", "seeding"), RUNS)
def test_same_numbers(name: str, seeding: str) -> None:
    found = compare(PROGRAMS[name], seeding)
    assert found.same
    assert found.kept == found.expected


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_is_fixed(name: str) -> None:
    """Where no iteration keeps a model, the fix is written all the same: the helper decides as it runs."""
    new = fixed(PROGRAMS[name])
    if name in LEFT_ALONE:
        assert new == PROGRAMS[name].read_text("utf-8")
    elif name in HOISTED:  # nothing is built again that could be kept
        assert new != PROGRAMS[name].read_text("utf-8")
        assert "compiled_model_keeper" not in new
    else:
        assert new.count("def compiled_model_keeper(") == 1
