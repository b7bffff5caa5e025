"""A short name for all that the result of a repository depends on: its content, what is asked, and who answers."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator

from .. import __version__
from .repository import READ, Asked, Repository

_GIT = (".git", ".hg")


def digest(repository: Repository, asked: Asked) -> str:
    """The digest of a repository. Two that are equal have the same result. Raises nothing: what cannot be read counts as that.

    The timeout does not count: a repository that takes longer has no result.
    """
    found = hashlib.blake2b(digest_size=16)
    given = sorted(asked.given)
    head = (
        __version__,
        sys.version_info[:2],
        repository.name,
        given,
        asked.config_text,
        repository.errors,
        _above(repository, asked),
    )
    found.update(repr(head).encode("utf-8", "surrogateescape"))
    entries = _on_disk(repository.folder) if repository.folder else iter(sorted(repository.files))
    for path, content in entries:
        name = os.fsencode(path)
        found.update(b"%d %d %b" % (len(name), len(content), name))
        found.update(content)
    return found.hexdigest()


def _above(repository: Repository, asked: Asked) -> list[tuple[str, bytes]]:
    """The configuration files above a folder that is read where it is: one of them may count."""
    if not repository.folder or asked.config:
        return []
    found = []
    folder = os.path.dirname(os.path.abspath(repository.folder))
    while True:
        file = os.path.join(folder, "pyproject.toml")
        if os.path.isfile(file):
            found.append((file, _content(file)))
        if os.path.dirname(folder) == folder:
            return found
        folder = os.path.dirname(folder)


def _on_disk(top: str) -> Iterator[tuple[str, bytes]]:
    """All files of a folder in a fixed order, with the content of those that are read. Of git only what it ignores by itself."""
    for folder, folders, names in os.walk(top):
        inside = os.path.relpath(folder, top)
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        for name in sorted((*names, *links, *(name for name in folders if name in _GIT))):
            place = os.path.join(folder, name)
            yield os.path.join(inside, name), _content(place) if name.endswith(READ) or name in _GIT else b""
        folders[:] = sorted(name for name in folders if name not in _GIT)


def _content(place: str) -> bytes:
    try:
        if os.path.isdir(place):
            place = os.path.join(place, "info", "exclude")
        if not os.path.isfile(place):
            return b""
        with open(place, "rb") as file:
            return file.read()
    except OSError as error:
        return repr(error).encode()
