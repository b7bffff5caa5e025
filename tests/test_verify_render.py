"""What people see of a measurement: table, notes, Markdown, plot; and units."""

from __future__ import annotations

import io
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from measured import case, run
from rich.console import Console

from flake8_keras_loops.verify.judge.estimate import Estimate
from flake8_keras_loops.verify.judge.verdicts import CaseResult, summarise
from flake8_keras_loops.verify.measurement import CRASHED, Judging
from flake8_keras_loops.verify.show import units
from flake8_keras_loops.verify.show.plot import plot
from flake8_keras_loops.verify.show.render import environment_line, markdown, notes, table

GROWING = {"before": {"rss": 7_700_000, "gpu": 2_100_000, "grows": 0.06}, "after": {"gpu": 0}}
GOOD = case(arms=("before", "after", "clone"), growth=GROWING)
LONG = case(case="a_teacher_and_student_autoencoder", backend="tensorflow", device="gpu", arms=("before", "after"))
ALONE = case(arms=("before",), left_out={"after": "no fix: the model\nescapes"})
FAILED = case(run("after", 1.0, outcome=CRASHED, detail="Traceback\n  ...\nValueError: a | b [red]"))
ALL = [GOOD, LONG, ALONE, FAILED]


def shown(results: list[CaseResult], width: int) -> list[str]:
    stream = io.StringIO()
    Console(file=stream, width=width).print(table(results, width))
    return [line.rstrip() for line in stream.getvalue().splitlines()]


def test_a_row_for_each_arm() -> None:
    _, head, _, before, after, clone, *_ = shown([GOOD], 120)
    assert head.split() == [
        "case",
        "arm",
        "median",
        "before",
        "/",
        "arm",
        "time",
        "slope",
        "RSS",
        "growth",
        "GPU",
        "growth",
        "equal",
        "verdict",
    ]
    assert before.split() == ["kfold", "before", "3.33", "s", "+70.0", "ms", "+7.7", "MB", "+2.1", "MB"]
    assert after.split()[:6] == ["jax,", "cpu", "after", "1.04", "s", "3.22x"]
    assert after.split()[-7:] == ["0", "0", "0", "bit", "for", "bit", "faster"]
    assert clone.split()[0] == "clone"
    assert clone.split()[-1] == "same"


@pytest.mark.parametrize("width", [80, 100, 120, 200])
def test_it_fits(width: int) -> None:
    lines = shown(ALL, width)
    assert max(map(len, lines)) <= width
    text = "\n".join(lines)
    assert "…" not in text
    for word in ("faster", "same", "failed", "3.22x", "[3.07, 3.34]"):
        assert word in text
    assert ("GPU growth" in text) == (width >= 110)


def test_notes_are_one_line_each() -> None:
    unexpected, better = (replace(GOOD, measurement=replace(GOOD.measurement, expected=each)) for each in ("none", "same"))
    assert notes([better])[:1] != ["kfold (jax, cpu): expected same, found faster"]
    assert notes([unexpected, ALONE, FAILED]) == [
        "kfold (jax, cpu): expected none, found faster",
        "kfold (jax, cpu): no arm clear: nothing to clear",
        "kfold (jax, cpu): no arm after: no fix: the model escapes",
        "kfold (jax, cpu): after: crashed: ValueError: a | b [red]",
    ]


def test_memory_of_child_processes_is_said_below() -> None:
    spawned = tuple(replace(each, children=598_000_000) for each in run("after", 1.0).iterations)
    found = notes([case(run("after", 1.0, iterations=spawned))])
    assert "kfold (jax, cpu), after: its child processes took up to 598 MB each" in found
    assert not any("before" in line and "child" in line for line in found)


def test_notes_on_results() -> None:
    other = {"after": {"0/0/fit/loss": np.array([0.50001])}, "before": {"0/0/fit/loss": np.array([0.5])}}
    (note,) = notes([case(arms=("before", "after"), results=other, left_out={})])
    assert note == "kfold (jax, cpu), after: not bit for bit: iteration 0, fit, loss[0]: 0.5 against 0.50001"
    runs = [
        replace(each, results={"0/0/fit/loss": np.array([0.5 + 0.01 * at])}) for at, each in enumerate(case().measurement.runs)
    ]
    noisy = replace(
        case().measurement, arms=("before", "after"), runs=tuple(each for each in runs if each.arm != "clear"), left_out={}
    )
    assert notes([summarise(noisy, Judging())]) == [
        "kfold (jax, cpu), after: results differ by up to 0.04, two runs of before by 0.05"
    ]
    assert notes([case(arms=("before",), left_out={})]) == ["kfold (jax, cpu): nothing to compare with"]


def test_markdown_is_a_table_for_github() -> None:
    text = markdown(ALL, "Some CPU | some_gpu <b>")
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert rows[0] == "| Case | Arm | Before | After | Before / after | Time, slope | RSS | GPU | Equal | Verdict |"
    assert rows[2] == (
        "| kfold (jax, cpu) | after | 3.33 s | 1.04 s | 3.22x [3.07, 3.34] | +70.0 ms → 0 | +7.7 MB → 0 | +2.1 MB → 0 "
        "| bit for bit | **faster** |"
    )
    assert len({row.replace("\\|", "").count("|") for row in rows}) == 1
    assert "- kfold (jax, cpu): after: crashed: ValueError: a \\| b [red]\n" in text
    assert text.endswith("\n\nSome CPU \\| some\\_gpu &lt;b>\n")
    assert "\n\n\n" not in text
    assert markdown([]).startswith("| Case |")


def test_the_environment_in_a_line() -> None:
    line = environment_line(
        {"cpu": "Some CPU", "cores": 2, "gpu": None, "more": {"a": 1}}, [{"backend": "jax", "version": "0.10"}]
    )
    assert line == "cpu Some CPU, cores 2; backend jax, version 0.10"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0 ms"),
        (0.26649, "266 ms"),
        (-0.000812, "-0.812 ms"),
        (0.99996, "1.00 s"),
        (12.34, "12.3 s"),
        (1234.5, "1,234 s"),
        (None, "n/a"),
        (float("nan"), "n/a"),
    ],
)
def test_seconds(value: float | None, text: str) -> None:
    assert units.seconds(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0 kB"), (12_345.0, "12 kB"), (999_800.0, "1.0 MB"), (-7_700_000.0, "-7.7 MB"), (3.2e9, "3.2 GB"), (None, "n/a")],
)
def test_sizes(value: float | None, text: str) -> None:
    assert units.size(value) == text


def test_ratios() -> None:
    assert units.interval(Estimate(13.44, 12.9, 14.06)) == "13.4x [12.9, 14.1]"
    assert units.interval(Estimate(0.5)) == "0.500x"
    assert units.interval(None) == "n/a"
    assert units.times(float("inf")) == "n/a"


def test_a_plot_is_a_picture_and_the_same_each_time(tmp_path: Path) -> None:
    dead = run("after", 1.0, iterations=())
    for result in (GOOD, LONG, case(dead), case(arms=())):
        for name in "ab":
            plot(result.measurement, tmp_path / name)
        assert (tmp_path / "a").read_bytes().startswith(b"\x89PNG")
        assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    with pytest.raises(OSError, match="No such file"):
        plot(GOOD.measurement, tmp_path / "none" / "a.png")


def test_matplotlib_is_imported_only_for_a_plot() -> None:
    program = "import sys, flake8_keras_loops.verify.show.plot, flake8_keras_loops.verify.show.render; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
