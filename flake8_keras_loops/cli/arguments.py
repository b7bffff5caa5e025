"""The command line of ``keras-loop-fix``, and what it and the configuration file come to together."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, NoReturn

from .. import config
from ..config import FORMATS, Config, ConfigError
from ..files.discovery import Excludes, is_pattern
from ..files.module_place import is_module_name
from ..fixes.helpers import module_text
from ..fixes.outcome import STRATEGIES, Settings
from ..rules import no_rules, unknown
from .shell import Parser, checked, listed

_EPILOG = """\
strategies:
  auto     the simplest one that is safe for each finding
  reuse    keep the first compiled model and give it fresh weights each time: same results, 5 to 50 times faster
  hoist    build before the loop and put the state back in it: every iteration starts from the same weights
  clear    clear the session at the top of the loop: memory stays flat, nothing gets faster
  clone    build once, clone in the loop: for models that are all kept; saves code, not time
  nojit    compile with jit_compile=False: faster where the models differ (TensorFlow on a GPU), last digits change
  process  run each iteration in a process of its own: gives back all memory of models that differ, nothing gets faster

A fix is safe if the program computes the same afterwards; only safe ones are applied without --unsafe-fixes.

examples:
  keras-loop-fix                       what there is below this directory, and what can be fixed
  keras-loop-fix --diff train.py       what --fix would change
  keras-loop-fix --fix src notebooks   fix files in place, notebooks too
  keras-loop-fix --fix - < in.py       standard input to standard output

Settings can stand in pyproject.toml, under [tool.keras-loop-fix], by the names of the options.
Exit status: 0 nothing found, 1 findings or changes, 2 an error, 130 after Ctrl-C.
"""


@dataclass(frozen=True)
class Run:
    """What to do. ``mode``: ``report``, ``diff``, ``check`` or ``fix``. ``stdin``: read standard input, as the file
    ``stdin_filename``. ``jobs``: 0 for as many as are useful."""

    paths: tuple[str, ...]
    mode: str
    settings: Settings
    excludes: Excludes
    stdin: bool
    stdin_filename: str
    output_format: str
    jobs: int
    quiet: bool


class _PrintHelper(argparse.Action):
    """Print the helper functions and leave, as ``--version`` does."""

    def __call__(self, parser: argparse.ArgumentParser, *rest: object) -> NoReturn:
        print(module_text(), end="")
        parser.exit()


def parse(argv: Sequence[str] | None) -> Run:
    """The command line with the configuration file. Leaves with ``SystemExit`` after ``--help`` or an error, as argparse does."""
    parser = _parser()
    args = parser.parse_args(argv)
    stdin = "-" in args.paths
    if stdin and len(args.paths) > 1:
        parser.error("- stands for standard input and takes no other path beside it")
    if args.stdin_filename and not stdin:
        parser.error("--stdin-filename needs - as the path")
    if "output_format" in args and args.mode in {"diff", "check"}:
        parser.error(f"--output-format has no meaning with --{args.mode}")
    paths = (args.stdin_filename or "stdin.py",) if stdin else tuple(args.paths) or (os.curdir,)
    try:
        file = args.config or config.find(paths)
        wanted, excludes = config.resolve(file, given_settings(args))
    except ConfigError as error:
        parser.exit(2, f"{error}\n")
    return Run(
        paths=paths,
        mode=args.mode,
        settings=wanted.settings,
        excludes=excludes,
        stdin=stdin,
        stdin_filename=args.stdin_filename,
        output_format=wanted.output_format,
        jobs=wanted.jobs,
        quiet=args.quiet,
    )


#: Makes rules or their beginnings of an argument's text.
codes = listed(unknown, "no rule starts with {}")
#: Makes a number above 0 of an argument's text.
whole = checked(lambda text: text.isdecimal() and int(text) > 0, "a whole number above 0", int)


def _parser() -> argparse.ArgumentParser:
    """What is not given is not in the namespace, so that the configuration file counts."""
    parser = Parser(
        prog="keras-loop-fix",
        usage="%(prog)s [--fix | --diff | --check] [options] [PATH ...]",
        description="Find loops that build a Keras model in every iteration, and fix them.",
        epilog=_EPILOG,
        argument_default=argparse.SUPPRESS,
    )
    text = "files or directories (default: this one), - for standard input"
    parser.add_argument("paths", nargs="*", default=[], metavar="PATH", help=text)
    parser.add_argument("--print-helper", action=_PrintHelper, nargs=0, help="print the module for --helper-module, and exit")

    group = parser.add_argument_group("what to do (default: report findings)")
    modes = group.add_mutually_exclusive_group()
    for mode, text in (
        ("fix", "apply the fixes to the files"),
        ("diff", "print what --fix would change, as a patch"),
        ("check", "print no findings, only set the exit status"),
    ):
        modes.add_argument(f"--{mode}", dest="mode", action="store_const", const=mode, default="report", help=text)

    add_settings(parser)
    add = parser.add_argument_group("how").add_argument
    text = "what standard input is called, for its imports and its settings"
    add("--stdin-filename", default="", metavar="NAME", help=text)
    add("--output-format", choices=FORMATS, help="of the findings (default: text)")
    add("-j", "--jobs", type=whole, metavar="N", help="processes (default: as many as are useful)")
    add("--config", default="", metavar="FILE", help="instead of the nearest pyproject.toml with settings")
    add("-q", "--quiet", action="store_true", default=False, help="no summary, no progress bar")
    return parser


def given_settings(args: argparse.Namespace) -> dict[str, Any]:
    """The fields of :class:`Config` that a command line gives, by their names."""
    return {each.name: getattr(args, each.name) for each in fields(Config) if each.name in args}


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which fixes, findings and files are meant, which every command that finds loops has. The parser
    suppresses defaults: what is not given is not in the namespace, so that the configuration file counts."""
    switch = argparse.BooleanOptionalAction
    add = parser.add_argument_group("which fixes").add_argument
    add("--strategy", choices=("auto", *STRATEGIES), help="how to fix, see below (default: auto)")
    add("--unsafe-fixes", action=switch, help="apply fixes too that may change what the program computes")
    add("--same-weights", action=switch, help="every iteration may start from the same weights")
    module = checked(is_module_name, "the dotted name of a module", str)
    text = "import helper functions from this module; it is written where the import finds it, if it is not there"
    add("--helper-module", type=module, metavar="MODULE", help=text)

    add = parser.add_argument_group("which findings").add_argument
    add("--select", type=codes, metavar="CODES", help="rules or their beginnings, such as KL101,KL104")
    add("--ignore", type=codes, metavar="CODES", help="rules to leave out; the longer beginning wins")

    text = "opt-in rules to report too, such as KL203 (KL107 is on unless it is ignored)"
    add("--enable", type=listed(no_rules, "there is no rule {}"), metavar="CODES", help=text)

    add = parser.add_argument_group("which files").add_argument
    pattern = checked(is_pattern, "a pattern as in .gitignore", str)
    text = "leave these out, in the syntax of .gitignore; may be repeated"
    add("--exclude", action="append", type=pattern, metavar="PATTERN", help=text)
    add("--force-exclude", action=switch, help="leave them out even if they are given by name")
