"""What the command lines share: how arguments are read, how output is written, and how a run ends."""

from __future__ import annotations

import argparse
import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn, TextIO, TypeVar

from .. import __version__
from ..files.encoding import one_line

_Made = TypeVar("_Made")


class Parser(argparse.ArgumentParser):
    """Takes ``--version`` and no abbreviations, and prints its texts as they are. Errors are one line, without the usage in
    front."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
        self.add_argument("--version", action="version", version=f"%(prog)s {__version__}")

    def error(self, message: str) -> NoReturn:
        """Leave with status 2."""
        self.exit(2, f"{self.prog}: error: {message} (see --help)\n")


def checked(is_right: Callable[[str], bool], expected: str, made: Callable[[str], _Made]) -> Callable[[str], _Made]:
    """What makes a value of an argument's text, if that is right. ``expected``: what it should be, for the error."""

    def value(text: str) -> _Made:
        if not is_right(text):
            raise argparse.ArgumentTypeError(f"{text!r} is not {expected}")
        return made(text)

    return value


def listed(wrong: Callable[[tuple[str, ...]], list[str]], error: str) -> Callable[[str], tuple[str, ...]]:
    """What makes names of an argument's text, separated by commas. ``error``: what is said of those that are ``wrong``."""

    def names(text: str) -> tuple[str, ...]:
        found = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
        if not found or wrong(found):
            raise argparse.ArgumentTypeError(error.format(", ".join(wrong(found)) or repr(text)))
        return found

    return names


def guarded(name: str, command: Callable[[], int]) -> int:
    """The exit status of a command: what it returns, that of ``argparse``, 130 after Ctrl-C, 143 after ``SIGTERM``, 2 after an
    error of the system.

    Both signals are a ``KeyboardInterrupt`` in the command, so that it ends what it has started; what it raises may say more.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # names of files need not be text that the terminal can show
            stream.reconfigure(errors="backslashreplace")
    came: list[int] = []
    try:
        with _terminable(came):
            return command()
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 0
    except KeyboardInterrupt as interrupt:
        emit(sys.stderr, f"{': '.join((name, 'terminated' if came else 'interrupted', *map(str, interrupt.args)))}\n")
        return 143 if came else 130
    except OSError as error:  # of no file: those are dealt with one by one. A full disk behind standard output, mostly
        _silence(sys.stdout)
        emit(sys.stderr, f"{name}: error: {one_line(error)}\n")
        return 2


@contextmanager
def _terminable(came: list[int]) -> Iterator[None]:
    """Let ``SIGTERM`` interrupt as Ctrl-C does. ``came`` gets the signal when it does."""

    def interrupt(number: int, frame: object) -> NoReturn:
        came.append(number)
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():  # which alone may say what signals do
        yield
        return
    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def emit(stream: TextIO, output: str | bytes) -> None:
    """Write to a stream, bytes as they are. A reader that has gone away is no error."""
    try:
        if isinstance(output, str):
            stream.write(output)
        else:
            stream.flush()
            stream.buffer.write(output)
        stream.flush()
    except BrokenPipeError:
        _silence(stream)


def _silence(stream: TextIO) -> None:
    """Let a stream lead nowhere: what it still holds would fail again when Python exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
