"""Every case file, whole: each expected finding, and no other."""

from __future__ import annotations

from pathlib import Path

import pytest
from cases import CASES, case_files, expectations

from flake8_keras_loops import analyze
from flake8_keras_loops.rules import RULES


@pytest.mark.parametrize("path", case_files(), ids=lambda path: str(path.relative_to(CASES)))
def test_findings_are_those_the_comments_announce(path: Path) -> None:
    expected = expectations(path)
    findings = analyze(path.read_bytes(), str(path))
    assert [(f.line, f.code) for f in findings] == [(line, code) for line, (code, _, _) in expected.items()]
    for finding in findings:
        _, column, loop = expected[finding.line]
        assert column in (None, finding.column + 1), finding
        assert loop in (None, finding.loop.line), finding


def test_every_rule_has_cases() -> None:
    codes = {code for path in case_files() for code, _, _ in expectations(path).values()}
    assert codes == set(RULES)
