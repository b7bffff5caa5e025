"""What ``keras-loop-fix`` makes of each loop in ``fixes/``, and what it writes.

A case file carries its expectations beside the code: ``# -> reuse`` or ``# -> hoist`` (a safe fix), ``# -> reuse unsafe: part of
the reason`` or ``# -> none: part of the reason`` on the line of the finding. ``NAME.diff`` beside it is what the fixes change.
``python tests/test_fixes.py --update`` writes the diffs anew; read them before keeping them.
"""

from __future__ import annotations

import ast
import difflib
import re
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from flake8_keras_loops import analyze
from flake8_keras_loops.fixes.outcome import Outcome, Rewritten, Settings
from flake8_keras_loops.fixes.rewrite import rewrite

FIXES = Path(__file__).parent / "fixes"
FILES = sorted(FIXES.glob("*.py"))
SETTINGS = Settings(unsafe=True, enable=("KL107", "KL203"), helper_module="models.keeping")
_EXPECTED = re.compile(r"# -> (reuse unsafe|reuse|hoist|none)(?:: (.+))?$")
_BETWEEN = re.compile(r" \S+ = keep_compiled(_\d+)?\([^()]*\);")
_WRAPPED = re.compile(r"keep_compiled(_\d+)?\(")

each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


@cache
def rewritten(path: Path) -> Rewritten:
    return rewrite(path.read_text("utf-8"), str(path), SETTINGS)


def expected(text: str) -> list[tuple[int, str, str]]:
    """Line, outcome and part of the reason, as the comments announce them."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        match = _EXPECTED.search(line)
        if match:
            found.append((number, match[1], match[2] or ""))
    return found


def described(outcome: Outcome) -> str:
    if not outcome.strategy:
        return "none"
    return outcome.strategy if outcome.applicability.value == "safe" else f"{outcome.strategy} {outcome.applicability.value}"


def diff(path: Path) -> str:
    before, after = path.read_text("utf-8").splitlines(), rewritten(path).text.splitlines()
    lines = list(difflib.unified_diff(before, after, path.name, path.name, lineterm="", n=2))
    return "".join(line + "\n" for line in lines)


@each_file
def test_outcomes_are_those_the_comments_announce(path: Path) -> None:
    result = rewritten(path)
    announced = expected(path.read_text("utf-8"))
    found = [(outcome.finding.line, described(outcome), outcome.reason) for outcome in result.outcomes]
    shown = [
        (line, kind, part if part and part in reason else reason)
        for (line, kind, reason), (_, _, part) in zip(found, [*announced, *[(0, "", "")] * len(found)])
    ]
    assert shown == announced


@each_file
def test_the_new_text_is_the_reviewed_one(path: Path) -> None:
    wanted = path.with_suffix(".diff")
    assert diff(path) == (wanted.read_text("utf-8") if wanted.exists() else "")


@each_file
def test_what_is_fixed_is_not_found_again_and_a_second_run_changes_nothing(path: Path) -> None:
    result = rewritten(path)
    ast.parse(result.text)
    left = Counter(finding.code for finding in analyze(result.text, str(path)))
    assert left <= Counter(outcome.finding.code for outcome in result.outcomes if not outcome.applied)
    assert rewrite(result.text, str(path), SETTINGS).text == result.text


@each_file
def test_every_line_of_the_original_is_still_there(path: Path) -> None:
    kept = iter(rewritten(path).text.splitlines())
    for line in path.read_text("utf-8").splitlines():
        if line.endswith("# -> hoist"):  # goes before its loop
            assert line.strip() in rewritten(path).text.splitlines()
            continue
        assert any(line in (new, _unwrapped(new)) for new in kept), line


def _unwrapped(line: str) -> str:
    """``fit(keep_compiled(build()))``, or several statements in one line, as they were before."""
    line = _BETWEEN.sub("", line)
    match = _WRAPPED.search(line)
    if not match:
        return line
    depth = 0
    for at in range(match.end() - 1, len(line)):
        depth += (line[at] == "(") - (line[at] == ")")
        if not depth:
            return line[: match.start()] + line[match.end() : at] + line[at + 1 :]
    return line


def test_each_case_file_has_a_diff_or_no_fix() -> None:
    assert {path.stem for path in FIXES.glob("*.diff")} <= {path.stem for path in FILES}
    assert FILES


def update() -> None:
    """Write all diffs anew and say which outcomes are not as announced."""
    for path in FILES:
        text = diff(path)
        if text:
            path.with_suffix(".diff").write_text(text, "utf-8")
        else:
            path.with_suffix(".diff").unlink(missing_ok=True)


if __name__ == "__main__" and "--update" in sys.argv:
    update()
