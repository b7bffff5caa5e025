"""The command line of ``keras-loop-verify``: words in, a request out."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from contextlib import suppress

from ..fixes.outcome import STRATEGIES, Settings
from ..verify.measurement import BACKENDS, Judging
from ..verify.program.arms import NAMES
from ..verify.run.devices import default_backend
from ..verify.run.experiment import Plan
from ..verify.run.job import Limits
from ..verify.session import Request
from .arguments import codes
from .shell import Parser, checked

_EPILOG = """\
what is run:
  fixtures/            every folder in it that has a case.toml: its before.py against its after.py
  train.py:42          the loop on line 42 as written, and as keras-loop-fix would write it; what follows -- goes to the script
  train.py             the same, if all models are built in one loop

Each arm runs in processes of its own, in turn (ABBA). The program is run as if by "python train.py" up to the end of --iterations
iterations of the loop, in the current directory; no file of yours is changed by the verifier.

verdicts:
  faster, same, slower  the results are equal, and the ratio's interval says so; same: not slower
  different             the results are not equal
  inconclusive          more --iterations or --repeats are needed
  failed                an arm crashed, ran out of memory or time

examples:
  keras-loop-verify train.py:42 -- --epochs 1
  keras-loop-verify --device gpu --backend tensorflow,jax --output report.json --plot plots fixtures
  keras-loop-verify --markdown --all-strategies fixtures/kfold_factory

Exit status: 0 every fix is at least as fast and equal, 1 one is slower or differs, 2 something could not be run, 3 not
conclusive.
"""


def parse(argv: Sequence[str]) -> Request:
    """The command line without the program's name. Leaves with ``SystemExit`` after ``--help`` or an error."""
    ours, arguments = list(argv), list[str]()
    if "--" in ours:
        at = ours.index("--")
        ours, arguments = ours[:at], ours[at + 1 :]
    parser = _parser()
    args = parser.parse_args(ours)
    if arguments and len(args.targets) != 1:
        parser.error("arguments after -- need exactly one script")
    limits = Limits(args.iterations or 10, args.seconds, args.timeout, args.warmup, None if args.no_seed else args.seed)
    return Request(
        targets=tuple(args.targets),
        arguments=tuple(arguments),
        backends=args.backend or (default_backend(os.environ),),
        device=args.device,
        settings=Settings(args.strategy, args.unsafe_fixes, args.same_weights, select=args.select),
        plan=Plan(limits, args.repeats, args.budget, own_iterations=args.iterations is None),
        judging=Judging(warmup=args.warmup, minimum_effect=args.minimum_effect, tolerance=args.tolerance),
        compared=NAMES if args.all_strategies else args.compare,
        output=args.output,
        plot=args.plot,
        markdown=args.markdown,
        quiet=args.quiet,
        command=("keras-loop-verify", *argv),
    )


def _whole(least: int) -> Callable[[str], int]:
    return checked(lambda text: text.isdecimal() and int(text) >= least, f"a whole number from {least}", int)


def _is_positive(text: str) -> bool:
    with suppress(ValueError):
        return 0 < float(text) < float("inf")
    return False


def _names(known: Sequence[str]) -> Callable[[str], tuple[str, ...]]:
    def names(text: str) -> tuple[str, ...]:
        found = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
        wrong = [name for name in found if name not in known]
        if wrong or not found:
            raise argparse.ArgumentTypeError(f"{', '.join(wrong) or repr(text)} is none of {', '.join(known)}")
        return found

    return names


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="keras-loop-verify",
        usage="%(prog)s [options] CASE_OR_SCRIPT ... [-- SCRIPT_ARGUMENT ...]",
        description="Run loops as written and fixed, and say whether the fix is faster and gives the same results.",
        epilog=_EPILOG,
    )
    parser.add_argument("targets", nargs="+", metavar="CASE_OR_SCRIPT", help="fixture folders, or scripts as PATH:LINE")

    add = parser.add_argument_group("where").add_argument
    add("--device", choices=("auto", "gpu", "cpu"), default="auto", help="default: a GPU if Keras sees one")
    add("--backend", type=_names(BACKENDS), metavar="NAMES", help=f"of {', '.join(BACKENDS)} (default: Keras' own)")

    positive = checked(_is_positive, "a number above 0", float)
    add = parser.add_argument_group("how much").add_argument
    add("--iterations", type=_whole(1), metavar="N", help="of the loop in each process (default: 10, or the case's own)")
    add("--repeats", type=_whole(1), default=3, metavar="N", help="processes for each arm (default: 3)")
    add("--warmup", type=_whole(0), default=1, metavar="N", help="iterations that count apart (default: 1)")
    text = "begin no iteration later than this, once four warm ones are there (default: 60)"
    add("--seconds", type=positive, default=60.0, metavar="S", help=text)
    add("--timeout", type=positive, default=600.0, metavar="S", help="end a process after this (default: 600)")
    add("--budget", type=positive, metavar="S", help="for a backend: repeat no arm once this is spent")

    add = parser.add_argument_group("which fix").add_argument
    add("--strategy", choices=("auto", *STRATEGIES), default="auto", help="for scripts (default: auto)")
    text = "for scripts: rules, such as KL107 (default: as flake8)"
    add("--select", type=codes, default=(), metavar="CODES", help=text)
    add("--unsafe-fixes", action="store_true", help="for scripts: take a fix that is not safe too")
    add("--same-weights", action="store_true", help="for scripts: every iteration may start from the same weights")
    text = f"measure these strategies too, where they apply: {', '.join(NAMES)} (the compilation cache of XLA or JAX)"
    add("--compare", type=_names(NAMES), default=(), metavar="NAMES", help=text)
    add("--all-strategies", action="store_true", help="measure all of them")

    add = parser.add_argument_group("judging").add_argument
    text = "smaller differences do not count (default: 0.05)"
    add("--minimum-effect", type=positive, default=0.05, metavar="SHARE", help=text)
    text = "of results that are not equal bit for bit (default: 1e-4)"
    add("--tolerance", type=positive, default=1e-4, metavar="T", help=text)
    add("--seed", type=_whole(0), default=0, metavar="N", help="of the first iteration; the next has N+1")
    add("--no-seed", action="store_true", help="leave the program's random streams alone")

    add = parser.add_argument_group("output").add_argument
    add("--output", default="", metavar="FILE", help="write a report with everything that was measured (JSON)")
    add("--plot", default="", metavar="PATH", help="draw time and memory: a folder, or a .png for one case")
    add("--markdown", action="store_true", help="print the table for a pull request")
    add("-q", "--quiet", action="store_true", help="no progress bar, no notes")
    return parser
