"""``keras-loop-verify``: reads the command line, has it verified, prints, and sets the exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

from ..files.encoding import one_line
from .streams import emit, show_any_name

if TYPE_CHECKING:
    from ..verify.session import Request

_EXTRA = ("numpy", "psutil", "rich", "scipy")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0 every fix is at least as fast and equal, 1 one is slower or differs, 2
    something could not be run, 3 not conclusive, 130 after Ctrl-C."""
    show_any_name()
    missing = [name for name in _EXTRA if find_spec(name) is None]
    if missing:
        return _error(f"{missing[0]} is missing: pip install 'flake8-keras-loops[verify]'")
    if not hasattr(os, "killpg"):
        return _error("needs a POSIX system, to end programs with all that they have started")
    from . import verify_arguments  # needs the extra

    try:
        request = verify_arguments.parse(sys.argv[1:] if argv is None else argv)
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 0
    return _run(request)


def _run(request: Request) -> int:
    from ..verify import session  # needs the extra
    from ..verify.judge.verdicts import exit_status
    from ..verify.program.cases import CaseError
    from ..verify.run.devices import DeviceError

    try:
        done = session.run(request, os.environ, _say)
    except (CaseError, DeviceError) as error:
        return _error(str(error))
    except KeyboardInterrupt:
        return _interrupted()
    emit(sys.stdout, session.shown(done))
    for line in session.remarks(done):
        _say(line)
    status = exit_status(done.results) if done.results else _error("no case is for the backends that were asked for")
    try:
        session.write(done)
    except OSError as error:
        status = _error(f"{error.filename or request.output}: {one_line(error)}")
    return _interrupted() if done.interrupted else status


def _say(line: str) -> None:
    emit(sys.stderr, f"{line}\n")


def _error(message: str) -> int:
    _say(f"keras-loop-verify: error: {message}")
    return 2


def _interrupted() -> int:
    _say("keras-loop-verify: interrupted")
    return 130


if __name__ == "__main__":
    sys.exit(main())
