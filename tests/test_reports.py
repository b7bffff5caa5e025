"""The formats of the report: what they say, how they escape, and that others can read them."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flake8_keras_loops import Finding, Span, __version__
from flake8_keras_loops.fixes.outcome import Objection, Outcome, Severity
from flake8_keras_loops.report import diff, github, sarif, text
from flake8_keras_loops.report import json as json_report
from flake8_keras_loops.report.record import FileReport, Reported
from flake8_keras_loops.rules import RULES

UNSAFE, REFUSED = Severity.UNSAFE, Severity.REFUSED
FINDING = Finding("KL101", "train.py", Span(3, 12, 3, 30), Span(2, 0, 9, 8), "Sequential()", "builds a model", ("zoo.py", 4))


def reported(strategy: str, severity: Severity, reason: str, applied: bool, **changes: Any) -> Reported:
    objections = (Objection(reason, severity),) if reason else ()
    return Reported(Outcome(replace(FINDING, **changes), strategy, objections, applied))


FIX = reported("reuse", UNSAFE, "", True)
MAYBE = reported("hoist", UNSAFE, "weights differ", False, code="KL102")
NONE = reported("", REFUSED, "the model escapes", False)
CELL = replace(NONE, outcome=replace(NONE.outcome, finding=replace(FINDING, path="nb.ipynb")), cell=3, file_line=41)
ALL = [FileReport("train.py", (FIX, MAYBE, NONE)), FileReport("nb.ipynb", (CELL,), ("nb.ipynb: error: x",)), FileReport("c.py")]


# -- text


def test_a_line_a_finding_and_a_summary() -> None:
    assert text.render(ALL) + text.summary(ALL, len(ALL)) == (
        "train.py:3:13: KL101 builds a model\n    fix: reuse\n"
        "train.py:3:13: KL102 builds a model\n    unsafe fix: hoist; weights differ\n"
        "train.py:3:13: KL101 builds a model\n    no fix: the model escapes\n"
        "nb.ipynb:cell 3:3:13: KL101 builds a model\n    no fix: the model escapes\n"
        "4 findings in 2 files, 1 fixable with --fix, 1 more with --unsafe-fixes."
    )


def test_other_summaries() -> None:
    assert text.summary([FileReport("a.py", (FIX,))], 1) == "1 finding in 1 file, 1 fixable with --fix."
    assert text.summary([FileReport("a.py")], 2) == "No findings in 2 files."
    assert (
        text.summary([FileReport("a.py"), FileReport("b.py", errors=("b",))], 2)
        == "No findings in 1 file; 1 file could not be looked at."
    )
    assert text.summary([], 0) == "No findings in 0 files."
    unsafe = replace(MAYBE, outcome=replace(MAYBE.outcome, applied=True))
    assert text.summary([FileReport("a.py", (FIX, unsafe))], 1) == "2 findings in 1 file, 2 fixable with --fix."


def test_after_a_fix_only_what_is_left_is_shown() -> None:
    reports = [FileReport("a.py", (FIX, MAYBE), old=b"a", new=b"b", written=True), FileReport("b.py", (NONE,))]
    assert text.render(reports) + text.summary(reports, 2) == (
        "train.py:3:13: KL102 builds a model\n    unsafe fix: hoist; weights differ\n"
        "train.py:3:13: KL101 builds a model\n    no fix: the model escapes\n"
        "Fixed 1 finding in 1 file; 2 left, 1 fixable with --unsafe-fixes."
    )
    reports = [FileReport("a.py", (FIX,), old=b"a", new=b"b", written=True)]
    assert text.render(reports) + text.summary(reports, 1) == "Fixed 1 finding in 1 file; 0 left."


# -- json


def test_json_has_every_field() -> None:
    document = json.loads(json_report.render(ALL))
    assert document["version"] == 1
    assert document["errors"] == ["nb.ipynb: error: x"]
    assert len(document["findings"]) == 4
    assert document["findings"][1] == {
        "code": "KL102",
        "path": "train.py",
        "cell": None,
        "line": 3,
        "column": 13,
        "end_line": 3,
        "end_column": 31,
        "loop": {"line": 2, "column": 1, "end_line": 9, "end_column": 9},
        "construction": "Sequential()",
        "message": "builds a model",
        "built_at": {"path": "zoo.py", "line": 4},
        "strategy": "hoist",
        "applicability": "unsafe",
        "reason": "weights differ",
        "help": None,
        "page": "docs/rules/KL102.md",
        "applied": False,
        "written": False,
    }
    assert document["findings"][3]["cell"] == 3
    assert json.loads(json_report.render([])) == {"version": 1, "findings": [], "new_files": [], "errors": []}
    (fixed,) = json.loads(json_report.render([FileReport("a.py", (FIX,), written=True)]))["findings"]
    assert (fixed["applied"], fixed["written"], fixed["strategy"], fixed["reason"]) == (True, True, "reuse", None)


# -- github


def test_github_commands() -> None:
    assert github.render(ALL).splitlines()[1] == (
        "::warning file=train.py,line=3,col=13,endLine=3,endColumn=31,title=KL102::builds a model%0Aunsafe fix: hoist; weights differ"
    )
    assert github.render(ALL).splitlines()[3] == (
        "::warning file=nb.ipynb,line=41,title=KL101::cell 3, line 3: builds a model%0Ano fix: the model escapes"
    )


def test_github_escapes() -> None:
    odd = reported("", REFUSED, "a,b:c", False, path="100%,a:b\r\nc.py", message="50%\r\n::error::x", span=Span(3, 0, 4, 2))
    assert github.render([FileReport("x", (odd,))]) == (
        "::warning file=100%25%2Ca%3Ab%0D%0Ac.py,line=3,col=1,endLine=4,title=KL101::50%25%0D%0A::error::x%0Ano fix: a,b:c\n"
    )


# -- sarif


def test_sarif() -> None:
    log = json.loads(sarif.render([*ALL, FileReport("a b/é#.py", (replace_path("a b/é#.py"), replace_path("/abs/x.py")))]))
    assert log["version"] == "2.1.0"
    assert "sarif-schema-2.1.0.json" in log["$schema"]
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("keras-loop-fix", __version__)
    assert [rule["id"] for rule in driver["rules"]] == list(RULES)
    assert all(re.fullmatch(r"https://\S+", rule["helpUri"]) for rule in driver["rules"])
    assert [rule["id"] for rule in driver["rules"] if not rule["defaultConfiguration"]["enabled"]] == ["KL107", "KL203"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["invocations"][0]["executionSuccessful"] is False
    assert run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"] == "nb.ipynb: error: x"
    results = run["results"]
    assert len(results) == 6
    for result in results:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
    assert results[1]["message"]["text"] == "builds a model. unsafe fix: hoist; weights differ"
    assert results[0]["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "train.py"},
                "region": {"startLine": 3, "startColumn": 13, "endLine": 3, "endColumn": 31},
            }
        }
    ]
    assert results[3]["locations"] == [
        {
            "physicalLocation": {"artifactLocation": {"uri": "nb.ipynb"}, "region": {"startLine": 41}},
            "logicalLocations": [{"name": "cell 3, line 3, column 13"}],
        }
    ]
    uris = [result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in results]
    assert uris[4:] == ["a%20b/%C3%A9%23.py", "file:///abs/x.py"]


def replace_path(path: str) -> Reported:
    return reported("", REFUSED, "x", False, path=path)


def test_sarif_without_findings() -> None:
    (run,) = json.loads(sarif.render([FileReport("a.py")]))["runs"]
    assert run["results"] == []
    assert run["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]


# -- diff

LONG = b"".join(b"line %d\n" % i for i in range(40))
CHANGES = {
    "plain": (b"a\nb\nc\n", b"a\nB\nB2\nc\n"),
    "crlf": (b"a\r\nb\r\nc\r\n", b"a\r\nB\r\nc\r\n"),
    "cr": (b"a\rb\rc\r", b"a\rB\rc\r"),
    "mixed": (b"a\r\nb\nc\rd\r\n\x0ce\n", b"a\r\nB\nc\rd\r\n\x0cE\n"),
    "no newline at the end": (b"a\nb", b"A\nb"),
    "newline added": (b"a\nb", b"a\nb\n"),
    "newline lost": (b"a\nb\n", b"a\nb"),
    "no newline and crlf": (b"a\r\nb", b"A\r\nB"),
    "latin-1": (b"# coding: latin-1\n\xe9 = 1\n", b"# coding: latin-1\n\xe9 = 2\n"),
    "bom": (b"\xef\xbb\xbfa\nb\n", b"\xef\xbb\xbfA\nb\n"),
    "two hunks": (LONG, LONG.replace(b"line 2\n", b"x\n").replace(b"line 37\n", b"")),
    "dashes": (b"-- a\n++ b\nc\n", b"-- a\n++ c\n-- d\n"),
}
APPLY = {
    "git": ["git", "apply", "--whitespace=nowarn", "p.diff"],
    "patch": ["patch", "-p1", "--binary", "-s", "-i", "p.diff"],
}


@pytest.mark.parametrize("tool", APPLY.values(), ids=APPLY)
@pytest.mark.parametrize("name", ["a.py", "dir/sub/b.py", "with blank.py", "é.py"])
@pytest.mark.parametrize(("old", "new"), CHANGES.values(), ids=CHANGES)
def test_a_diff_applies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: bytes, new: bytes, name: str, tool: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(old)
    (tmp_path / "p.diff").write_bytes(diff.render(FileReport(name, old=old, new=new)))
    done = subprocess.run(
        tool, capture_output=True, text=True, env={**os.environ, "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)}
    )
    assert done.returncode == 0, done.stderr
    assert file.read_bytes() == new


def test_the_text_of_a_diff(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    report = FileReport(str(tmp_path / "a.py"), old=b"a\nb", new=b"a\nc")
    assert diff.render(report) == (
        b"--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n\\ No newline at end of file\n"
    )
    assert diff.render(FileReport("/elsewhere/a.py", old=b"a", new=b"b")).startswith(
        b"--- a/elsewhere/a.py\n+++ b/elsewhere/a.py\n"
    )
    assert diff.render(FileReport('a"\n\\.py', old=b"a", new=b"b")).startswith(b'--- "a/a\\042\\012\\134.py"\n')
    assert diff.render(FileReport("a.py", old=b"a", new=b"a")) == b""


def test_colours() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    assert diff.wants_colour(Terminal(), {})
    assert diff.wants_colour(Terminal(), {"NO_COLOR": ""})  # an empty value does not count, says no-color.org
    assert not diff.wants_colour(Terminal(), {"NO_COLOR": "1"})
    assert not diff.wants_colour(Terminal(), {"TERM": "dumb"})
    assert not diff.wants_colour(io.StringIO(), {})
    report = FileReport("a.py", old=b"a\r\nb\n-- c\n", new=b"A\r\nb\n")
    coloured = diff.render(report, colour=True)
    assert b"\x1b[31m-a\r\x1b[0m\n" in coloured
    assert b"\x1b[32m+A\r\x1b[0m\n" in coloured
    assert b"\x1b[31m--- c\x1b[0m\n" in coloured
    assert b"\x1b[1m--- a/a.py\x1b[0m\n" in coloured
    assert re.sub(rb"\x1b\[\d*m", b"", coloured) == diff.render(report)
