"""The page of evidence: claims are judged by rule from reports, and the committed page is what the committed reports make."""

from __future__ import annotations

import io
import subprocess
import sys
from contextlib import redirect_stdout
from dataclasses import replace
from datetime import datetime, timezone
from importlib import util
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from measured import case, run

from flake8_keras_loops import __version__
from flake8_keras_loops.verify.judge.estimate import Estimate
from flake8_keras_loops.verify.judge.verdicts import CaseResult
from flake8_keras_loops.verify.measurement import CRASHED, Judging
from flake8_keras_loops.verify.show import report

ROOT = Path(__file__).parent.parent
SCRIPT = ROOT / "benchmarks" / "evidence.py"
REPORTS = sorted(path for path in (ROOT / "docs" / "evidence").glob("*.json") if not path.name.startswith(("lint-", "memory-")))

_spec = util.spec_from_file_location("evidence", SCRIPT)
assert _spec is not None
assert _spec.loader is not None
evidence = util.module_from_spec(_spec)
sys.modules["evidence"] = evidence
_spec.loader.exec_module(evidence)

LEAKS = {"before": {"rss": 7_700_000}, "clear": {"rss": 6_200_000}}
ARTICLE = case(case="construct_in_loop", arms=("before", "after", "clone", "weights"), left_out={})
GRAPH = case(
    case="graph_mode_loop",
    arms=("before", "after"),
    growth={"before": {"grows": 0.3, "rss": 12_900_000}},
    left_out={},
)
KFOLD = case(case="kfold_factory", arms=("before", "after", "clear", "hoist"), growth=LEAKS, left_out={"clone": "it escapes"})
NOTHING = case(
    case="kfold_factory", backend="torch", seconds={"before": 1.0, "after": 1.0}, arms=("before", "after"), left_out={}
)


def place(*cases: CaseResult) -> Any:
    return evidence.Place("cpu", Path("nowhere"), "jax", "cpu", cases)


def document(*cases: CaseResult) -> report.Document:
    return report.document(
        cases,
        Judging(),
        created=datetime(2026, 11, 23, tzinfo=timezone.utc),
        command=["keras-loop-verify", "fixtures/"],
        environment={"cpu": "Some CPU", "gpu": None, "versions": {"keras": "3.15", "none": None}},
        backends=[{"name": "jax", "version": "0.10"}],
    )


def page(tmp_path: Path, *cases: CaseResult) -> str:
    """What the script prints for a report of some cases, ``cpu.json``."""
    report.write(tmp_path / "cpu.json", document(*cases))
    with redirect_stdout(io.StringIO()) as out:
        assert evidence.main([str(tmp_path / "cpu.json")]) == 0
    return out.getvalue()


def by_the_command(tmp_path: Path, *cases: CaseResult) -> str:
    """The same by a process of its own."""
    report.write(tmp_path / "cpu.json", document(*cases))
    command = [sys.executable, str(SCRIPT), str(tmp_path / "cpu.json")]
    return subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8").stdout


def overview(text: str) -> dict[str, list[str]]:
    """The table under "What holds": the verdicts of each claim."""
    rows = [line for line in text.partition("## What holds")[2].partition("\n## ")[0].splitlines() if line.startswith("| ")]
    return {cells[0]: cells[1:] for cells in (line[2:-2].split(" | ") for line in rows[2:])}


def test_the_page_of_a_report(tmp_path: Path) -> None:
    text = page(tmp_path, ARTICLE, KFOLD, GRAPH, NOTHING)
    assert overview(text) == {
        "Creating models gets slower and slower": ["not shown", "not measured here"],
        "A loop that builds and uses models gets slower and slower": ["not shown", "not shown"],
        "The same in TensorFlow 1's graph mode": ["true", "not measured here"],
        "Cloning a model is faster than building it": ["false", "not measured here"],
        "One model with changed weights is fastest": ["true", "not measured here"],
        "`clear_session()` makes the loop fast": ["false", "not measured here"],
        "`clear_session()` makes the loop fast in graph mode": ["true", "not measured here"],
        "`clear_session()` keeps memory flat": ["false", "not measured here"],
        "The fix is faster": ["true", "false"],
        "The fix gives the same numbers": ["true", "true"],
    }
    for line in (
        "- environment: cpu Some CPU, versions (keras 3.15)",
        "- backend: name jax, version 0.10",
        f"- [report](evidence/cpu.json) of 2026-11-23T00:00:00Z by keras-loop-verify {__version__}",
        "Faster in 3 of 3 cases, 3.00x to 3.99x.",
        "Faster in 0 of 1 cases. Gains nothing: kfold\\_factory.",
        "| Case | after | hoist | clear | clone | weights |",
    ):
        assert f"\n{line}\n" in text
    assert "RSS 7.7 MB [7.7 MB, 7.7 MB] per iteration as written, 6.2 MB [6.2 MB, 6.2 MB] per iteration clear" in text
    assert "\n\n\n" not in text
    assert text.endswith("|\n")
    assert "it escapes" not in text  # a strategy that does not apply is nothing to report here


