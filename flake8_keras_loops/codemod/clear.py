"""Stub."""

from __future__ import annotations

from ..analysis.detect import Detection, Examined
from .draft import Draft, Taken
from .home import NoFixError
from .outcome import Settings
from .syntax import Syntax


def draft(detection: Detection, examined: Examined, syntax: Syntax, settings: Settings, taken: Taken) -> Draft:
    raise NoFixError("not written yet")
