"""Source in, findings out: one file is indexed, and every rule's check looks at it."""

from __future__ import annotations

import ast
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from .checks.detection import Detection, Subject
from .dataflow.summaries import Factories
from .files.encoding import FileError, SourceError, decode
from .files.project import parse
from .finding import Finding, Span
from .rules import RULES
from .semantics.indexer import index
from .semantics.interpreter import Interpreter
from .semantics.modules import Modules
from .semantics.scopes import Module


@dataclass(frozen=True)
class Options:
    """``builders``/``clearers``: further names (bare or dotted) that build a model or clear the session. ``src``: roots."""

    builders: frozenset[str] = frozenset()
    clearers: frozenset[str] = frozenset()
    src: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Examined:
    """An indexed file, what sums up its calls, and its detections in the order of the text."""

    module: Module
    factories: Factories
    detections: tuple[Detection, ...]


class AnalysisError(FileError):
    """A file that cannot be analysed: too deeply nested, or with a syntax error."""


def detect(
    source: str | bytes,
    path: str = "",
    options: Options | None = None,
    project: Modules | None = None,
    tree: ast.Module | None = None,
) -> list[Finding]:
    """The findings of all rules for one file, in the order of the text.

    ``source``: text, or bytes in any encoding that Python reads. ``path``: where the file is, to follow its imports; ``""``
    follows none. ``tree``: its syntax tree, if the caller has it. Raises :class:`AnalysisError`.
    """
    examined = examine(source, path, options, project, tree)
    return [detection.finding for detection in examined.detections] if examined else []


def examine(
    source: str | bytes,
    path: str = "",
    options: Options | None = None,
    project: Modules | None = None,
    tree: ast.Module | None = None,
) -> Examined | None:
    """The same as :func:`detect`, with what the findings were made of; ``None`` for a file that cannot have any."""
    options = options or Options()
    with without_collections():
        return _examined(source, path, options, project or Modules(options.src), tree)


@contextmanager
def without_collections() -> Iterator[None]:
    """Keep Python's collector of cycles from running meanwhile.

    Trees and values are made by the hundred thousand, and none becomes garbage before its file is done: the collector walked
    over all of them again and again, for a tenth to a quarter of the time of a run. Between files it runs as ever.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _examined(source: str | bytes, path: str, options: Options, project: Modules, tree: ast.Module | None) -> Examined | None:
    raw = source if isinstance(source, bytes) else source.encode("utf-8", "replace")
    declared = any(name.rpartition(".")[2].encode() in raw for name in options.builders)
    if not declared and not project.can_matter(raw, path):
        return None
    try:
        text = source.removeprefix("\ufeff") if isinstance(source, str) else decode(source).text
        module = index(parse(text) if tree is None else tree, path)
        factories = Factories(Interpreter(project, module), options.builders, options.clearers)
        return Examined(module, factories, _detections(Subject(module, factories, raw, text)))
    except SourceError as error:
        raise AnalysisError(error.reason, error.line or 1) from None
    except SyntaxError as error:
        raise AnalysisError(error.msg, error.lineno or 1) from None
    except ValueError as error:  # null bytes, before Python 3.12
        raise AnalysisError(str(error)) from None
    except RecursionError:
        raise AnalysisError("too deeply nested") from None
    except MemoryError:
        raise AnalysisError("too large") from None


def _detections(subject: Subject) -> tuple[Detection, ...]:
    found: dict[tuple[Span, str], Detection] = {}
    for check in dict.fromkeys(rule.check for rule in RULES.values()):
        for detection in check(subject):
            found[detection.finding.span, detection.finding.code] = detection
    return tuple(found[key] for key in sorted(found))
