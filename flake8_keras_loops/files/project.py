"""The user's project on disk: the only file of the analysis that reads files. Nothing is ever executed.

Imports are followed inside the project alone: below the top of the repository (or of the directory being linted) and below
the configured source roots. What is found is remembered.
"""

from __future__ import annotations

import ast
import os
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from itertools import takewhile
from typing import NamedTuple

from ..knowledge import mentions
from .encoding import SourceError, decode
from .recovery import recovered
from .search_path import Added, added_folders

MAX_BYTES = 4 << 20
_MAX_CLOSURE = 4000
_MAX_IMPORTERS = 40
_TOP_MARKERS = (".git", ".hg")
_PROJECT_MARKERS = ("pyproject.toml", "setup.py", "setup.cfg", "tox.ini", ".flake8")
#: Packages that are no part of any project.
NEVER_LOCAL = frozenset({"keras", "tensorflow", "tf_keras", "keras_core", "numpy", "pandas", "torch", "sklearn"})
_IMPORT = re.compile(
    rb"^(?:\xef\xbb\xbf)?[ \t]*"
    rb"(?:from[ \t]+([.\w]+)[ \t]+import[ \t]*(?:\(([^)]*)\)|([\w, \t]*))|import[ \t]+([\w., \t]+))",
    re.MULTILINE,
)
#: What parsing raises for a text that is no Python, or too much of it.
PARSE_ERRORS = (SyntaxError, ValueError, RecursionError, MemoryError)


def parse(text: str) -> ast.Module:
    """Parse without showing the warnings of somebody else's code. Raises one of :data:`PARSE_ERRORS`."""
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


def _names_any(source: bytes) -> bool:
    """Whether a file has the name of something that builds a model or makes a traced function."""
    return mentions.names_builder(source) or mentions.names_tracer(source)


@lru_cache(maxsize=65536)
def is_package(folder: str) -> bool:
    """Whether a folder has an ``__init__.py``."""
    return os.path.isfile(os.path.join(folder, "__init__.py"))


def top_package(path: str) -> str:
    """The outermost package that a file is in, ``""`` for a file in none."""
    folder, name = os.path.dirname(path), ""
    while is_package(folder) and os.path.basename(folder):
        folder, name = os.path.split(folder)
    return name


def _installed(path: str) -> str:
    """The package of an installed file, ``""`` for others: installed packages are no part of each other's project."""
    _, found, rest = path.rpartition(f"{os.sep}site-packages{os.sep}")
    return rest.partition(os.sep)[0].removesuffix(".py") if found else ""


class _Look(NamedTuple):
    """What a look at a file's bytes says: it imports Keras, and which modules of the project."""

    imports: bool
    places: tuple[str, ...]


