"""Draw the plots of committed reports: ``python benchmarks/plots.py docs/evidence/{cpu,h100}-*.json``.

Each case of ``docs/evidence/NAME.json`` becomes ``docs/evidence/NAME/CASE.png``: a machine that measures needs no matplotlib.
"""

from __future__ import annotations

import sys
from pathlib import Path

from flake8_keras_loops.verify.show import report
from flake8_keras_loops.verify.show.plot import plot


def main(paths: list[str]) -> int:
    """Draw every case of every report."""
    for path in map(Path, paths):
        folder = path.with_suffix("")
        folder.mkdir(exist_ok=True)
        for result in report.results(report.read(path)):
            plot(result.measurement, folder / f"{result.measurement.case}.png")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
