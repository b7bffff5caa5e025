"""Fixed programs give bit for bit the numbers of the programs as written, and keep as many compiled models as they say."""

from __future__ import annotations

import re

import pytest
from sameness import PROGRAMS, compare, fixed, forms

pytest.importorskip("tensorflow")


#: One program for each kind of fix: ``reuse``, ``hoist`` of what is loaded, and what it does for KL201 and KL202.
REPRESENTATIVE = ["kfold_factory", "load_per_request", "compiled_as_reset", "traced_steps"]


def marked(mark: str) -> list[str]:
    return [name for name, path in PROGRAMS.items() if f"# {mark}" in path.read_text("utf-8")]


LEFT_ALONE, HOISTED, GUARDED, PREDICTING = map(marked, ("left alone", "hoisted", "guarded", "predicts"))
FORMS = {name: ("guarded",) if name in HOISTED or name in GUARDED else ("short", "guarded") for name in PROGRAMS}
#: The guarded form beside the short one is run for some alone: it has tests of its own, and programs that need it.
RUNS = [
    (name, seeding, form)
    for name in PROGRAMS
    if name not in LEFT_ALONE
    for seeding in ("outer", "inner")
    for form in FORMS[name]
    if form == FORMS[name][0] or (seeding == "outer" and name in REPRESENTATIVE)
]
QUICK = [run for run in RUNS if run[0] in REPRESENTATIVE and run[1] == "outer"]


@pytest.mark.parametrize(
    ("name", "seeding", "form"), [run if run in QUICK else pytest.param(*run, marks=pytest.mark.sameness) for run in RUNS]
)
def test_same_numbers(name: str, seeding: str, form: str) -> None:
    found = compare(PROGRAMS[name], seeding, form)
    assert found.same
    assert found.kept == found.expected


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_is_fixed(name: str) -> None:
    """The short form where it is safe, the guarded one where it is asked for."""
    text, new = PROGRAMS[name].read_text("utf-8"), fixed(PROGRAMS[name])
    helpers = re.findall(r"^def (compiled_model_keeper|renew|renew_weights)\(", new, re.MULTILINE)
    if name in LEFT_ALONE:
        assert new == text
    elif name in HOISTED:  # nothing is built again that could be kept
        assert new != text
        assert helpers == []
    else:
        assert helpers == ([] if name in GUARDED else ["renew_weights" if name in PREDICTING else "renew"])
        assert (new == text) == (name in GUARDED)
        assert forms(PROGRAMS[name]) == FORMS[name]
        assert fixed(PROGRAMS[name], "guarded").count("def compiled_model_keeper(") == 1
