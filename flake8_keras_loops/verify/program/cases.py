"""What is to be measured: a fixture folder, or a loop in a user's script, as programs to run (*arms*) with the place of their
loop."""

from __future__ import annotations

import ast
import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...examine import AnalysisError
from ...files import encoding
from ...files.encoding import SourceError
from ...files.project import parse
from ...fixes.outcome import Outcome, Rewritten, Settings
from ...fixes.rewrite import rewrite
from ..measurement import AFTER, BEFORE
from . import instrument
from .instrument import Place, PlaceError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

SPEC = "case.toml"
FAMILIES = ("tensorflow", "jax", "torch", "tf-keras")
EXPECTED = ("faster", "same", "none")
_TARGET = re.compile(r"(.+):(\d+)", re.DOTALL)


class CaseError(Exception):
    """Something that cannot be measured. The message is one line, with the place."""


@dataclass(frozen=True)
class Program:
    """One arm. ``text``: what is run. ``file``: what it takes itself for. ``place``: of its loop. ``variables``: environment
    variables of its process; ``{scratch}`` in them stands for a folder that is empty at the start of each run. ``families``:
    backends it is for, empty for all."""

    arm: str
    text: str
    file: str
    place: Place
    variables: Mapping[str, str] = field(default_factory=dict)
    families: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """``loop``: where it is, as the user knows it. ``programs``: the arms, ``before`` first. ``strategy``: of the fix.
    ``expect``: verdict by backend family, ``None`` for a user's script, which is run on every backend. ``needs``: distributions
    beyond Keras. ``left_out``: arms that could not be made, with the reason. ``arguments``: of the script. ``select``: rules
    beyond the default. ``iterations``:
    how many its claim needs, if the command line says nothing else."""

    name: str
    title: str
    loop: str
    programs: tuple[Program, ...]
    strategy: str = ""
    expect: Mapping[str, str] | None = None
    needs: tuple[str, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    iterations: int | None = None


@dataclass(frozen=True)
class Spec:
    """A ``case.toml``, see ``fixtures/README.md``."""

    title: str
    codes: tuple[str, ...]
    strategy: str
    expect: Mapping[str, str]
    unsafe: bool = False
    select: tuple[str, ...] = ()
    by_hand: bool = False
    loop: int | None = None
    iterations: int | None = None
    needs: tuple[str, ...] = ()
    arms: Mapping[str, str] = field(default_factory=dict)

    def settings(self) -> Settings:
        """How the codemod writes this case's ``after.py``."""
        return Settings(strategy=self.strategy or "auto", unsafe=self.unsafe, select=self.select)


# -- fixtures


def folders(path: Path) -> list[Path]:
    """The cases that a folder is or holds. Raises :class:`CaseError` if there is none."""
    if (path / SPEC).is_file():
        return [path]
    try:
        found = sorted(spec.parent for spec in path.glob(f"*/{SPEC}"))
    except OSError as error:
        raise CaseError(f"{path}: cannot be read: {encoding.one_line(error)}") from None
    if not found:
        raise CaseError(f"{path}: no {SPEC} in it or in a folder of it")
    return found


def load_spec(folder: Path) -> Spec:
    """Read a ``case.toml``. Raises :class:`CaseError`, also for keys it does not know."""
    path = folder / SPEC
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise CaseError(f"{path}: {encoding.one_line(error)}") from None
    try:
        return _spec(values)
    except ValueError as error:
        raise CaseError(f"{path}: {error}") from None


def load(folder: Path) -> Case:
    """The case of a fixture folder: ``before``, ``after`` and its own further arms. Raises :class:`CaseError`."""
    spec = load_spec(folder)
    before = folder / "before.py"
    text = _read(before)
    place = _place_of_case(spec, before, text)
    programs = [Program(BEFORE, text, str(before), place)]
    after = folder / "after.py"
    if spec.strategy:
        programs.append(Program(AFTER, _read(after), str(after), place))
    for arm, relative in spec.arms.items():
        other = Path(os.path.normpath(folder / relative))
        other_text = _read(other)
        # A program of the same case has the same loop, one of another case has its own.
        is_own = other.parent == Path(os.path.normpath(folder))
        its_place = place if is_own else _place_of_case(load_spec(other.parent), other, other_text)
        programs.append(Program(arm, other_text, str(other), its_place))
    return Case(
        folder.resolve().name,
        spec.title,
        f"{before}:{place.line}",
        tuple(programs),
        spec.strategy,
        spec.expect,
        spec.needs,
        select=spec.select,
        iterations=spec.iterations,
    )


def _spec(values: dict[str, Any]) -> Spec:
    known: dict[str, tuple[type, ...]] = {
        "title": (str,),
        "codes": (list,),
        "strategy": (str,),
        "expect": (dict,),
        "unsafe": (bool,),
        "select": (list,),
        "by_hand": (bool,),
        "loop": (int,),
        "iterations": (int,),
        "needs": (list,),
        "arms": (dict,),
    }
    if unknown := sorted(set(values) - set(known)):
        raise ValueError(f"unknown key {unknown[0]!r}")
    if missing := [key for key in ("title", "codes", "strategy", "expect") if key not in values]:
        raise ValueError(f"key {missing[0]!r} is missing")
    for key, value in values.items():
        if type(value) not in known[key]:
            raise ValueError(f"{key} is of the wrong type")
    for family, verdict in values["expect"].items():
        if family not in FAMILIES or verdict not in EXPECTED:
            raise ValueError(f"expect: {family} = {verdict!r} is not one of {', '.join(FAMILIES)} = {', '.join(EXPECTED)}")
    given: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    return Spec(**given)


def _place_of_case(spec: Spec, path: Path, text: str) -> Place:
    return _place(str(path), text, Settings(select=spec.select), spec.loop)


# -- a user's script


def split(target: str) -> tuple[Path, int | None]:
    """``train.py:42`` as path and line. A file that is really called so is taken as it is."""
    found = _TARGET.fullmatch(target)
    if found and not os.path.exists(target):
        return Path(found[1]), int(found[2])
    return Path(target), None


def of_script(path: Path, line: int | None, arguments: Sequence[str], settings: Settings) -> Case:
    """The loop of a script, as written and as the codemod writes it. Raises :class:`CaseError` if it has no fix for the loop."""
    text = _read(path)
    place = _place(str(path), text, settings, line)
    name = f"{path}:{place.line}"
    rewritten = _rewrite(path, text, settings)
    outcome = _outcome(rewritten, place)
    if outcome is None:
        raise CaseError(f"{name}: nothing to fix: flake8 reports no model that is built again in this loop")
    if not outcome.applied:
        raise CaseError(f"{name}: {_why_not(outcome, rewritten)}")
    programs = (Program(BEFORE, text, str(path), place), Program(AFTER, rewritten.text, str(path), place))
    return Case(name, outcome.finding.message, name, programs, outcome.strategy, arguments=tuple(arguments))


# -- both


def _read(path: Path) -> str:
    try:
        if path.is_dir():
            raise CaseError(f"{path}: is a directory without {SPEC}")
        if path.suffix == ".ipynb":
            raise CaseError(f"{path}: notebooks cannot be verified: export it as a script")
        return encoding.decode(encoding.read_bytes(str(path)), str(path)).text
    except SourceError as error:
        raise CaseError(f"{path}: {error}") from None


def _rewrite(path: Path, text: str, settings: Settings) -> Rewritten:
    try:
        return rewrite(text, os.path.abspath(path), settings)
    except AnalysisError as error:
        raise CaseError(f"{path}: {error}") from None


def _place(path: str, text: str, settings: Settings, line: int | None) -> Place:
    """The loop on a line, or of the finding on it; without a line, the loop of the only findings."""
    try:
        tree = parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        where = f":{error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        raise CaseError(f"{path}{where}: does not parse: {encoding.one_line(error).split(' (<unknown>')[0]}") from None
    try:
        if line is not None:
            with_finding = {o.finding.line: o.finding.loop for o in _rewrite(Path(path), text, settings).outcomes}
            if line in with_finding and not _is_loop(tree, line):
                return instrument.place_at(tree, with_finding[line].line, with_finding[line].column)
            return instrument.place_at(tree, line)
        loops = sorted({o.finding.loop for o in _rewrite(Path(path), text, settings).outcomes})
        if not loops:
            raise CaseError(f"{path}: no loop that builds a Keras model; name one as {path}:LINE")
        if len({loop.line for loop in loops}) > 1 and os.path.basename(path) != "before.py":
            lines = ", ".join(str(number) for number in sorted({loop.line for loop in loops}))
            raise CaseError(f"{path}: models are built in loops on lines {lines}: name one as {path}:{loops[0].line}")
        return instrument.place_at(tree, loops[0].line, loops[0].column)
    except PlaceError as error:
        raise CaseError(f"{path}: {error}") from None


def _is_loop(tree: ast.Module, line: int) -> bool:
    try:
        return instrument.place_at(tree, line).kind not in {"FunctionDef", "AsyncFunctionDef", "Lambda"}
    except PlaceError:
        return False


def _outcome(rewritten: Rewritten, place: Place) -> Outcome | None:
    """What became of the findings of a loop: the fixed one if there is one."""
    here = [outcome for outcome in rewritten.outcomes if outcome.finding.loop.line == place.line]
    return next((outcome for outcome in here if outcome.applied), here[0] if here else None)


def _why_not(outcome: Outcome, rewritten: Rewritten) -> str:
    if rewritten.abandoned:
        return f"the fix was abandoned: {rewritten.abandoned[0]}"
    if outcome.strategy and outcome.reason:
        return f"the fix ({outcome.strategy}) is not safe: {outcome.reason}; --unsafe-fixes takes it"
    return f"no fix: {outcome.reason}" if outcome.reason else "no fix for this loop"
