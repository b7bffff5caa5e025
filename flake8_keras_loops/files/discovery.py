"""Paths in, files out: what the user names, and what directories hold of it but for what ``.gitignore`` and patterns exclude."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .encoding import one_line

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

DEFAULT_EXCLUDES = (
    ".git/",
    ".venv/",
    "venv/",
    "__pycache__/",
    "node_modules/",
    ".tox/",
    ".nox/",
    ".eggs/",
    "build/",
    "dist/",
    ".ipynb_checkpoints/",
    "site-packages/",
)
_ENDINGS = (".py", ".ipynb")


@dataclass(frozen=True)
class Excludes:
    """``patterns``: in the syntax of ``.gitignore``, relative to the directory ``base``; the defaults stand before them, so that
    ``!build/`` takes one back. ``force``: they apply to files given by name too."""

    patterns: tuple[str, ...] = ()
    base: str = "."
    force: bool = False


@dataclass(frozen=True)
class Found:
    """``files``: sorted, without duplicates. ``errors``: a line for each path that cannot be read."""

    files: tuple[str, ...]
    errors: tuple[str, ...]


@dataclass(frozen=True)
class _Rules:
    """Patterns, and the directory that they are relative to."""

    base: str
    spec: GitIgnoreSpec

    def verdict(self, path: str, is_folder: bool) -> bool | None:
        """Whether an absolute path is excluded; ``None`` where no pattern speaks of it."""
        parts = os.path.relpath(path, self.base).split(os.sep)
        while parts and parts[0] in {os.pardir, os.curdir}:  # beside the base: only patterns for names can match
            parts = parts[1:]
        if not parts:
            return None
        return self.spec.check_file("/".join(parts) + ("/" if is_folder else "")).include


def collect(paths: tuple[str, ...], excludes: Excludes) -> Found:
    """The files to look at. A file given by name is one whatever it is called; links to directories are not followed."""
    errors: list[str] = []
    files: list[str] = []
    for path in paths:
        if os.path.isdir(path):
            rules = _exclude_rules(excludes)
            if not (excludes.force and rules.verdict(os.path.abspath(path), True)):
                files += _walk_named(path, rules, errors)
        elif not os.path.exists(path):
            errors.append(f"{path}: error: {'a broken link' if os.path.islink(path) else 'no such file or directory'}")
        elif not is_excluded(path, excludes):
            files.append(_shown(path))
    unique = {os.path.realpath(file): file for file in sorted(files, key=_order, reverse=True)}
    return Found(tuple(sorted(unique.values(), key=_order)), tuple(errors))


def is_pattern(line: str) -> bool:
    """Whether a line makes sense as a pattern of ``.gitignore``."""
    try:
        _spec([line])
    except (ValueError, re.error):
        return False
    return True


def is_excluded(path: str, excludes: Excludes) -> bool:
    """Whether a file given by name is excluded, which takes ``force``."""
    return excludes.force and bool(_exclude_rules(excludes).verdict(os.path.abspath(path), False))


def _shown(path: str) -> str:
    """A path without needless parts; ``..`` behind a link does not lead back and stays."""
    plain = os.path.normpath(path)
    is_same = os.pardir not in path.split(os.sep) or os.path.realpath(plain) == os.path.realpath(path)
    return plain if is_same else path


def _order(path: str) -> list[str]:
    return path.split(os.sep)


def _spec(lines: Iterable[str]) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec  # a run over files given by name need not wait for it

    return GitIgnoreSpec.from_lines(lines)


def _exclude_rules(excludes: Excludes) -> _Rules:
    return _Rules(os.path.abspath(excludes.base), _spec([*DEFAULT_EXCLUDES, *excludes.patterns]))


def _walk_named(path: str, excludes: _Rules, errors: list[str]) -> Iterator[str]:
    """The files of a directory that the user names: that it is itself excluded says nothing then of what it holds."""
    top = os.path.abspath(path)
    inherited = _rules_in(os.path.dirname(top), errors) or ()
    if _is_ignored(inherited, top, True):
        inherited = ()
    if excludes.verdict(top, True):
        excludes = _Rules(top, excludes.spec)
    yield from _walk(path, inherited, excludes, errors)


def _walk(folder: str, inherited: tuple[_Rules, ...], excludes: _Rules, errors: list[str]) -> Iterator[str]:
    """Files below a folder. ``inherited``: rules of the ignore files above it, the nearest last."""
    here = os.path.abspath(folder)
    try:
        with os.scandir(folder) as scan:
            entries = sorted(scan, key=lambda entry: entry.name)
    except OSError as error:
        errors.append(f"{folder}: error: cannot be read: {one_line(error)}")
        return
    names = {entry.name for entry in entries}
    rules = _of_repository(here) if ".git" in names else inherited  # a repository inside another has rules of its own
    if ".gitignore" in names:
        rules += _ignore_file(os.path.join(here, ".gitignore"), here, errors)
    for entry in entries:
        inner = os.path.join(here, entry.name)
        try:
            is_folder = entry.is_dir(follow_symlinks=False)
            if not is_folder and not (entry.name.endswith(_ENDINGS) and entry.is_file()):
                continue
        except OSError as error:
            errors.append(f"{os.path.join(folder, entry.name)}: error: cannot be read: {one_line(error)}")
            continue
        if excludes.verdict(inner, is_folder) or _is_ignored(rules, inner, is_folder):
            continue
        path = _shown(os.path.join(folder, entry.name))
        if is_folder:
            yield from _walk(path, rules, excludes, errors)
        else:
            yield path


def _is_ignored(rules: tuple[_Rules, ...], path: str, is_folder: bool) -> bool:
    """The nearest ignore file that speaks of a path decides."""
    verdicts = (rule.verdict(path, is_folder) for rule in reversed(rules))
    return next((verdict for verdict in verdicts if verdict is not None), False)


def _rules_in(folder: str, errors: list[str]) -> tuple[_Rules, ...] | None:
    """The rules of the ignore files for a folder, from the top of its repository down; ``None`` outside a repository."""
    parent = os.path.dirname(folder)
    if os.path.exists(os.path.join(folder, ".git")):
        rules: tuple[_Rules, ...] | None = _of_repository(folder)
    else:
        rules = _rules_in(parent, errors) if parent != folder else None
    return None if rules is None else rules + _ignore_file(os.path.join(folder, ".gitignore"), folder, errors)


def _of_repository(top: str) -> tuple[_Rules, ...]:
    """The rules in ``.git/info/exclude`` of a repository's top directory; ``.git`` may be a file that names the place."""
    place = os.path.join(top, ".git")
    if os.path.isfile(place):
        place = os.path.join(top, _first_line(place).removeprefix("gitdir:").strip())
        common = _first_line(os.path.join(place, "commondir")).strip()
        place = os.path.join(place, common) if common else place
    return _ignore_file(os.path.join(place, "info", "exclude"), top, [])


def _first_line(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.readline()
    except OSError:
        return ""


def _ignore_file(path: str, base: str, errors: list[str]) -> tuple[_Rules, ...]:
    try:
        with open(path, encoding="utf-8-sig", errors="surrogateescape") as file:
            lines = file.read().split("\n")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return ()
    except OSError as error:
        errors.append(f"{path}: error: cannot be read: {one_line(error)}")
        return ()
    # git passes over a pattern that makes no sense, so the others still hold
    return (_Rules(base, _spec(line for line in lines if is_pattern(line))),)
