"""Wait for other processes until something is so, however long that takes on the machine at hand."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from apart import LIMIT_S

#: For the program of a process that is to be interrupted: Python leaves Ctrl-C alone where it was started in the background.
HEEDS_CTRL_C = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"


def wait_for(condition: Callable[[], object]) -> None:
    for _ in range(20 * LIMIT_S):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it never came")


def is_running(pid: int) -> bool:
    """Whether a process is there that has not ended."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not (state.exists() and state.read_text().split()[2] == "Z")
