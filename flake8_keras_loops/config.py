"""``[tool.keras-loop-fix]`` in ``pyproject.toml``."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .examine import Options
from .files.discovery import is_pattern
from .fixes.outcome import STRATEGIES
from .rules import unknown

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

TABLE = "keras-loop-fix"
FORMATS = ("text", "json", "github", "sarif")
_DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")


class ConfigError(Exception):
    """A configuration that cannot be used. The message is one line, with the file and the key."""


@dataclass(frozen=True)
class Config:
    """What the configuration file says, or the defaults. ``file``: where it is, ``""`` for none. ``jobs``: 0 for as many as are
    useful. ``exclude`` and ``src`` are relative to the file's directory. The rest is as on the command line."""

    file: str = ""
    strategy: str = "auto"
    unsafe_fixes: bool = False
    same_weights: bool = False
    helper_module: str = ""
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    force_exclude: bool = False
    jobs: int = 0
    output_format: str = "text"
    factories: tuple[str, ...] = ()
    clearing: tuple[str, ...] = ()
    src: tuple[str, ...] = ()

    @property
    def options(self) -> Options:
        """The analysis's part."""
        return Options(frozenset(self.factories), frozenset(self.clearing), self.src)


def find(paths: tuple[str, ...]) -> str:
    """The nearest ``pyproject.toml`` with our table, upward from what all the paths share; ``""`` for none.

    Raises :class:`ConfigError` for a file on the way that is not valid TOML.
    """
    folders = [path if os.path.isdir(path) else os.path.dirname(path) for path in map(os.path.abspath, paths)]
    try:
        folder = os.path.commonpath(folders) if folders else os.path.abspath(os.curdir)
    except ValueError:  # on several drives
        folder = os.path.abspath(os.curdir)
    while True:
        file = os.path.join(folder, "pyproject.toml")
        if os.path.isfile(file) and _table(file) is not None:
            return file
        if os.path.dirname(folder) == folder:
            return ""
        folder = os.path.dirname(folder)


def load(file: str) -> Config:
    """Read a configuration file. Raises :class:`ConfigError` if it has no table of ours, or keys or values that are wrong."""
    table = _table(file)
    if table is None:
        raise ConfigError(f"{file}: has no table [tool.{TABLE}]")
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in _KEYS:
            raise ConfigError(f"{file}: unknown key {key!r} in [tool.{TABLE}]; known are {', '.join(_KEYS)}")
        expected, check = _KEYS[key]
        if not check(value):
            raise ConfigError(f"{file}: {key} in [tool.{TABLE}] must be {expected}, not {value!r}")
        values[key.replace("-", "_")] = tuple(value) if isinstance(value, list) else value
    here = os.path.dirname(os.path.abspath(file))
    values["src"] = tuple(os.path.join(here, folder) for folder in values.get("src", ()))
    return Config(file, **values)


def is_module(name: object) -> bool:
    """Whether a value is a dotted name, as a helper module has one."""
    return isinstance(name, str) and _DOTTED.fullmatch(name) is not None


def _table(file: str) -> dict[str, Any] | None:
    try:
        with open(file, "rb") as opened:
            table: Any = tomllib.load(opened)
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"{file}: not valid TOML: {' '.join(str(error).split())}") from None
    for name in ("tool", TABLE):
        table = table.get(name)
        if table is None:
            return None
        if not isinstance(table, dict):
            raise ConfigError(f"{file}: {name} must be a table")
    return dict(table)


def _is_bool(value: object) -> bool:
    return isinstance(value, bool)


def _is_strings(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(entry, str) for entry in value)


def _is_codes(value: object) -> bool:
    return isinstance(value, list) and _is_strings(value) and not unknown(tuple(value))


def _is_patterns(value: object) -> bool:
    return isinstance(value, list) and _is_strings(value) and all(map(is_pattern, value))


def _is_jobs(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


_STRINGS = ("a list of strings", _is_strings)
_CODES = ("a list of codes or their beginnings, such as KL101 or KL", _is_codes)
_BOOL = ("true or false", _is_bool)
_KEYS: dict[str, tuple[str, Callable[[object], bool]]] = {
    "strategy": (f"one of auto, {', '.join(STRATEGIES)}", lambda value: value in ("auto", *STRATEGIES)),
    "unsafe-fixes": _BOOL,
    "same-weights": _BOOL,
    "helper-module": ("the dotted name of a module", is_module),
    "select": _CODES,
    "ignore": _CODES,
    "exclude": ("a list of patterns as in .gitignore", _is_patterns),
    "force-exclude": _BOOL,
    "jobs": ("a whole number above 0", _is_jobs),
    "output-format": (f"one of {', '.join(FORMATS)}", lambda value: value in FORMATS),
    "factories": _STRINGS,
    "clearing": _STRINGS,
    "src": _STRINGS,
}
