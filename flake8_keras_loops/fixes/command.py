"""``keras-loop-fix`` as a LibCST codemod, for campaigns over many repositories that run such commands already.

``python -m libcst.tool codemod -x --no-format flake8_keras_loops.fixes.command.KerasLoopFixCommand PATH...``
"""

from __future__ import annotations

import argparse
import os
from contextlib import suppress
from functools import partial
from pathlib import Path

import libcst as cst
from libcst.codemod import CodemodCommand, CodemodContext, SkipFile

from ..examine import AnalysisError
from ..semantics.modules import Modules
from .edit import LOSSY, read
from .helpers import why_not_imported
from .outcome import STRATEGIES, Settings
from .rewrite import rewrite


class KerasLoopFixCommand(CodemodCommand):
    """Fix loops that build a Keras model in every iteration. What is not fixed becomes a warning of the run."""

    DESCRIPTION = "Fix loops that build a Keras model in every iteration."

    def __init__(
        self,
        context: CodemodContext,
        strategy: str = "auto",
        unsafe_fixes: bool = False,
        same_weights: bool = False,
        helper_module: str = "",
    ) -> None:
        super().__init__(context)
        self.settings = Settings(strategy, unsafe_fixes, same_weights, helper_module)

    @staticmethod
    def add_args(arg_parser: argparse.ArgumentParser) -> None:
        """The options of ``keras-loop-fix`` that say which fixes to make."""
        arg_parser.add_argument("--strategy", choices=("auto", *STRATEGIES), default="auto", help="how to fix (default: auto)")
        arg_parser.add_argument("--unsafe-fixes", action="store_true", help="apply fixes too that may change what is computed")
        arg_parser.add_argument("--same-weights", action="store_true", help="every iteration may start from the same weights")
        text = "import helper functions from this module, which must be there (keras-loop-fix --print-helper)"
        arg_parser.add_argument("--helper-module", default="", metavar="MODULE", help=text)

    def transform_module_impl(self, tree: cst.Module) -> cst.Module:
        """The module with its fixes, itself where there are none. Raises ``SkipFile``, with one line, for what cannot be done."""
        path = os.path.abspath(self.context.filename) if self.context.filename else ""
        with suppress(OSError):  # the run writes the whole file, so that what LibCST has not read would be lost
            if path and Path(path).read_bytes() != tree.bytes:
                raise SkipFile(LOSSY)
        project = Modules(self.settings.options.src)
        module = self.settings.helper_module
        # Whether LibCST writes what comes back or shows it as a diff is not known here, so that a module has to be there.
        reason = partial(why_not_imported, dotted=module, importer=path, project=project, may_write=False)
        try:
            done = rewrite(tree.code, path, self.settings, project, why_not_imported=reason)
            new = tree if done.text == tree.code else read(done.text)[0].with_changes(encoding=tree.encoding)
        except (AnalysisError, ValueError) as error:
            raise SkipFile(str(error)) from None
        for outcome in done.outcomes:
            if not outcome.applied:
                self.warn(f"line {outcome.finding.line}: {outcome.finding.code} {outcome.finding.message}{_why(outcome.reason)}")
        return new


def _why(reason: str) -> str:
    return f" [{reason}]" if reason else ""
