"""``keras-loop-campaign``: reads the command line, has the campaign run, and sets the exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec

from ..files.encoding import one_line
from .shell import emit, guarded

_NAME = "keras-loop-campaign"
_EXTRA = ("ray", "pyarrow", "pandas")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0 nothing found, 1 findings, 2 an error, 130 after Ctrl-C, 143 on SIGTERM."""
    return guarded(_NAME, lambda: _campaign(sys.argv[1:] if argv is None else argv))


def _campaign(argv: Sequence[str]) -> int:
    from . import campaign_arguments

    asked = campaign_arguments.parse(argv, os.environ)
    missing = [name for name in _EXTRA if find_spec(name) is None]
    if missing:
        return _error(f"{missing[0]} is missing: pip install 'flake8-keras-loops[ray]'")
    if not hasattr(os, "fork"):
        return _error("needs a POSIX system, to look at each repository in a process of its own")
    from ..campaign import cluster, running  # need the extra
    from ..campaign.results import OutputError
    from ..campaign.tables import InputError

    def say(line: str) -> None:
        if not asked.quiet and sys.stderr.isatty():
            emit(sys.stderr, f"{line} ...\n")

    try:
        machine = cluster.Machine(asked.workers, asked.store, asked.address)
        summary = running.run(running.inputs(asked.paths, asked.parents), asked.output, asked.asked, machine, say)
    except (InputError, OutputError) as error:
        return _error(str(error))
    except cluster.failures() as error:
        return _error(f"Ray: {one_line(error)}")
    if not asked.quiet:
        emit(sys.stderr, f"{running.shown(summary)} -> {asked.output}\n")
    return summary.status


def _error(message: str) -> int:
    emit(sys.stderr, f"{_NAME}: error: {message}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
