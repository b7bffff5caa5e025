"""Fixed programs give bit for bit the numbers of the programs as written, and keep as many compiled models as they say."""

from __future__ import annotations

import pytest
from sameness import PROGRAMS, compare, fixed

pytest.importorskip("tensorflow")


#: One program for each kind of fix: ``reuse``, ``hoist`` of what is loaded, and what it does for KL201 and KL202.
REPRESENTATIVE = ["kfold_factory", "load_per_request", "compiled_as_reset", "traced_steps"]
LEFT_ALONE = [name for name, path in PROGRAMS.items() if "# left alone" in path.read_text("utf-8")]
HOISTED = [name for name, path in PROGRAMS.items() if "# hoisted" in path.read_text("utf-8")]
RUNS = [(name, seeding) for name in PROGRAMS if name not in LEFT_ALONE for seeding in ("outer", "inner")]
QUICK = [(name, "outer") for name in REPRESENTATIVE]


@pytest.mark.parametrize(
    ("name", "seeding"), [run if run in QUICK else pytest.param(*run, marks=pytest.mark.sameness) for run in RUNS]
)
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
