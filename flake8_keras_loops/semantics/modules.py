"""The modules of a project, indexed: what several files import is read and indexed once."""

from __future__ import annotations

import ast
from contextlib import suppress
from copy import copy

from ..files.project import Project, file_of
from .indexer import index
from .scopes import Module


class Modules(Project):
    """A project with its indexed modules, for all files of a run. ``src``: further folders that imports may start from."""

    def __init__(self, src: tuple[str, ...] = ()) -> None:
        super().__init__(src)
        self._modules: dict[str, Module | None] = {}

    def load(self, place: str) -> Module | None:
        """The indexed module at a file, or a package's ``__init__``; ``None`` where there is nothing that parses."""
        path = file_of(place)
        if path not in self._modules:
            self._modules[path] = None
            tree = self.tree(path)
            with suppress(RecursionError):
                self._modules[path] = index(tree, path) if tree is not None else None
        return self._modules[path]

    def with_text(self, path: str, tree: ast.Module) -> Modules:
        """The project with another text in one of its files. ``tree``: that text's."""
        other = copy(self)  # what is known of the files on disk is shared
        other._modules = {path: index(tree, path)}
        return other
