"""What is to be measured: a fixture folder, or a loop in a user's script, in; its programs (*arms*) with the place of their loop
out."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path

from ...examine import AnalysisError
from ...files import encoding
from ...files.encoding import SourceError
from ...files.project import PARSE_ERRORS, parse
from ...fixes.outcome import Outcome, Rewritten, Settings
from ...fixes.rewrite import rewrite
from ..measurement import AFTER, BACKENDS, BEFORE
from . import instrument
from .instrument import Place, PlaceError

SPEC = "case.toml"
EXPECTED = ("faster", "same", "slower", "none")
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
    beyond the default. ``iterations``: how many its claim needs, if the command line says nothing else."""

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
    """A ``case.toml``, see ``fixtures/README.md``. Its keys are these fields; those without a default must be there."""

    title: str
    codes: list[str]
    strategy: str
    expect: dict[str, str]
    unsafe: bool = False
    select: list[str] = field(default_factory=list)
    by_hand: bool = False
    loop: int | None = None
    iterations: int | None = None
    kept: int | None = None
    needs: list[str] = field(default_factory=list)
    arms: dict[str, str] = field(default_factory=dict)


#: What TOML makes of the types of :class:`Spec`.
_TYPES = {"str": str, "bool": bool, "int | None": int, "list[str]": list, "dict[str, str]": dict}


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


def load(folder: Path) -> Case:
    """The case of a fixture folder: ``before``, ``after`` and its own further arms. Raises :class:`CaseError`, also for keys of a
    ``case.toml`` that are not known."""
    spec = _spec(folder)
    before = _of_case(BEFORE, folder / "before.py", spec)
    programs = [before]
    for arm, relative in {**({AFTER: "after.py"} if spec.strategy else {}), **spec.arms}.items():
        other = Path(os.path.normpath(folder / relative))
        if other.parent == Path(os.path.normpath(folder)):  # a program of the same case has the same loop
            programs.append(Program(arm, _read(other), str(other), before.place))
        else:
            programs.append(_of_case(arm, other, _spec(other.parent)))
    return Case(
        folder.resolve().name,
        spec.title,
        f"{before.file}:{before.place.line}",
        tuple(programs),
        spec.strategy,
        spec.expect,
        tuple(spec.needs),
        select=tuple(spec.select),
        iterations=spec.iterations,
    )


def _spec(folder: Path) -> Spec:
    path = folder / SPEC
    try:
        values = encoding.read_toml(str(path))
        known = {each.name: each for each in fields(Spec)}
        if unknown := sorted(set(values) - set(known)):
            raise ValueError(f"unknown key {unknown[0]!r}")
        for name, each in known.items():
            if name not in values and each.default is MISSING and each.default_factory is MISSING:
                raise ValueError(f"key {name!r} is missing")
            if name in values and type(values[name]) is not _TYPES[str(each.type)]:
                raise ValueError(f"{name} is of the wrong type")
        for family, verdict in values["expect"].items():
            if family not in BACKENDS or verdict not in EXPECTED:
                raise ValueError(f"expect: {family} = {verdict!r} is not one of {', '.join(BACKENDS)} = {', '.join(EXPECTED)}")
    except (SourceError, ValueError) as error:
        raise CaseError(f"{path}: {error}") from None
    return Spec(**values)


def _of_case(arm: str, path: Path, spec: Spec) -> Program:
    """A program of a case with the loop that its ``case.toml`` names, or the first one with a finding."""
    text, place, _ = _located(path, spec.loop, Settings(select=tuple(spec.select)), is_first=True)
    return Program(arm, text, str(path), place)


# -- a user's script


def split(target: str) -> tuple[Path, int | None]:
    """``train.py:42`` as path and line. A file that is really called so is taken as it is."""
    found = _TARGET.fullmatch(target)
    if found and not os.path.exists(target):
        return Path(found[1]), int(found[2])
    return Path(target), None


def of_script(path: Path, line: int | None, arguments: Sequence[str], settings: Settings) -> Case:
    """The loop of a script, as written and as the codemod writes it. Raises :class:`CaseError` if it has no fix for the loop."""
    text, place, rewritten = _located(path, line, settings)
    name = f"{path}:{place.line}"
    here = [outcome for outcome in rewritten.outcomes if outcome.finding.loop.line == place.line]
    if not here:
        raise CaseError(f"{name}: nothing to fix: flake8 reports no model that is built again in this loop")
    outcome = next((outcome for outcome in here if outcome.applied), here[0])
    if not outcome.applied:
        raise CaseError(f"{name}: {_why_not(outcome)}")
    programs = (Program(BEFORE, text, str(path), place), Program(AFTER, rewritten.text, str(path), place))
    return Case(name, outcome.finding.message, name, programs, outcome.strategy, arguments=tuple(arguments))


def _why_not(outcome: Outcome) -> str:
    if outcome.strategy and outcome.reason:
        return f"the fix ({outcome.strategy}) is not safe: {outcome.reason}; --unsafe-fixes takes it"
    return f"no fix: {outcome.reason}" if outcome.reason else "no fix for this loop"


# -- both


def _read(path: Path) -> str:
    try:
        if path.is_dir():
            raise CaseError(f"{path}: is a directory without {SPEC}")
        if path.suffix == ".ipynb":
            raise CaseError(f"{path}: notebooks cannot be verified: export it as a script")
        return encoding.decode(encoding.read_bytes(str(path))).text
    except SourceError as error:
        raise CaseError(f"{path}: {error}") from None


def _located(path: Path, line: int | None, settings: Settings, is_first: bool = False) -> tuple[str, Place, Rewritten]:
    """A program, its loop, and what the codemod makes of it. The loop: the one on a line, or of the finding on that line; without
    a line, that of the only findings, or of the first one if ``is_first``."""
    text = _read(path)
    try:
        tree = parse(text)
    except PARSE_ERRORS as error:
        where = f":{error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        raise CaseError(f"{path}{where}: does not parse: {encoding.one_line(error).split(' (<unknown>')[0]}") from None
    try:
        rewritten = rewrite(text, os.path.abspath(path), settings)
        loops = sorted({outcome.finding.loop for outcome in rewritten.outcomes})
        if line is not None:
            of_finding = [each.finding.loop for each in rewritten.outcomes if each.finding.line == line]
            if not of_finding or instrument.is_loop(tree, line):
                return text, instrument.place_at(tree, line), rewritten
            loop = of_finding[-1]
        elif not loops:
            raise CaseError(f"{path}: no loop that builds a Keras model; name one as {path}:LINE")
        else:
            loop = loops[0]
            lines = ", ".join(map(str, sorted({each.line for each in loops})))
            if "," in lines and not is_first:
                raise CaseError(f"{path}: models are built in loops on lines {lines}: name one as {path}:{loop.line}")
        return text, instrument.place_at(tree, loop.line, loop.column), rewritten
    except (AnalysisError, PlaceError) as error:
        raise CaseError(f"{path}: {error}") from None
