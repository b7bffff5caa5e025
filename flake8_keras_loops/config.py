"""``[tool.keras-loop-fix]`` in ``pyproject.toml``."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .examine import Options
from .files.discovery import Excludes, is_pattern
from .files.encoding import SourceError, read_toml
from .files.module_place import is_module_name
from .fixes.outcome import STRATEGIES, Settings
from .rules import OF_FIXER, RULES, unknown

TABLE = "keras-loop-fix"
FORMATS = ("text", "json", "github", "sarif")


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
    enable: tuple[str, ...] = ()
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

    @property
    def settings(self) -> Settings:
        """The part of the fixes."""
        weights = (self.unsafe_fixes, self.same_weights)
        enable = (*OF_FIXER, *self.enable)
        return Settings(self.strategy, *weights, self.helper_module, self.select, self.ignore, enable, self.options)


def find(paths: tuple[str, ...]) -> str:
    """The nearest ``pyproject.toml`` with our table, upward from what all the paths share; ``""`` for none.

    Raises :class:`ConfigError` for a file on the way that is not valid TOML.
    """
    folders = [path if os.path.isdir(path) else os.path.dirname(path) for path in map(os.path.abspath, paths)]
    try:
        top = Path(os.path.commonpath(folders))
    except ValueError:  # on several drives
        top = Path.cwd()
    files = (str(folder / "pyproject.toml") for folder in (top, *top.parents))
    return next((file for file in files if os.path.isfile(file) and _table(file) is not None), "")


def load(file: str) -> Config:
    """Read a configuration file. Raises :class:`ConfigError` if it has no table of ours, or keys or values that are wrong."""
    table = _table(file)
    if table is None:
        raise ConfigError(f"{file}: has no table [tool.{TABLE}]")
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in _KEYS:
            raise ConfigError(f"{file}: unknown key {key!r} in [tool.{TABLE}]; known are {', '.join(_KEYS)}")
        expected, is_right = _KEYS[key]
        if not is_right(value):
            raise ConfigError(f"{file}: {key} in [tool.{TABLE}] must be {expected}, not {value!r}")
        values[key.replace("-", "_")] = tuple(value) if isinstance(value, list) else value
    here = os.path.dirname(os.path.abspath(file))
    values["src"] = tuple(os.path.join(here, folder) for folder in values.get("src", ()))
    return Config(file, **values)


def resolve(file: str, given: Mapping[str, Any]) -> tuple[Config, Excludes]:
    """What a configuration file (``""`` for none) and the fields of :class:`Config` ``given`` on the command line come to, and
    the files that are left out. Patterns of the file are relative to its directory, others to the working directory.

    Raises :class:`ConfigError`.
    """
    wanted = replace(load(file) if file else Config(), **given)
    base = os.path.dirname(wanted.file) if "exclude" not in given else ""
    return wanted, Excludes(tuple(wanted.exclude), base or os.curdir, wanted.force_exclude)


def _table(file: str) -> dict[str, Any] | None:
    try:
        table: Any = read_toml(file)
    except SourceError as error:
        raise ConfigError(f"{file}: {error}") from None
    for name in ("tool", TABLE):
        table = table.get(name)
        if table is None:
            return None
        if not isinstance(table, dict):
            raise ConfigError(f"{file}: {name} must be a table")
    return dict(table)


def _is_list(value: object, is_right: Callable[[str], bool] = lambda entry: True) -> bool:
    """Whether a value is a list of strings, each of which is right."""
    return isinstance(value, list) and all(isinstance(entry, str) and is_right(entry) for entry in value)


_STRINGS = ("a list of strings", _is_list)
_CODES = (
    "a list of codes or their beginnings, such as KL101 or KL",
    lambda value: _is_list(value, lambda code: not unknown((code,))),
)
_BOOL = ("true or false", lambda value: isinstance(value, bool))
#: Each key, with what its value must be, and whether it is.
_KEYS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "strategy": (f"one of auto, {', '.join(STRATEGIES)}", lambda value: value in ("auto", *STRATEGIES)),
    "unsafe-fixes": _BOOL,
    "same-weights": _BOOL,
    "helper-module": ("the dotted name of a module", is_module_name),
    "select": _CODES,
    "ignore": _CODES,
    "enable": ("a list of codes, such as KL203", lambda value: _is_list(value, lambda code: code in RULES)),
    "exclude": ("a list of patterns as in .gitignore", lambda value: _is_list(value, is_pattern)),
    "force-exclude": _BOOL,
    "jobs": ("a whole number above 0", lambda value: type(value) is int and value > 0),
    "output-format": (f"one of {', '.join(FORMATS)}", lambda value: value in FORMATS),
    "factories": _STRINGS,
    "clearing": _STRINGS,
    "src": _STRINGS,
}
