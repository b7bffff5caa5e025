"""Every reason that a user can be given stands beside a program that it is true of.

``reasons/STRATEGY.py`` holds such programs, one after the other, each under a line ``# ---- STRATEGY[, settings]``; the line of a
finding ends with ``# no fix: the reasons`` or ``# unsafe: the reasons``, word for word. The loops of ``fixes/`` count too. A new
reason needs a program, in which whoever reads it can see that it is true.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import test_fixes
from reasons import Template, read, templates

from flake8_keras_loops.fixes.outcome import Outcome, Settings
from flake8_keras_loops.fixes.rewrite import rewrite

REASONS = Path(__file__).parent / "reasons"
_HEAD = re.compile(r"^# ---- (.+)\n", re.MULTILINE)
_ADVICE = re.compile(
    r"--|\brun keras-loop|[:;,] (?:or |and )?(?:add|build|call|change|compile|fix|give|import|let|make|put|save|seed|set|use)\b"
)
_SAID = re.compile(r"  # (no fix|unsafe): (.+)$")

#: Reasons without a program here, and why.
ELSEWHERE = {
    "a with or try stands between the loops": "asked of the loops further out alone, never said",
    "{} is made anew for the models of the inner loop": "decides before which loop the model is kept, never said",
    "the model is yielded": "of KL105, which is refused before",
    "the model is unpacked": "of a class whose base the model would be",
    "the callback {} keeps its model": "test_reuse_conditions",
    "{} reads {}, which the file of the loop may change": "two files: test_elsewhere_conditions",
    "{} is a global that a function changes": "two files: test_steady",
    "{} calls {}(), which may change what the function reads": "two files: test_elsewhere_conditions",
    "line {} has # noqa": "two files: test_elsewhere",
    "compile() is in {}": "two files: test_nojit",
    "the loop changes the model, or puts another one in its place": "asked of the loops further out alone, never said",
    "{} builds the model in a place that is not followed": "for whatever was not foreseen",
    "the fixed text would still have, or newly get, {}": "for whatever was not foreseen",
    "another loop of the file reaches Keras by another name": "test_short_form",
    "the model is not followed ({})": "test_clear_conditions, with the reason of another strategy in it",
    "{} is changed in line {}, which would be lost in a child process": "of a function that is called, whose call is named",
    "the other fixes of this file change what it is about": "for whatever was not foreseen",
    "the fixed text does not parse: {}": "for whatever was not foreseen",
    "a child process cannot import what a notebook defines": "a notebook: test_process",
}  # fmt: skip


def programs() -> Iterator[tuple[str, Settings]]:
    for path in sorted(REASONS.glob("*.py")):
        _, *parts = _HEAD.split(read(path))
        for head, text in zip(parts[::2], parts[1::2]):
            strategy, *flags = head.split(", ")
            module = "keeping" if "helper module" in flags else ""
            yield (
                text,
                Settings(
                    strategy=strategy,
                    unsafe=True,
                    select=("KL",),
                    same_weights="same weights" in flags,
                    helper_module=module,
                ),
            )


@cache
def outcomes(text: str, settings: Settings) -> tuple[Outcome, ...]:
    return rewrite(text, "loops.py", settings).outcomes


@pytest.mark.parametrize(("text", "settings"), list(programs()), ids=[str(number) for number, _ in enumerate(programs())])
def test_the_reasons_are_those_that_stand_beside(text: str, settings: Settings) -> None:
    announced = [(number, *said.groups()) for number, line in enumerate(text.splitlines(), 1) if (said := _SAID.search(line))]
    found = [
        (each.finding.line, "unsafe" if each.strategy else "no fix", "; ".join(o.reason for o in each.objections))
        for each in outcomes(text, settings)
        if each.objections
    ]
    assert announced
    assert found == announced


@cache
def said() -> frozenset[str]:
    found = [each for text, settings in programs() for each in outcomes(text, settings)]
    for path in test_fixes.FILES:
        for settings in (test_fixes.SETTINGS, Settings(unsafe=True, select=("KL",))):
            found += rewrite(read(path), str(path), settings).outcomes
    return frozenset(objection.reason for each in found for objection in each.objections)


@pytest.mark.parametrize("template", templates(), ids=lambda template: template.text[:60])
def test_each_reason_has_a_program(template: Template) -> None:
    is_said = any(template.pattern.search(reason) for reason in said())
    assert is_said != (template.text in ELSEWHERE), template


@pytest.mark.parametrize("template", templates(), ids=lambda template: template.text[:60])
def test_no_reason_holds_advice(template: Template) -> None:
    """What helps stands apart, as the objection's ``cure``."""
    assert not _ADVICE.search(template.text), template


def test_only_reasons_that_are_there_are_left_out() -> None:
    assert ELSEWHERE.keys() <= {template.text for template in templates()}
