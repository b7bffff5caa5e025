"""The text of the functions that fixes write into files, and of the module that they import others from."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources

from ..dataflow.keepers import HELPER as KEEPER
from ..dataflow.keepers import RENEWER, RENEWER_OF_WEIGHTS
from ..files.module_place import PlaceError, place_of, shown
from ..files.project import file_of
from ..semantics.modules import Modules
from ..semantics.scopes import Module
from ..semantics.syntax import Syntax
from .edits import Edit, Helper

#: Columns that a line of what is written may have.
WIDTH = 88
#: Name of the function that ``hoist`` writes.
RESTORER = "model_restorer"
_MODULE = "keeper.py"
_FILES = {KEEPER: _MODULE, RESTORER: "restorer.py", RENEWER: "renewer.py", RENEWER_OF_WEIGHTS: "weights.py"}
#: Names of all helper functions.
HELPERS = tuple(_FILES)


def helper_code(name: str) -> str:
    """The source of a helper function, word for word what its file says; of the keeper with all that it needs."""
    text = _text(_FILES[name])
    start = "\nimport " if name == KEEPER else f"\ndef {name}("
    return text[text.index(start) + 1 :]


def helper_edit(name: str, module: str) -> Helper:
    """Write a helper function into the file, or import it from ``module`` if that is not ``""``."""
    return Helper(name, f"from {module} import {name}\n" if module else helper_code(name))


def listed(head: str, items: Sequence[str], tail: str, column: int, indent: int = 0) -> str:
    """Items in a line, in a line of their own, or in a line each. ``column``: where ``head`` starts; ``indent``: of its line."""
    together = ", ".join(items)
    if column + len(head) + len(together) + len(tail) <= WIDTH:
        return f"{head}{together}{tail}"
    if indent + 4 + len(together) <= WIDTH:
        return f"{head}\n    {together}\n{tail}"
    lines = "".join(f"    {item},\n" for item in items)
    return f"{head}\n{lines}{tail}"


def clash(name: str, syntax: Syntax) -> str:
    """Why a helper cannot have its name in a file, ``""`` where it can."""
    is_bound = any(node.id == name and isinstance(node.ctx, ast.Store) for node in syntax.every(ast.Name))
    if is_bound or any(argument.arg == name for argument in syntax.every(ast.arg)):
        return f"the file uses the name {name} for something else"
    return ""


def module_text() -> str:
    """The module that ``--helper-module`` names, with the helper functions that fixes import, word for word."""
    return _text(_MODULE)


def why_not_imported(name: str, file: Module, *, dotted: str, importer: str, project: Modules, may_write: bool) -> str:
    """Why a file cannot import a helper function from the helper module, ``""`` where it can.

    ``importer``: the file's absolute path. ``may_write``: the module will be written if it is not there.
    """
    try:
        place = place_of(project, importer, dotted)
    except PlaceError as error:
        return str(error)
    there = place.path if place.is_there else place.hides
    if there and not _defines(there, name, project):
        return f"{shown(there)} does not define {name}"
    if place.is_there:
        return ""
    if not place.hides and _imports(file, dotted):
        return f"the file imports another {dotted}, which a new module would hide"
    return "" if may_write else f"{shown(place.path)} is not there: keras-loop-fix --print-helper prints it"


def _imports(file: Module, dotted: str) -> bool:
    """Whether a file imports anything but helper functions from a module."""
    others = (found for name, found in file.scope.bindings.items() if name not in HELPERS)
    return any(each.target.partition(":")[0].partition(".")[0] == dotted for found in others for each in found)


def imported(edits: Iterable[Edit], module: Module | None) -> list[str]:
    """The helper functions that edits have a file import, but for those that it has already, from wherever.

    ``module``: the file, ``None`` where nobody has looked into it.
    """
    helpers = [edit for edit in edits if isinstance(edit, Helper) and edit.name in (KEEPER, RESTORER)]
    return [edit.name for edit in helpers if edit.code.startswith("from ") and not (module and _has_its_own(edit, module))]


def _has_its_own(edit: Helper, module: Module) -> bool:
    bindings = module.scope.bindings.get(edit.name, [])
    return bool(bindings) and not any(edit.code == f"from {each.target.replace(':', ' import ')}\n" for each in bindings)


def _defines(path: str, name: str, project: Modules, seen: frozenset[str] = frozenset()) -> bool:
    """Whether a module binds a name, itself or by ``from ... import *``."""
    module = project.load(path)
    if module is None or path in seen:
        return False
    if module.scope.bindings.get(name):
        return True
    places = (project.find(path, source) for source in module.scope.stars)
    return any(_defines(file_of(place), name, project, seen | {path}) for place in places if place)


@cache
def _text(file: str) -> str:
    return resources.files(__package__).joinpath("snippets").joinpath(file).read_text("utf-8")
