"""``keras-loop-verify``: reads the command line, has it verified, prints, and sets the exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec

from ..files.encoding import one_line
from .shell import emit, guarded

_NAME = "keras-loop-verify"
_EXTRA = ("numpy", "psutil", "scipy")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0 every fix is at least as fast and equal, 1 one is slower or differs, 2
    something could not be run, 3 not conclusive, 130 after Ctrl-C."""
    missing = [name for name in _EXTRA if find_spec(name) is None]
    if missing:
        return _error(f"{missing[0]} is missing: pip install 'flake8-keras-loops[verify]'")
    if not hasattr(os, "killpg"):
        return _error("needs a POSIX system, to end programs with all that they have started")
    return guarded(_NAME, lambda: _verify(sys.argv[1:] if argv is None else argv))


def _verify(argv: Sequence[str]) -> int:
    from ..verify import session  # needs the extra
    from ..verify.judge.verdicts import exit_status
    from ..verify.program.cases import CaseError
    from ..verify.run.devices import DeviceError
    from . import verify_arguments

    request = verify_arguments.parse(argv)
    try:
        done = session.run(request, os.environ, _say)
    except (CaseError, DeviceError) as error:
        return _error(str(error))
    emit(sys.stdout, session.shown(done))
    for line in session.remarks(done):
        _say(line)
    status = exit_status(done.results) if done.results else _error("no case is for the backends that were asked for")
    try:
        session.write(done)
    except OSError as error:
        status = _error(f"{error.filename or request.output}: {one_line(error)}")
    if done.interrupted:
        raise KeyboardInterrupt
    return status


def _say(line: str) -> None:
    emit(sys.stderr, f"{line}\n")


def _error(message: str) -> int:
    _say(f"{_NAME}: error: {message}")
    return 2


if __name__ == "__main__":
    sys.exit(main())
