"""Writing to standard output and standard error, whatever is behind them."""

from __future__ import annotations

import io
import os
import sys
from typing import TextIO


def show_any_name() -> None:
    """Let both streams take file names that are not text the terminal can show."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


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
        silence(stream)


def silence(stream: TextIO) -> None:
    """Let a stream lead nowhere: what it still holds would fail again when Python exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
