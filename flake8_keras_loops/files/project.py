"""The user's project on disk: the only file of the analysis that reads files. Nothing is ever executed.

Imports are followed inside the project alone: below the top of the repository (or of the directory being linted) and below
the configured source roots. Every file is read at most once a process.
"""

from __future__ import annotations

import ast
import io
import os
import re
import sys
import tokenize
import warnings
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from ..knowledge import mentions

MAX_BYTES = 4 << 20
_MAX_CLOSURE = 4000
_TOP_MARKERS = (".git", ".hg")
_PROJECT_MARKERS = ("pyproject.toml", "setup.py", "setup.cfg", "tox.ini", ".flake8")
_NEVER_LOCAL = frozenset({"keras", "tensorflow", "tf_keras", "keras_core", "numpy", "pandas", "torch", "sklearn"})
_IMPORT = re.compile(
    rb"^(?:\xef\xbb\xbf)?[ \t]*"
    rb"(?:from[ \t]+([.\w]+)[ \t]+import[ \t]*(?:\(([^)]*)\)|([\w, \t]*))|import[ \t]+([\w., \t]+))",
    re.MULTILINE,
)
_PARSE_ERRORS = (SyntaxError, ValueError, RecursionError, MemoryError, UnicodeError, LookupError)


def decode(source: bytes) -> str:
    """Text of a Python file, by its byte order mark or coding line. Raises ``SyntaxError``."""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
    try:
        text = source.decode(encoding)
    except (LookupError, ValueError, AttributeError):
        raise SyntaxError(f"cannot be decoded as {encoding}") from None
    return io.IncrementalNewlineDecoder(None, translate=True).decode(text)


def parse(text: str) -> ast.Module:
    """Parse without showing the warnings of somebody else's code."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def _read(path: str) -> bytes | None:
    try:
        if not os.path.isfile(path) or os.path.getsize(path) > MAX_BYTES:
            return None
        with open(path, "rb") as file:
            return file.read()
    except (OSError, ValueError):
        return None


def file_of(place: str) -> str:
    """The file of a module or package."""
    return place if place.endswith(".py") else os.path.join(place, "__init__.py")


def _source(place: str) -> bytes:
    return _read(file_of(place)) or b""


@lru_cache(maxsize=65536)
def _is_package(folder: str) -> bool:
    return os.path.isfile(os.path.join(folder, "__init__.py"))


def _installed(path: str) -> str:
    """The package of an installed file, ``""`` for others: installed packages are no part of each other's project."""
    _, found, rest = path.rpartition(f"{os.sep}site-packages{os.sep}")
    return rest.partition(os.sep)[0].removesuffix(".py") if found else ""


class _Look(NamedTuple):
    """What a look at a file's bytes says: it imports Keras, and which modules of the project."""

    imports: bool
    places: tuple[str, ...]


