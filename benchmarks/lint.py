"""What linting costs, as ratios of programs that run in turn.

    python benchmarks/lint.py --packages DIR --tree DIR --peers VENV --out docs/evidence/lint-cpu.json
    python benchmarks/lint.py --show docs/evidence/lint-cpu.json > docs/speed.md

Measured are: flake8 with the plugin against without it, and ``examine`` against ``ast.parse``, on packages that use TensorFlow
throughout, which are downloaded into DIR unless they are there; ``keras-loop-fix`` on a large tree against ruff, its memory, and
how it grows; flake8 on one file; and other linters, installed in virtual environments of their own. ``--parts`` leaves some out,
and keeps what the report says of them. The second command prints the page that a report makes. All of it takes about a
quarter of an hour on two cores. Needs psutil and a POSIX system.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timezone
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent))

from lint_packages import NAMES, fetch
from lint_page import page, summary
from lint_parts import package, peers, single_files
from lint_tree import tree

from flake8_keras_loops.cli.shell import listed
from flake8_keras_loops.verify.run import environment

PARTS = ("packages", "tree", "file", "peers")


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, write the report and print it; or print the page that one makes."""
    args = _parser().parse_args(argv)
    if args.show:
        print(page(json.loads(args.show.read_text("utf-8")), args.show.name), end="")
        return 0
    report: dict[str, Any] = json.loads(args.out.read_text("utf-8")) if args.out.exists() and args.parts != PARTS else {}
    fetch(args.names, args.packages)
    report.update(conditions())
    folders = [args.packages / name for name in args.names]
    for part in args.parts:
        _say(f"{part} ...")
        if part == "packages":
            # each of several processes has a core, and what is compared runs on the same one
            with ProcessPoolExecutor(args.jobs) as pool:
                found = pool.map(partial(package, limit=args.limit, seconds=args.seconds), folders)
                report[part] = dict(zip(args.names, found))
        elif part == "tree" and args.tree:
            report[part] = tree(args.tree, args.files, args.repeats)
        elif part == "file":
            report[part] = single_files(args.packages / args.project, 3, 2 * args.repeats + 1)
        elif part == "peers":
            report[part] = peers(folders[0], args.peers, args.limit // 5, args.repeats)  # some are slow
        args.out.write_text(json.dumps(_rounded(report), indent=1) + "\n", "utf-8")
    print(summary(report))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    names = listed(lambda found: [], "there is no name in {}")
    parts = listed(lambda found: sorted({*found} - {*PARTS}), "there is no part {}")
    text = "of the packages, each in a folder of its name; those that are not there are downloaded"
    add("--packages", type=Path, default=Path("packages"), metavar="DIR", help=text)
    add("--names", type=names, default=NAMES, help="the packages, separated by commas; other linters run on the first")
    add("--tree", type=Path, metavar="DIR", help="a large tree")
    add("--files", type=int, default=20_000, help="that are taken of the tree at most")
    add("--peers", type=Path, action="append", default=[], metavar="VENV", help="where other linters are; may be repeated")
    add("--project", default="tf-agents", help="the package of which single files are taken")
    add("--parts", type=parts, default=PARTS, help=f"of {', '.join(PARTS)} (default: all)")
    add("--limit", type=int, default=5_000_000, metavar="BYTES", help="that are taken of a package, about")
    add("--seconds", type=float, default=40.0, help="for a package: repeat while less has been spent")
    add("--repeats", type=int, default=2, help="of the tree and of other linters")
    add("--jobs", type=int, default=2, help="packages that are measured at once")
    add("--out", type=Path, default=Path("lint-cpu.json"), help="where the report goes")
    add("--show", type=Path, metavar="REPORT", help="print the page of this report")
    return parser


def conditions() -> dict[str, Any]:
    """Where and with what it is measured."""
    known = environment.describe()
    return {
        "created": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "commit": environment.commit(),
        "cpu": known["cpu"],
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "programs": {name: metadata.version(name) for name in ("flake8", "libcst", "ruff")},
    }


def _rounded(value: Any) -> Any:
    """The same with four digits behind the point, which is more than any of them is worth."""
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list) else value


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
