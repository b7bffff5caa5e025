"""The flake8 adapter: options in, findings out. Nothing else."""

from __future__ import annotations

import argparse
import ast
import logging
import os
from collections.abc import Iterator
from typing import Any, ClassVar

from flake8.exceptions import ExecutionError

from . import __version__
from .examine import AnalysisError, Options, detect
from .rules import no_rules, selected
from .semantics.modules import Modules

_LOG = logging.getLogger("flake8_keras_loops")


class Plugin:
    """Called by flake8 once a file."""

    name = "flake8-keras-loops"
    version = __version__
    options: ClassVar[Options] = Options()
    project: ClassVar[Modules] = Modules()
    enabled: ClassVar[tuple[str, ...]] = ()

    def __init__(self, tree: ast.Module, filename: str, lines: list[str]) -> None:
        self.tree = tree
        self.filename = filename
        self.lines = lines

    @staticmethod
    def add_options(manager: Any) -> None:
        """Declare the options, on the command line and in flake8's configuration files."""
        for option, metavar, text in (
            ("--keras-loops-factories", "NAMES", "Further functions that build a Keras model, separated by commas."),
            ("--keras-loops-clearing", "NAMES", "Further functions that clear the Keras session, separated by commas."),
            ("--keras-loops-enable", "CODES", "Rules that are off unless they stand here: KL107, KL203."),
            ("--keras-loops-src", "DIRS", "Further directories that the project's imports start from, separated by commas."),
        ):
            manager.add_option(
                option,
                default="",
                comma_separated_list=True,
                normalize_paths=option.endswith("src"),
                parse_from_config=True,
                metavar=metavar,
                help=text,
            )

    @classmethod
    def parse_options(cls, options: argparse.Namespace) -> None:
        """Take the options over; flake8 calls this in every worker process. Raises what ends flake8 with one line."""
        cls.options = Options(
            frozenset(options.keras_loops_factories), frozenset(options.keras_loops_clearing), tuple(options.keras_loops_src)
        )
        cls.project = Modules(cls.options.src)
        cls.enabled = tuple(options.keras_loops_enable)
        if wrong := no_rules(cls.enabled):
            raise ExecutionError(f"--keras-loops-enable: there is no rule {wrong[0]!r}")

    def run(self) -> Iterator[tuple[int, int, str, type[Plugin]]]:
        """Yield ``(line, column, text, type)`` for each finding."""
        is_file = self.filename not in {"-", "stdin", "(none)"}
        path = os.path.abspath(self.filename) if is_file else os.path.abspath("stdin.py")
        try:
            findings = detect("".join(self.lines), path, self.options, self.project, self.tree)
        except AnalysisError as error:
            _LOG.warning("%s: not analysed by flake8-keras-loops: %s", self.filename, error)
            return
        except Exception as error:  # a mistake of ours must not end a run over a whole repository
            _LOG.warning("%s: not analysed by flake8-keras-loops, please report: %r", self.filename, error)
            return
        for finding in findings:
            if not selected(finding.code, (), (), self.enabled):
                continue  # --select KL does not ask for opt-in rules
            yield finding.line, finding.column, f"{finding.code} {finding.message}", type(self)
