"""``docs/speed.md`` is what ``benchmarks/lint.py`` makes of the committed report; and how that measures."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import lint
import lint_packages
import lint_page
import lint_parts
import lint_run
import lint_tree
import pytest

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "speed.md"
REPORT = ROOT / "docs" / "evidence" / "lint-cpu.json"
LOOP = "import keras\nfor i in range(9):\n    model = keras.Sequential([keras.layers.Dense(1)])\n"

GIVEN: dict[str, Any] = {
    "created": "2026-01-01",
    "commit": "abc",
    "cpu": "x",
    "cores": 2,
    "system": "Linux",
    "python": "3.11",
    "programs": {"flake8": "7"},
    "packages": {
        "small": {
            "version": "1.0",
            "files": 3,
            "of": 9,
            "matter": 2,
            "bytes": 1,
            "flake8": {"cold": [1.2, 1.05, 1.0], "warm": [1.2], "cold by share": [1.1], "warm by share": [1.0304]},
            "examine": {"cold": [2.004], "warm": []},
        }
    },
    "tree": {
        "files": 3,
        "bytes": 1 << 20,
        "processes": 2,
        "cold": [5.0, 3.0],
        "warm": [0.5],
        "peaks": [301 << 20, 1 << 20],
        "exponent": [1.0],
        "exponent above 30 %": [1.2],
    },
    "file": {
        "package": "small",
        "version": "1.0",
        "files": {"a.py": {"cold": [2.0], "warm": [1.0], "cold seconds": [0.6], "warm seconds": [0.0]}},
    },
    "peers": {
        "package": "small",
        "files": 3,
        "linters": {"TorchFix": {"version": "1", "cold": [0.5], "warm": [2.0]}, "dslinter": {"missing": "not installed"}},
    },
}


# -- the page


def test_the_page_is_what_the_report_makes() -> None:
    assert PAGE.read_text("utf-8") == lint_page.page(json.loads(REPORT.read_text("utf-8")), REPORT.name)


def test_every_ratio_of_the_report_is_above_0_and_was_taken_more_than_once() -> None:
    report = json.loads(REPORT.read_text("utf-8"))
    assert len(report["packages"]) >= 2
    for found in report["packages"].values():
        for ratios in (*found["flake8"].values(), *found["examine"].values()):
            assert len(ratios) > 1
            assert min(ratios) > 0


def test_lines_are_short_and_links_lead_somewhere() -> None:
    text = PAGE.read_text("utf-8")
    assert [line for line in text.splitlines() if len(line) > 120 and not line.startswith("|")] == []
    assert all((PAGE.parent / link).is_file() for link in re.findall(r"\]\(([^)#:]+)\)", text))


def test_what_misses_its_goal_is_bold() -> None:
    """By its median, as it is shown."""
    text = lint_page.page(GIVEN, "x.json")
    cells = "1.050 (1.000-1.200) | 1.100 | **1.200** | 1.030 | 2.00 |  |"
    assert f"| small 1.0 | 3 of 9 | 2 | {cells}" in text
    assert "| over ruff, cold | 4.00 (3.00-5.00) | 4 |" in text
    assert "| largest memory of each process, MB | **301, 1** | 300 |" in text
    assert "| exponent, from 30 % | **1.20** | 1.1 |" in text
    assert "| `a.py` | 2.00 | 1.00 | **0.60** | 0.00 |" in text
    assert "| TorchFix 1 | 0.50 | 2.00 |" in text
    assert "dslinter: not installed." in text
    assert "## " not in lint_page.page({**GIVEN, "packages": {}, "tree": {}, "file": {}, "peers": {}}, "x.json")


# -- the measuring


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    package = tmp_path / "small"
    (package / "inner").mkdir(parents=True)
    (package / "one.py").write_text(LOOP)
    (package / "inner" / "two.py").write_text("x = 1\n" * 100)
    (package / "old.py").write_text("print 'x'\n")
    (package / "empty.py").touch()
    (package / "small-1.5.dist-info").mkdir()
    (package / "small-1.5.dist-info" / "METADATA").write_text("Name: small\nVersion: 1.5\n")
    return package


def test_the_files_of_a_package(folder: Path) -> None:
    assert lint_packages.version(folder) == "1.5"
    files = lint_packages.sources(folder, 10_000)
    assert files == ["inner/two.py", "one.py"]
    assert lint_packages.that_matter(files, folder) == ["one.py"]
    assert len(lint_packages.sources(folder, 1)) == 1


def test_a_package_that_is_there_is_not_downloaded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("subprocess.run", None)
    lint_packages.fetch(["small"], folder.parent)


def test_a_package_is_measured(folder: Path) -> None:
    found = lint_parts.package(folder, 10_000, seconds=0)
    assert (found["files"], found["of"], found["matter"]) == (2, 3, 1)
    assert {name: len(ratios) for name, ratios in found["flake8"].items()} == dict.fromkeys(found["flake8"], 2)
    assert all(ratio >= 1 for name, ratios in found["flake8"].items() if "share" in name for ratio in ratios)
    assert [len(ratios) for ratios in found["examine"].values()] == [2, 2]


def test_a_run_has_an_empty_cache_or_that_of_the_run_before(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[Path | None, bool]] = []

    def flake8(files: object, where: object, cache: Path | None) -> lint_run.Cost:
        seen.append((cache, bool(cache and list(cache.iterdir()))))
        if cache:
            (cache / "x").touch()
        return lint_run.Cost(1.0, 1.0)

    monkeypatch.setattr(lint_parts, "flake8", flake8)
    lint_parts.with_and_without(["one.py"], folder, 0)
    caches, are_filled = [cache for cache, _ in seen], [filled for _, filled in seen]
    assert are_filled == [False, False, True, False, True, False]
    assert [cache is None for cache in caches] == [True, False, False, False, False, True]
    assert caches[1] == caches[2] != caches[3] == caches[4]


def test_a_program_that_fails_is_no_figure(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="status 3"):
        lint_run.run([sys.executable, "-c", "raise SystemExit(3)"], tmp_path)


def test_the_memory_of_all_processes_is_seen(tmp_path: Path) -> None:
    program = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; b = bytes(9 << 20); time.sleep(1)'])"
    peaks = lint_run.run([sys.executable, "-c", program], tmp_path, is_watched=True).peaks
    assert len(peaks) == 2
    assert peaks[0] > 9 << 20


def test_the_parts_of_a_tree(tmp_path: Path) -> None:
    for number in range(10):
        (tmp_path / "tree" / f"p{number}" / "build").mkdir(parents=True)
        (tmp_path / "tree" / f"p{number}" / "a.py").write_text(LOOP)
        (tmp_path / "tree" / f"p{number}" / "build" / "b.py").write_text(LOOP)
    found = lint_tree.tree(tmp_path / "tree", 100, 1)
    assert found["files"] == 10  # those that a run looks at
    assert len(found["cold"]) == len(found["warm"]) == len(found["exponent"]) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["tree"]
    assert lint_tree._exponent(0.1, 1.0, 1.0, 10.0) == pytest.approx(1)


def test_other_linters_that_are_not_there(folder: Path, tmp_path: Path) -> None:
    found = lint_parts.peers(folder, [tmp_path], 10_000, 1)["linters"]
    assert all(each["missing"].startswith("not installed in the environments given") for each in found.values())


def test_a_part_is_measured_again_and_the_others_stay(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "x.json"
    out.write_text(json.dumps(GIVEN))
    monkeypatch.setattr(lint, "peers", lambda *given: {**GIVEN["peers"], "files": 7})
    assert lint.main(["--packages", str(folder.parent), "--names", "small", "--parts", "peers", "--out", str(out)]) == 0
    report = json.loads(out.read_text())
    assert report["peers"]["files"] == 7
    assert report["tree"] == GIVEN["tree"]
    with pytest.raises(SystemExit):
        lint.main(["--parts", "nonsense"])
