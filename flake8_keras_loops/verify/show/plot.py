"""A picture of a case: time and memory over the iterations."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..measurement import Iteration, Measurement

#: Told apart by every kind of colour vision (Okabe and Ito), and by their marks.
_COLOURS = ("#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_MARKS = ("o", "s", "^", "D", "v", "P", "X")


def plot(measurement: Measurement, path: str | Path) -> None:
    """Write a PNG: seconds (on a log scale) and memory of every iteration, a line for each process of each arm.

    matplotlib is imported only here. Raises :class:`OSError` if the file cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    panels: list[tuple[str, Callable[[Iteration], float | None]]] = [
        ("seconds per iteration", lambda each: each.seconds if each.seconds > 0 else None),
        ("resident memory, MB", lambda each: each.rss / 1e6),
    ]
    if any(each.gpu is not None for run in measurement.runs for each in run.iterations):
        panels.append(("GPU memory, MB", lambda each: None if each.gpu is None else each.gpu / 1e6))
    figure = Figure(figsize=(4.2 * len(panels), 4.2), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(f"{measurement.title or measurement.case} ({measurement.backend}, {measurement.device})")
    axes = figure.subplots(1, len(panels), squeeze=False)[0]
    for axis, (name, read) in zip(axes, panels):
        _panel(axis, measurement, name, read)
    axes[0].set_yscale("log")
    axes[0].yaxis.set_major_formatter("{x:g}")
    handles, labels = axes[0].get_legend_handles_labels()
    if handles:
        figure.legend(handles, labels, loc="outside lower center", ncols=min(len(labels), 6), frameon=False)
    # Without the version of matplotlib, so that the same data make the same file.
    figure.savefig(path, format="png", metadata={"Software": None})


def _panel(axis: Any, measurement: Measurement, name: str, read: Callable[[Iteration], float | None]) -> None:
    for number, arm in enumerate(measurement.arms):
        runs = [run for run in measurement.runs if run.arm == arm and run.iterations]
        for at, run in enumerate(runs):
            values = [float("nan") if (value := read(each)) is None else value for each in run.iterations]
            axis.plot(
                range(len(values)),
                values,
                color=_COLOURS[number % len(_COLOURS)],
                marker=_MARKS[number % len(_MARKS)],
                markersize=3,
                linewidth=1,
                alpha=0.85,
                label=f"{arm} ({len(runs)} runs)" if at == 0 and len(runs) > 1 else arm if at == 0 else "_",
            )
    axis.set_xlabel("iteration")
    axis.set_title(name, fontsize="medium")
    axis.grid(alpha=0.3)
    axis.spines[["top", "right"]].set_visible(False)
