"""``keras-loop-verify``: reads the command line, runs the experiment, prints, and sets the exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec

from .streams import emit, show_any_name

_EXTRA = ("numpy", "psutil", "rich", "scipy")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0 every fix is at least as fast and equal, 1 one is slower or differs, 2
    something could not be run, 3 not conclusive, 130 after Ctrl-C."""
    show_any_name()
    missing = [name for name in _EXTRA if find_spec(name) is None]
    if missing:
        emit(sys.stderr, f"keras-loop-verify: error: {missing[0]} is missing: pip install 'flake8-keras-loops[verify]'\n")
        return 2
    if not hasattr(os, "killpg"):
        emit(sys.stderr, "keras-loop-verify: error: needs a POSIX system, to end programs with all that they have started\n")
        return 2
    from . import verify_arguments, verify_run

    try:
        request = verify_arguments.parse(sys.argv[1:] if argv is None else argv)
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 0
    return verify_run.run(request, os.environ)


if __name__ == "__main__":
    sys.exit(main())
