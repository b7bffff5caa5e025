"""Where the module of a dotted name is that a file is to import, or where one may be written that the import then finds."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from glob import escape, glob
from importlib.machinery import all_suffixes
from itertools import takewhile
from keyword import iskeyword
from pathlib import Path

from .project import NEVER_LOCAL, Project, file_of, is_package


class PlaceError(Exception):
    """There is no such place; the message says why, to follow "no fix: "."""


@dataclass(frozen=True)
class Place:
    """``path``: of the module's file. ``is_there``: it is a file already. ``hides``: of a new one, another file that the name
    leads to so far, ``""`` for none."""

    path: str
    is_there: bool
    hides: str = ""


def is_module_name(name: object) -> bool:
    """Whether a value is a dotted name that an import statement can hold."""
    return isinstance(name, str) and all(part.isidentifier() and not iskeyword(part) for part in name.split("."))


def shown(path: str) -> str:
    """A path as it is told to people: from the working directory if it is below that."""
    return os.path.relpath(path) if path.startswith(os.path.join(os.path.abspath(os.curdir), "")) else path


def place_of(project: Project, importer: str, dotted: str) -> Place:
    """The place of a module for an importing file (absolute; it need not exist). Raises :class:`PlaceError`.

    What the project's imports find counts. A new module of a plain name goes beside the file, where the imports of a script
    start, or for a file of a package into the first ``src``; one of a dotted name goes into its package.
    """
    top, _, _ = dotted.partition(".")
    package, _, name = dotted.rpartition(".")
    if not is_module_name(dotted) or name.startswith("__"):
        raise PlaceError(f"{dotted} is not the name of a module")
    if top in sys.stdlib_module_names:
        raise PlaceError(f"{top} is a module of the standard library")
    if not importer.endswith(".ipynb"):
        importer = os.path.realpath(importer)  # Python starts its imports where a script is, not where links to it are
    found = project.find(importer, dotted)
    hides = file_of(found) if found else ""
    if hides and (package or not _is_further_out(hides, importer, project)):
        if not os.path.isfile(hides):
            raise PlaceError(f"{shown(hides)} is missing, and without it {dotted} is a folder")
        return Place(hides, is_there=True)
    folder = _folder_of(package, project, importer) if package else _folder_beside(importer, name, project)
    path = os.path.join(folder, f"{name}.py")
    if path == importer:
        raise PlaceError(f"{dotted} is the file itself")
    for other in (os.path.join(folder, name), *(os.path.join(folder, name + suffix) for suffix in all_suffixes())):
        if os.path.lexists(other):
            raise PlaceError(f"{shown(other)} is in the way, where {dotted} would be written")
    # Root may write anywhere, whatever the mode says, and is not meant to.
    if not os.access(folder, os.W_OK | os.X_OK) or not os.stat(folder).st_mode & 0o222:
        raise PlaceError(f"{dotted} cannot be written: no permission to write into {shown(folder)}")
    return Place(path, is_there=False, hides=hides)


def _is_further_out(found: str, importer: str, project: Project) -> bool:
    """Whether a plain name leads to a file in a folder around that of a script, which running the script does not find."""
    own, other = os.path.dirname(importer), os.path.dirname(found)
    return not is_package(own) and other not in project.src and own.startswith(os.path.join(other, ""))


def _folder_beside(importer: str, name: str, project: Project) -> str:
    """The folder that the imports of a file start from."""
    if _is_installed(name):
        raise PlaceError(f"{name} is an installed package")
    folder = os.path.dirname(importer)
    if not is_package(folder) or importer.endswith(".ipynb"):
        return folder
    if project.src and os.path.isdir(project.src[0]):
        return project.src[0]
    lineage = takewhile(is_package, map(str, Path(importer).parents))
    package = ".".join(reversed([os.path.basename(each) for each in lineage]))
    raise PlaceError(f"the file belongs to a package, and its imports start elsewhere: name the module {package}.{name}")


def _folder_of(package: str, project: Project, importer: str) -> str:
    """The folder of a package of the project."""
    found = project.find(importer, package)
    if found is None:
        top = package.partition(".")[0]
        is_elsewhere = top in NEVER_LOCAL or _is_installed(top)
        raise PlaceError(f"{top} is an installed package" if is_elsewhere else f"there is no package {package} to write into")
    if not os.path.isdir(found):
        raise PlaceError(f"{package} is a module, not a package")
    if not is_package(found) and not glob(os.path.join(escape(found), "*.py")):
        raise PlaceError(f"{shown(found)} is a folder without Python files, not a package")
    return found


def _is_installed(name: str) -> bool:
    """Whether an installed package has a name, in the environment at hand."""
    if name in NEVER_LOCAL:
        return True
    folders = [folder for folder in sys.path if os.path.basename(folder) in {"site-packages", "dist-packages"}]
    found = (os.path.join(folder, name) for folder in folders)
    return any(os.path.isdir(base) or any(os.path.isfile(base + suffix) for suffix in all_suffixes()) for base in found)