def test_the_same_reports_give_the_same_page(tmp_path: Path) -> None:
    assert page(tmp_path, ARTICLE, KFOLD) == by_the_command(tmp_path, ARTICLE, KFOLD) == by_the_command(tmp_path, ARTICLE, KFOLD)
    paths = [tmp_path / "a.json", tmp_path / "b.json"]
    read = [(path, document(KFOLD)) for path in paths]
    assert evidence.page(read) == evidence.page(read)


def test_tables_have_equal_columns(tmp_path: Path) -> None:
    for block in page(tmp_path, ARTICLE, KFOLD, GRAPH, NOTHING).split("\n\n"):
        rows = [line for line in block.splitlines() if line.startswith("|")]
        assert len({line.replace("\\|", "").count("|") for line in rows}) <= 1


def test_plots_are_linked_where_they_are(tmp_path: Path) -> None:
    assert "[kfold" not in page(tmp_path, KFOLD)
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "kfold_factory.png").touch()
    assert "| [kfold\\_factory](evidence/cpu/kfold_factory.png) |" in page(tmp_path, KFOLD)
    (tmp_path / "cpu" / "kfold_factory-jax.png").touch()
    assert "| [kfold\\_factory](evidence/cpu/kfold_factory-jax.png) |" in page(tmp_path, KFOLD)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [(0.002, 0.004, "true"), (-0.001, 0.0005, "false"), (0.0005, 0.002, "not shown"), (None, None, "not shown")],
)
def test_slower_and_slower_is_judged_with_all_of_the_interval(low: float | None, high: float | None, verdict: str) -> None:
    """The median is one second, so that the rule asks for a millisecond an iteration."""
    (before, *others) = ARTICLE.arms
    changed = replace(before, median=1.0, time=Estimate(0.001, low, high))
    (said,) = evidence.CLAIMS[0].judge(place(replace(ARTICLE, arms=(changed, *others))))
    assert said.verdict == verdict


@pytest.mark.parametrize(
    ("before", "clear", "verdict"),
    [
        (2_000_000, 0, "true"),
        (2_000_000, 500_000, "false"),
        (0, 0, "not shown"),
        (50_000, 900_000, "not shown"),
    ],
)
def test_flat_memory(before: int, clear: int, verdict: str) -> None:
    result = case(growth={"before": {"rss": before}, "clear": {"rss": clear}})
    (said,) = evidence.CLAIMS[-1].judge(place(result))
    assert said.verdict == verdict


def test_memory_of_the_gpu_counts_too() -> None:
    result = case(growth={"before": {"rss": 2_000_000, "gpu": 2_000_000}, "clear": {"gpu": 1_000_000}})
    (said,) = evidence.CLAIMS[-1].judge(place(result))
    assert said.verdict == "false"
    assert "GPU 2.0 MB" in said.figures


def test_fastest_is_faster_than_all() -> None:
    seconds = {"before": 3.0, "clone": 2.0, "weights": 1.0}
    for other, verdict in ((2.0, "true"), (1.0, "not shown"), (0.5, "false")):
        result = case(case="construct_in_loop", arms=tuple(seconds), seconds={**seconds, "clone": other})
        (said,) = evidence.CLAIMS[4].judge(place(result))
        assert said.verdict == verdict
        assert "clone" in said.figures


def test_failed_and_unequal_arms_are_not_true(tmp_path: Path) -> None:
    failed = case(run("after", 1.0, outcome=CRASHED, detail="ValueError: shapes"), arms=("before", "after"), left_out={})
    text = page(tmp_path, failed)
    assert overview(text)["The fix is faster"] == ["not shown"]
    assert "Faster in 0 of 1 cases. Failed: kfold." in text
    assert "- kfold (jax, cpu): after: crashed: ValueError: shapes" in text
    other = {"after": {"0/0/fit/loss": np.array([9.0])}, "before": {"0/0/fit/loss": np.array([0.5])}}
    text = page(tmp_path, case(results=other), ARTICLE)
    assert overview(text)["The fix gives the same numbers"] == ["true in 1, false in 1 of 2 cases"]
    assert " ≠ |" in text


def test_nothing_measured(tmp_path: Path) -> None:
    text = page(tmp_path, case(arms=("before",)))
    assert set(map(tuple, overview(text).values())) == {("not measured here",), ("not shown",)}
    assert "Not measured here." in text
    assert overview(page(tmp_path)) == {claim: [] for claim in overview(text)}


def test_other_files_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"schema": 1, "cases": [{}]}')
    for name in ("x.json", "none.json"):
        command = [sys.executable, str(SCRIPT), str(tmp_path / name)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("error: ")
        assert name in done.stderr
        assert done.stderr.count("\n") == 1


@pytest.mark.skipif(not REPORTS, reason="no report is committed")
def test_the_committed_page_is_what_the_committed_reports_make() -> None:
    assert (ROOT / "docs" / "evidence.md").read_text("utf-8") == evidence.page([(path, report.read(path)) for path in REPORTS])