class Project:
    """Finds and reads the modules of a project. ``src``: further folders that imports may start from."""

    def __init__(self, src: tuple[str, ...] = ()) -> None:
        self._src = tuple(os.path.abspath(folder) for folder in src)
        self._roots: dict[str, tuple[str, tuple[str, ...]]] = {}
        self._found: dict[tuple[str, str], str | None] = {}
        self._looks: dict[str, _Look] = {}
        self._leads: dict[str, bool] = {}
        self._builders: dict[str, bool] = {}
        self._tracers: dict[str, bool] = {}

    # -- where imports start

    def _roots_of(self, folder: str) -> tuple[str, tuple[str, ...]]:
        """The top of the project that a folder is in, and the folders in which its absolute imports may start."""
        known = self._roots.get(folder)
        if known is None:
            known = self._roots[folder] = self._compute_roots(folder)
        return known

    def _compute_roots(self, folder: str) -> tuple[str, tuple[str, ...]]:
        lineage = [folder]
        while os.path.dirname(lineage[-1]) != lineage[-1]:
            lineage.append(os.path.dirname(lineage[-1]))
        packages = 0
        while packages < len(lineage) - 1 and _is_package(lineage[packages]):
            packages += 1
        top = packages
        for markers in (_TOP_MARKERS, _PROJECT_MARKERS):
            marked = [i for i, parent in enumerate(lineage) if any(os.path.exists(os.path.join(parent, m)) for m in markers)]
            if marked and marked[0] >= packages:
                top = marked[0]
                break
        else:
            here = os.path.abspath(os.curdir)
            if here in lineage[packages:-1]:
                top = lineage.index(here)
        roots = [*self._src, *lineage[packages : top + 1]]
        roots += [os.path.join(parent, "src") for parent in lineage[packages : top + 1]]
        roots += lineage[:packages]
        return lineage[top], tuple(dict.fromkeys(roots))

    def find(self, importer: str, dotted: str) -> str | None:
        """File or folder of the module that ``dotted`` names in an importing file, or ``None`` if it is not the project's.

        ``dotted`` may start with dots, as in a relative import.
        """
        if not importer:
            return None
        folder = os.path.dirname(importer)
        key = (folder, dotted)
        if key not in self._found:
            self._found[key] = self._search(importer, folder, dotted)
        found = self._found[key]
        return None if found == importer else found

    def _search(self, importer: str, folder: str, dotted: str) -> str | None:
        names = dotted.lstrip(".")
        level = len(dotted) - len(names)
        parts = names.split(".") if names else []
        top, roots = self._roots_of(folder)
        if level:
            for _ in range(level - 1):
                folder = os.path.dirname(folder)
            roots = (folder,)
        elif not parts or parts[0] in sys.stdlib_module_names or parts[0] in _NEVER_LOCAL:
            return None
        for root in roots:
            place: str | None = root
            for position, part in enumerate(parts):
                place = self.child(place, part) if place else None
                if position == 0 and place == importer:  # a script named after the library that it imports
                    place = None
            if place and self._allowed(place, importer, top):
                return place
        return None

    def child(self, folder: str, name: str) -> str | None:
        """The submodule or subpackage of a package folder."""
        if not folder or folder.endswith(".py"):
            return None
        inner = os.path.join(folder, name)
        if _is_package(inner) or os.path.isdir(inner):
            return inner
        return inner + ".py" if os.path.isfile(inner + ".py") else None

    def _allowed(self, place: str, importer: str, top: str) -> bool:
        if _installed(place) and _installed(place) != _installed(importer):
            return False
        real = os.path.realpath(place)
        return any(real == base or real.startswith(base + os.sep) for base in map(os.path.realpath, (top, *self._src)))

    # -- reading

    def tree(self, path: str) -> ast.Module | None:
        """The syntax tree of a file, ``None`` where there is nothing that parses."""
        source = _read(path)
        if source is None:
            return None
        try:
            return parse(decode(source))
        except _PARSE_ERRORS:
            return None

    # -- the look at the bytes

    def can_matter(self, source: bytes, path: str) -> bool:
        """Whether a file can have a finding, judged by words in it and in the modules of the project that it imports.

        Errs on the side of yes.
        """
        if not mentions.has_loop(source):
            return False
        if mentions.trains(source):
            return True
        imports = mentions.imports_keras(source)
        if imports and (mentions.names_builder(source) or mentions.names_tracer(source)):
            return True
        if not path:
            return False
        places = self._imports(source, path)
        if not imports and not self._lead_to_keras(places):
            return False
        if mentions.names_builder(source) or mentions.names_tracer(source):
            return True
        return any(self._names_builder(place) or self._names_tracer(place) for place in self._closure(places))

    def _names_builder(self, place: str) -> bool:
        if place not in self._builders:
            self._builders[place] = mentions.names_builder(_source(place))
        return self._builders[place]

    def _names_tracer(self, place: str) -> bool:
        if place not in self._tracers:
            self._tracers[place] = mentions.names_tracer(_source(place))
        return self._tracers[place]

    def imports_tracer(self, source: bytes, path: str) -> bool:
        """Whether a module that a file imports, or one that this imports, names something that makes a traced function."""
        places = self._imports(source, path)
        return any(self._names_tracer(near) for place in places for near in (place, *self._look(place).places))

    def leads_to_keras(self, path: str) -> bool:
        """Whether the module in a file imports Keras, itself or through modules of the project; ``""``: taken for granted."""
        return not path or self._lead_to_keras((path,))

    def _lead_to_keras(self, places: tuple[str, ...]) -> bool:
        """Whether one of some modules imports Keras, itself or through others."""
        seen: list[str] = []
        for place in self._closure(places):
            if self._look(place).imports:
                self._leads.update(dict.fromkeys(places if len(places) == 1 else (), True))
                return True
            seen.append(place)
        self._leads.update(dict.fromkeys(seen, False))
        return False

    def _imports(self, source: bytes, path: str) -> tuple[str, ...]:
        names: list[str] = []
        for base, listed, plain, modules in _IMPORT.findall(source):
            if modules:
                names += [part.split()[0].decode() for part in modules.split(b",") if part.strip()]
            else:
                prefix = base.decode()
                names.append(prefix)
                joint = "" if prefix.endswith(".") else "."
                names += [prefix + joint + word.decode() for word in re.findall(rb"\w+", listed or plain) if word != b"as"]
        places = (self.find(path, name) for name in dict.fromkeys(names))
        return tuple(dict.fromkeys(place for place in places if place))

    def _closure(self, places: tuple[str, ...]) -> Iterator[str]:
        """Modules and all that they import, at most ``_MAX_CLOSURE``, but for those known not to lead to Keras."""
        seen: set[str] = set()
        queue = list(places)
        while queue and len(seen) < _MAX_CLOSURE:
            place = queue.pop()
            if place not in seen and self._leads.get(place) is not False:
                seen.add(place)
                yield place
                queue.extend(self._look(place).places)

    def _look(self, place: str) -> _Look:
        if place not in self._looks:
            source = _source(place)
            self._looks[place] = _Look(mentions.imports_keras(source), self._imports(source, file_of(place)))
        return self._looks[place]
