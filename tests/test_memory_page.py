"""``docs/memory.md``: its figures are those of the report, and its examples are found, and run, as it says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib import util
from pathlib import Path
from typing import Any

import pytest
from cases import announced

from flake8_keras_loops import analyze

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "memory.md"
TEXT = PAGE.read_text("utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
REPORT = json.loads((ROOT / "docs" / "evidence" / "memory-cpu.json").read_text("utf-8"))
PROSE = re.sub(r"^```.*?^```$", "", TEXT, flags=re.MULTILINE | re.DOTALL)


def script() -> Any:
    spec = util.spec_from_file_location("memory", ROOT / "benchmarks" / "memory.py")
    assert spec is not None
    assert spec.loader is not None
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_table_is_that_of_the_report() -> None:
    rows = [line for line in PROSE.splitlines() if line.startswith("|")]
    assert "\n".join(rows) == script().table(REPORT)


def test_where_it_was_measured_is_in_the_report() -> None:
    assert " ".join(script().conditions(REPORT).split()) in " ".join(TEXT.split())


def test_the_report_sums_up_its_runs() -> None:
    memory = script()
    for backend in REPORT["backends"].values():
        assert list(backend["ways"]) == list(memory.WAYS)
        base = memory.median(backend["ways"]["as written"]["runs"], "seconds")
        for way in backend["ways"].values():
            assert len(way["runs"]) == REPORT["runs"] > 1
            assert way == memory.summary(way["runs"], base)


def test_links_lead_somewhere_and_lines_are_short() -> None:
    assert all((PAGE.parent / link).is_file() for link in re.findall(r"\]\(([^)#:]+)(?:#[\w-]+)?\)", PROSE))
    long = [line for line in TEXT.splitlines() if line != line.rstrip() or (len(line) > 120 and not line.startswith("|"))]
    assert long == []


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_findings_are_those_the_comments_announce(number: int) -> None:
    expected = [(line, code) for line, (code, _, _) in announced(BLOCKS[number]).items()]
    assert [(finding.line, finding.code) for finding in analyze(BLOCKS[number])] == expected


def test_examples_come_in_pairs() -> None:
    """As written, which is found, and in processes, which is not."""
    assert [len(announced(block)) for block in BLOCKS] == [1, 0, 1, 0]


@pytest.mark.endtoend
@pytest.mark.parametrize(("first", "lines", "needs"), [(0, 3, "keras"), (2, 1, "optuna")])
def test_a_process_for_each_trial_prints_the_same(first: int, lines: int, needs: str, tmp_path: Path) -> None:
    pytest.importorskip(needs)
    printed = []
    for name, program in zip(("written", "processes"), BLOCKS[first : first + 2]):
        (tmp_path / f"{name}.py").write_text(program, "utf-8")
        environment = {**os.environ, "KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": ""}
        command = [sys.executable, f"{name}.py"]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, done.stderr
        printed.append(done.stdout)
    assert printed[0] == printed[1]
    assert printed[0].count("\n") == lines
