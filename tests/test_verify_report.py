"""The JSON report: what is in it, that it is read back, and that nobody reads half of one."""

from __future__ import annotations

import json
import math
import os
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from measured import CLEAR, case, run

from flake8_keras_loops import __version__
from flake8_keras_loops.verify.judge.verdicts import CaseResult, summarise
from flake8_keras_loops.verify.measurement import CRASHED, OUT_OF_MEMORY, Iteration, Judging
from flake8_keras_loops.verify.show import report

CREATED = datetime(2026, 11, 23, 6, 30, tzinfo=timezone(timedelta(hours=1)))
SETTINGS = {"iterations": 8, "repeats": 2, "device": "cpu"}
ENVIRONMENT = {"cpu": "Some CPU", "cores": 2, "gpu": None, "driver": ""}
BACKENDS = [{"name": "jax", "version": "0.10"}]


def made(*results: CaseResult, **changes: Any) -> report.Document:
    settings = {"created": CREATED, "command": ["keras-loop-verify", "fixtures/"], "settings": SETTINGS}
    return report.document(results, Judging(), **{**settings, "environment": ENVIRONMENT, "backends": BACKENDS, **changes})


def written(tmp_path: Path, *results: CaseResult, **changes: Any) -> report.Document:
    path = tmp_path / "report.json"
    report.write(path, made(*results, **changes))
    return report.read(path)


def test_the_head(tmp_path: Path) -> None:
    found = written(tmp_path, case(), commit="abc123", interrupted=True)
    assert list(found) == [
        *("schema", "tool", "created", "command", "interrupted", "settings", "environment", "backends", "probe", "cases"),
    ]
    assert found["schema"] == report.SCHEMA
    assert found["tool"] == {"name": "keras-loop-verify", "version": __version__, "commit": "abc123"}
    assert found["created"] == "2026-11-23T05:30:00Z"
    assert found["command"] == ["keras-loop-verify", "fixtures/"]
    assert found["interrupted"] is True
    assert found["settings"] == {
        **SETTINGS,
        "judging": {"warmup": 1, "confidence": 0.95, "minimum_effect": 0.05, "tolerance": 1e-4, "seed": 0},
    }
    assert (found["environment"], found["backends"]) == (ENVIRONMENT, BACKENDS)
    assert found["probe"] == 2e-05


def test_a_case_has_all_runs_and_iterations_but_not_the_results(tmp_path: Path) -> None:
    (found,) = written(tmp_path, case())["cases"]
    assert (found["case"], found["backend"], found["arms"], found["verdict"]) == (
        "kfold",
        "jax",
        ["before", "after", "clear"],
        "faster",
    )
    assert [(each["arm"], each["round"]) for each in found["runs"]] == [
        *(("before", 0), ("after", 0), ("clear", 0), ("clear", 1), ("after", 1), ("before", 1)),
    ]
    assert found["runs"][0]["iterations"]["seconds"][:3] == [6.0, 3.0, 3.09]
    assert len(found["runs"][0]["iterations"]["rss"]) == 9
    assert "results" not in found["runs"][0]
    assert [each["arm"] for each in found["summaries"]] == ["before", "after", "clear"]
    first = found["comparisons"][0]
    assert first["arm"] == "after"
    assert first["ratio"]["low"] < first["ratio"]["value"] < first["ratio"]["high"]
    assert first["equality"]["kind"] == "bit for bit"


def test_the_same_records_give_the_same_bytes(tmp_path: Path) -> None:
    for name in "ab":
        report.write(tmp_path / name, made(case(), case(backend="torch")))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_columns_stand_in_one_line(tmp_path: Path) -> None:
    odd = run("after", 1.0, outcome=CRASHED, detail="shapes [\n 1,\n  2\n ] differ")
    report.write(tmp_path / "r", made(case(odd)))
    text = (tmp_path / "r").read_text()
    assert '"seconds": [6.0, 3.0, 3.09, ' in text
    assert report.results(json.loads(text))[0].measurement.runs[-1].detail == odd.detail


def test_what_is_read_back_is_what_was_made(tmp_path: Path) -> None:
    results = (case(), case(run("after", 1.0, outcome=OUT_OF_MEMORY, detail="OOM"), left_out={"clone": "escapes"}))
    back = report.results(written(tmp_path, *results))
    assert [each.measurement.left_out for each in back] == [{"clear": CLEAR}, {"clone": "escapes"}]
    for one, other in zip(results, back):
        assert other.measurement == one.measurement  # results do not count
        assert [each.verdict for each in other.comparisons] == [each.verdict for each in one.comparisons]
        assert report.results(made(*back)) == back


def test_nothing_is_no_number(tmp_path: Path) -> None:
    measurement = case().measurement
    lost = run("after", 1.0, iterations=(Iteration(math.nan, 1), Iteration(math.inf, 1)), startup=math.nan)
    other = run("after", 1.0, results={"0/0/fit/loss": np.array([math.nan])})
    for bad in (lost, other):
        result = summarise(replace(measurement, runs=(*measurement.runs, bad)), Judging())
        found = written(tmp_path, result, environment={"load": math.nan, "cores": np.int64(2), "where": Path("a")})
        assert found["environment"] == {"load": None, "cores": 2, "where": "a"}
        assert not any(word in (tmp_path / "report.json").read_text() for word in ("NaN", "Infinity"))
    equality = report.results(found)[0].comparisons[0].equality
    assert (equality.kind, equality.difference) == ("different", math.inf)


def test_fields_of_later_versions_are_passed_over(tmp_path: Path) -> None:
    found = written(tmp_path, case())
    for each in (found, found["cases"][0], found["cases"][0]["runs"][0], found["cases"][0]["comparisons"][0]["equality"]):
        each["later"] = 1
    assert report.results(found)[0].verdict == "faster"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not a report: Expecting property name"),
        ("\xff\xfe", "not a report"),
        ("[1]", "not a report of keras-loop-verify"),
        ("{}", "not a report of keras-loop-verify"),
        ('{"schema": 99}', "a report of schema 99, but this version reads 1"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(report.ReportError, match=message) as caught:
        report.read(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_missing_fields_are_one_error(tmp_path: Path) -> None:
    with pytest.raises(report.ReportError, match="not a report of keras-loop-verify: KeyError"):
        report.results({"schema": 1, "cases": [{}]})
    with pytest.raises(OSError, match="No such file"):
        report.read(tmp_path / "none.json")


def test_a_report_that_cannot_be_written_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report.json"
    path.write_text("old")
    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
        with pytest.raises(OSError, match="disk full"):
            report.write(path, made(case()))
    with pytest.raises(OSError, match="No such file"):
        report.write(tmp_path / "none" / "report.json", made())
    assert [each.name for each in tmp_path.iterdir()] == ["report.json"]
    assert path.read_text() == "old"


def test_a_report_is_readable_by_whom_files_are(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("")
    report.write(tmp_path / "report.json", made())
    assert (tmp_path / "report.json").stat().st_mode == (tmp_path / "plain").stat().st_mode
