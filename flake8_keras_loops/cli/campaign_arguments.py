"""The command line of ``keras-loop-campaign``."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..campaign.repository import Asked
from ..config import ConfigError, load
from .arguments import add_settings, given_settings, whole
from .shell import Parser

_EPILOG = """\
A PATH is a Parquet file, or a folder of Parquet files, with the columns repository, path and content (bytes or text); or a folder
with the checkout of one repository. What is looked at stays as it is.

In the folder OUT, findings/ has a row for each finding, with the fields of the JSON report, and patches/ one for each
repository: the patch that keras-loop-fix --diff prints, how many findings and fixes there are, and what went wrong. A second
run with the same folder passes over what is done: repositories of the same content, looked at with the same options by the same
version.

Ray runs on this machine, or on the cluster that RAY_ADDRESS names. Settings of each repository stand in its pyproject.toml, under
[tool.keras-loop-fix]; options come before them.

examples:
  keras-loop-campaign --output found corpus.parquet       repositories in a Parquet file
  keras-loop-campaign --output found --repositories all   checkouts, each a folder in all/

Exit status: 0 nothing found, 1 findings, 2 an error, also one in a single repository.
"""
_OWN = {"jobs", "output_format"}  # of one repository, these mean nothing
_STORE = 256
_MIN_STORE = 80  # Ray takes no less


@dataclass(frozen=True)
class Campaign:
    """What to do: look at what ``paths`` and the sub-folders of ``parents`` hold, with ``workers`` processes and an object
    store of ``store`` bytes, or on the cluster at ``address``, and write to the folder ``output``."""

    paths: tuple[str, ...]
    parents: tuple[str, ...]
    output: str
    asked: Asked
    workers: int
    store: int
    address: str
    quiet: bool


def parse(argv: Sequence[str] | None, environment: Mapping[str, str]) -> Campaign:
    """The command line. Leaves with ``SystemExit`` after ``--help`` or an error, as argparse does."""
    parser = _parser()
    args = parser.parse_args(argv)
    if not args.paths and not args.repositories:
        parser.error("no PATH is given, and no --repositories")
    if args.object_store < _MIN_STORE:
        parser.error(f"--object-store must be at least {_MIN_STORE}")
    text = b""
    if args.config:
        try:
            load(args.config)
            with open(args.config, "rb") as file:
                text = file.read()
        except (ConfigError, OSError) as error:
            parser.exit(2, f"{error}\n")
    given = {name: value for name, value in given_settings(args).items() if name not in _OWN}
    config = os.path.abspath(args.config) if args.config else ""
    return Campaign(
        paths=tuple(args.paths),
        parents=tuple(args.repositories),
        output=args.output,
        asked=Asked(tuple(given.items()), config, text, float(args.timeout)),
        workers=args.workers or _cores(),
        store=args.object_store << 20,
        address="" if environment.get("RAY_ADDRESS") == "local" else environment.get("RAY_ADDRESS", ""),
        quiet=args.quiet,
    )


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="keras-loop-campaign",
        usage="%(prog)s --output OUT [options] [PATH ...]",
        description="Find and fix loops that build a Keras model in every iteration, in many repositories.",
        epilog=_EPILOG,
        argument_default=argparse.SUPPRESS,
    )
    parser.add_argument("paths", nargs="*", default=[], metavar="PATH", help="Parquet files, or folders with checkouts")
    text = "each sub-folder is a repository; may be repeated"
    parser.add_argument("--repositories", action="append", default=[], metavar="DIR", help=text)
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="the folder for the results")
    add_settings(parser)
    add = parser.add_argument_group("how").add_argument
    add("--config", default="", metavar="FILE", help="instead of the settings of each repository")
    add("--workers", type=whole, default=0, metavar="N", help="processes that look at repositories (default: one for each core)")
    add("--timeout", type=whole, default=600, metavar="SECONDS", help="for one repository (default: 600)")
    text = f"of Ray's object store, if Ray is started for this run (default: {_STORE}); what does not fit goes to disk"
    add("--object-store", type=whole, default=_STORE, metavar="MIB", help=text)
    add("-q", "--quiet", action="store_true", default=False, help="no summary")
    return parser


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
