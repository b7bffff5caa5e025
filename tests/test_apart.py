"""What happens in a process apart fails the test that asked for it, and nothing after it."""

from __future__ import annotations

import os
import signal
import sys
import time

import apart
import pytest


def test_a_result_comes_back_from_another_process() -> None:
    assert apart.apart(sorted, "cab") == ["a", "b", "c"]
    child = apart.apart(os.getpid)
    assert child != os.getpid()
    assert apart.apart(os.getpid) == child


def test_an_exception_is_an_assertion_that_failed() -> None:
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        apart.apart(divmod, 1, 0)
    with pytest.raises(AssertionError, match="SystemExit"):
        apart.apart(sys.exit, 1)
    assert apart.apart(divmod, 7, 2) == (3, 1)


def test_a_crash_is_one_too() -> None:
    with pytest.raises(AssertionError, match=f"exit status {-signal.SIGSEGV}"):
        apart.apart(signal.raise_signal, signal.SIGSEGV)
    with pytest.raises(AssertionError, match="exit status 3"):
        apart.apart(os._exit, 3)
    assert apart.apart(divmod, 7, 2) == (3, 1)


def test_so_is_what_does_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "LIMIT_S", 0.1)
    with pytest.raises(AssertionError, match=r"sleep: no end after 0\.1 s"):
        apart.apart(time.sleep, 3600)
    monkeypatch.undo()
    assert apart.apart(divmod, 7, 2) == (3, 1)
