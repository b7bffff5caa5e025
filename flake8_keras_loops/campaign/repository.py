"""What goes through a campaign: repositories, what is asked of them, and what came of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

#: Files of which the analysis reads the content; of all others only that they are there.
READ = (".py", ".ipynb", ".gitignore", "pyproject.toml")
#: A repository with more to read is not looked at: it has to fit into the memory of one process.
MAX_BYTES = 512 << 20


@dataclass(frozen=True)
class Repository:
    """One repository: a ``folder`` to be read where it is, or ``files`` (path and content) to be laid out in one.

    ``errors``: what went wrong on the way, one line each. ``failed``: it cannot be looked at.
    """

    name: str
    folder: str = ""
    files: tuple[tuple[str, bytes], ...] = ()
    errors: tuple[str, ...] = ()
    failed: bool = False


@dataclass(frozen=True)
class Asked:
    """What is asked of every repository. ``given``: fields of :class:`~..config.Config` from the command line, by their names.
    ``config``: a configuration file that stands for that of each repository, ``""`` for none, and ``config_text`` what is in it.
    ``timeout``: seconds for one repository."""

    given: tuple[tuple[str, Any], ...] = ()
    config: str = ""
    config_text: bytes = b""
    timeout: float = 600.0


@dataclass(frozen=True)
class Result:
    """What came of a repository.

    ``digest``: of all that the result depends on. ``files``: how many were looked at. ``findings``: with the fields of the JSON
    report. ``patch``: what ``keras-loop-fix --diff`` prints. ``fixes``: how many findings it fixes. ``errors``: one line each.
    ``failed``: it was not looked at to the end, so another run tries again. ``known``: an earlier run has the result, and it is
    not here.
    """

    name: str
    digest: str = ""
    files: int = 0
    findings: tuple[dict[str, Any], ...] = ()
    patch: bytes = b""
    fixes: int = 0
    errors: tuple[str, ...] = ()
    failed: bool = False
    known: bool = False


def failure(name: str, digest: str, *errors: str) -> Result:
    """The result of a repository that was not looked at to the end."""
    return Result(name, digest, errors=errors, failed=True)


def kept(path: bytes | None, content: bytes | None) -> bytes | None:
    """What is kept of a file's content: nothing if nobody reads it. Of all files it counts that they are there."""
    return b"" if content and not _text(path or b"").endswith(READ) else content


def gathered(rows: Iterable[tuple[str | None, bytes | None, bytes | None]], limit: int = MAX_BYTES) -> Iterator[Repository]:
    """Repositories from rows of a table (repository, path, content), of which those of one repository follow each other.

    Never holds more than one repository, nor more than ``limit`` bytes of it. Rows with nothing in one of the columns are
    errors of their repository.
    """
    name: str | None = None
    files: list[tuple[str, bytes]] = []
    errors: list[str] = []
    size, started = 0, False
    for repository, path, content in rows:
        if started and repository != name:
            yield _gathered(name, files, errors, size > limit)
            files, errors, size = [], [], 0
        name, started = repository, True
        if path is None or content is None:
            errors.append(f"{_text(path)}: error: no content" if path is not None else "error: a row without a path")
            continue
        read = kept(path, content) or b""
        size += len(read)
        if size > limit:
            files.clear()
        else:
            files.append((_text(path), read))
    if started:
        yield _gathered(name, files, errors, size > limit)


def _gathered(name: str | None, files: list[tuple[str, bytes]], errors: list[str], is_too_large: bool) -> Repository:
    if is_too_large:
        errors = [*errors, f"error: more than {MAX_BYTES >> 20} MiB of Python"]
    if name is None:
        errors = [*errors, "error: rows without a repository"]
    return Repository(name or "", "", tuple(sorted(files)), tuple(sorted(errors)), is_too_large or name is None)


def _text(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")