class Project:
    """Finds and reads the modules of a project. ``src``: further folders that imports may start from.

    ``broken``: the files that were read and do not parse as a whole.
    """

    def __init__(self, src: tuple[str, ...] = ()) -> None:
        self.src = tuple(os.path.abspath(folder) for folder in src)
        self.broken: set[str] = set()
        self._without_keras: set[str] = set()  # modules that do not import it, nor does what they import
        self._roots = cache(self._find_roots)
        self._real: Callable[[str], str] = cache(os.path.realpath)
        self._places = cache(self._search)
        self._importers: dict[tuple[str, str], tuple[str, ...]] = {}
        self._added: dict[str, Added] = {}
        self._look = cache(self._look_at)
        self._names_any = cache(lambda place: _names_any(_source(place)))
        self._names_tracer = cache(lambda place: mentions.names_tracer(_source(place)))

    # -- where imports start

    def _find_roots(self, folder: str) -> tuple[str, tuple[str, ...]]:
        """The top of the project that a folder is in, and the folders in which its absolute imports may start."""
        lineage = [folder]
        while os.path.dirname(lineage[-1]) != lineage[-1]:
            lineage.append(os.path.dirname(lineage[-1]))
        packages = len(list(takewhile(is_package, lineage[:-1])))
        here = os.path.abspath(os.curdir)
        top = lineage.index(here) if here in lineage[packages:-1] else packages
        for markers in (_PROJECT_MARKERS, _TOP_MARKERS):  # the latter count first
            marked = [i for i, parent in enumerate(lineage) if any(os.path.exists(os.path.join(parent, m)) for m in markers)]
            if marked and marked[0] >= packages:
                top = marked[0]
        outer = lineage[packages : top + 1]
        roots = [*self.src, *outer, *(os.path.join(parent, "src") for parent in outer), *lineage[:packages]]
        return lineage[top], tuple(dict.fromkeys(roots))

    def top(self, path: str) -> str:
        """The folder at the top of the project that a file is in: imports are followed to files below it alone."""
        return self._roots(os.path.dirname(path))[0]

    def find(self, importer: str, dotted: str) -> str | None:
        """File or folder of the module that ``dotted`` names in an importing file, or ``None`` if it is not the project's.

        ``dotted`` may start with dots, as in a relative import.
        """
        return next(iter(self.places(importer, dotted, several=False)), None)

    def places(self, importer: str, dotted: str, several: bool = True) -> tuple[str, ...]:
        """All that :meth:`find` may find, nearest first: what runs the file decides where its imports start.

        ``several``: not the first alone, which takes a few times longer.
        """
        if not importer:
            return ()
        if importer not in self._added:
            self._look_for_folders(_read(importer) or b"", importer)
        found = self._places(os.path.dirname(importer), dotted, self._added[importer], several)
        return found if importer not in found else ()  # a script may be named after the library that it imports

    def _look_for_folders(self, source: bytes, path: str) -> None:
        """Look which folders a file adds to those in which imports start."""
        self._added[path] = added_folders(source, path, self._roots(os.path.dirname(path))[0])

    def _search(self, folder: str, dotted: str, added: Added, several: bool) -> tuple[str, ...]:
        names = dotted.lstrip(".")
        level = len(dotted) - len(names)
        parts = names.split(".") if names else []
        top, roots = self._roots(folder)
        if level:
            base = folder
            for _ in range(level - 1):
                base = os.path.dirname(base)
            roots = (base,)
        elif not parts or parts[0] in sys.stdlib_module_names or parts[0] in NEVER_LOCAL:
            return ()
        else:
            near = len(self.src) + 1
            roots = (*added.first, *roots[:near], *added.last, *roots[near:])
        found: list[str] = []
        bare: list[str] = []  # in folders without __init__.py, which Python takes if there is no module of the name anywhere
        for root in roots:
            place: str | None = root
            for part in parts:
                place = self.child(place, part) if place else None
            if place and self._allowed(place, folder, (top, *self.src, *added.first, *added.last)):
                first = os.path.join(root, parts[0]) if parts and not level else ""
                (bare if os.path.isdir(first) and not is_package(first) else found).append(place)
                if found and not several:
                    break
        return tuple(dict.fromkeys([*found, *bare]))

    def child(self, folder: str, name: str) -> str | None:
        """The submodule or subpackage of a package folder."""
        if not folder or folder.endswith(".py"):
            return None
        inner = os.path.join(folder, name)
        if is_package(inner):
            return inner
        if os.path.isfile(inner + ".py"):
            return inner + ".py"
        return inner if os.path.isdir(inner) else None

    def _allowed(self, place: str, importing: str, bases: tuple[str, ...]) -> bool:
        if _installed(place) and _installed(place) != _installed(importing):
            return False
        real = self._real(place)
        return any(real == base or real.startswith(base + os.sep) for base in map(self._real, bases))

    # -- reading

    def tree(self, path: str) -> ast.Module | None:
        """The syntax tree of a file, of what parses in it where not all does; ``None`` where it cannot be read."""
        source = _read(path)
        if source is None:
            return None
        try:
            text = decode(source).text
        except SourceError:
            return None
        try:
            return parse(text)
        except PARSE_ERRORS:
            self.broken.add(path)
            return recovered(text)

    # -- the look at the bytes

    def can_matter(self, source: bytes, path: str) -> bool:
        """Whether a file can have a finding, judged by words in it and in the modules of the project that it imports.

        Errs on the side of yes.
        """
        if not mentions.has_loop(source):
            return False
        if path:
            self._look_for_folders(source, path)
        imports = mentions.imports_keras(source)
        if mentions.trains(source) or (imports and _names_any(source)):
            return True
        places = self._imports(source, path, several=True)
        if not imports and not self._lead_to_keras(places):
            return False
        return _names_any(source) or any(self._names_any(place) for place in self._closure(places))

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
                return True
            seen.append(place)
        self._without_keras.update(seen)
        return False

    def _imports(self, source: bytes, path: str, several: bool = False) -> tuple[str, ...]:
        names: list[str] = []
        for base, listed, plain, modules in _IMPORT.findall(source):
            if modules:
                names += [part.split()[0].decode() for part in modules.split(b",") if part.strip()]
            else:
                prefix = base.decode()
                names.append(prefix)
                joint = "" if prefix.endswith(".") else "."
                names += [prefix + joint + word.decode() for word in re.findall(rb"\w+", listed or plain) if word != b"as"]
        if path and path not in self._added:
            self._look_for_folders(source, path)
        return tuple(dict.fromkeys(place for name in dict.fromkeys(names) for place in self.places(path, name, several)))

    def _closure(self, places: tuple[str, ...]) -> Iterator[str]:
        """Modules and all that they import, at most ``_MAX_CLOSURE``, but for those known not to lead to Keras."""
        seen: set[str] = set()
        queue = list(places)
        while queue and len(seen) < _MAX_CLOSURE:
            place = queue.pop()
            if place not in seen and place not in self._without_keras:
                seen.add(place)
                yield place
                queue.extend(self._look(place).places)

    def imported(self, path: str) -> tuple[str, ...]:
        """The files of the project that a file imports, wherever its imports may start."""
        return tuple(map(file_of, self._imports(_read(path) or b"", path, several=True)))

    def importers(self, path: str, start: str) -> tuple[str, ...]:
        """The modules that a file leads to, and that import the module in the file ``path``."""
        key = (path, start)
        if key not in self._importers:
            places = self._closure(self._look(start).places) if start else ()
            self._importers[key] = tuple(p for p in places if path in map(file_of, self._look(p).places))[:_MAX_IMPORTERS]
        return self._importers[key]

    def _look_at(self, place: str) -> _Look:
        source = _source(place)
        return _Look(mentions.imports_keras(source), self._imports(source, file_of(place)))
