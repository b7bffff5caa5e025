"""Parquet in: which files there are, whether they can be read, and whether the rows of a repository follow each other."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ..files.encoding import one_line
from .repository import Repository, gathered, kept

COLUMNS = ("repository", "path", "content")
_ROWS = 64  # at once: a row may be a large notebook
_NAMES = 65536  # at once, of repositories alone
_BUFFER = 1 << 20

#: Rows as they are passed on: names and paths need not be UTF-8.
SCHEMA = pa.schema([("repository", pa.string()), ("path", pa.binary()), ("content", pa.binary())])
#: The same with what kept a file from being read to its end.
SORTED = SCHEMA.append(pa.field("error", pa.string()))


class InputError(Exception):
    """An input that cannot be used: one line, with its name."""


@dataclass(frozen=True)
class Tables:
    """``parts``: the files, those together between which a repository is continued. ``is_grouped``: the rows of each repository
    follow each other, in the order of the parts. ``size``: bytes of all columns that are read, before compression."""

    parts: tuple[tuple[str, ...], ...]
    is_grouped: bool
    size: int


def planned(files: Iterable[str]) -> Tables:
    """Look at the names of the repositories in Parquet files, and at nothing else. Raises :class:`InputError`."""
    parts: list[list[str]] = []
    seen: set[str | None] = set()
    last: tuple[str | None, ...] = ()  # the repository of the last row, once there is one
    is_grouped, size = True, 0
    for path in files:
        size += _checked(path)
        before = last
        is_continued = False
        with suppress(pa.ArrowException, OSError):  # who reads all of it says so
            for number, name in enumerate(_runs(path) if is_grouped else ()):
                if (name,) == last:
                    is_continued |= number == 0 and last == before
                    continue
                is_grouped = name not in seen
                if not is_grouped:
                    break
                seen.add(name)
                last = (name,)
        if is_continued:
            parts[-1].append(path)
        else:
            parts.append([path])
    if not is_grouped:
        parts = [[path] for part in parts for path in part]
    return Tables(tuple(tuple(map(os.path.abspath, part)) for part in parts), is_grouped, size)


def repositories(part: Iterable[str]) -> Iterator[Repository]:
    """The repositories of files whose rows are grouped, read once and bit by bit.

    A file that cannot be read to its end is an error in a repository of its name, after those that could, and the last one before
    has failed.
    """
    broken: list[Repository] = []
    cut: set[str | None] = set()

    def rows() -> Iterator[tuple[str | None, bytes | None, bytes | None]]:
        name = None
        for path in part:
            try:
                for table in batches(path):
                    for row in zip(*(column.to_pylist() for column in table.columns)):
                        name = row[0]
                        yield row
            except (pa.ArrowException, OSError) as error:
                cut.add(name)
                broken.append(unreadable(path, error))

    for repository in gathered(rows()):
        if repository.name in cut:
            yield replace(repository, errors=("error: rows are missing", *repository.errors), failed=True)
        else:
            yield repository
    yield from broken


def rows(path: str) -> Iterator[Any]:
    """The rows of a file for Ray to sort, without the content that nobody reads. What keeps the file from being read to its end
    is the last one, an error in a repository of its name."""
    try:
        for table in batches(path):
            paths, contents = (table.column(name).to_pylist() for name in COLUMNS[1:])
            slim = pa.array(map(kept, paths, contents), pa.binary())
            yield pa.table([table.column(0), table.column(1), slim, pa.nulls(len(slim), pa.string())], schema=SORTED)
    except (pa.ArrowException, OSError) as error:
        broken = unreadable(path, error)
        yield pa.table([[broken.name], [None], [None], list(broken.errors)], schema=SORTED)


def unreadable(path: str, error: Exception) -> Repository:
    """What stands for a file that is damaged in the middle."""
    return Repository(path, errors=(f"{path}: error: cannot be read to its end: {one_line(error)}",), failed=True)


def of_table(table: Any) -> Repository:
    """The repository of an Arrow table of the schema :data:`SORTED` that has all rows of one and no other."""
    if errors := [error for error in table.column("error").to_pylist() if error]:
        return Repository(table.column("repository")[0].as_py(), errors=tuple(errors), failed=True)
    (found,) = gathered(zip(*(table.column(name).to_pylist() for name in COLUMNS)))
    return found


def batches(path: str) -> Iterator[Any]:
    """The rows of a file, few at once, with the columns and types of :data:`SCHEMA`. Raises ``ArrowException`` or ``OSError``."""
    with pq.ParquetFile(path, buffer_size=_BUFFER, pre_buffer=False) as file:
        for batch in file.iter_batches(batch_size=_ROWS, columns=list(COLUMNS), use_threads=False):
            columns = [_cast(batch.column(field.name), field.type) for field in SCHEMA]
            yield pa.table(columns, schema=SCHEMA)


def _cast(column: Any, kind: Any) -> Any:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    return column.cast(kind)


def _runs(path: str) -> Iterator[str | None]:
    """The repositories of a file in the order of its rows, each once for as many rows as follow each other."""
    with pq.ParquetFile(path, buffer_size=_BUFFER, pre_buffer=False) as file:
        for batch in file.iter_batches(batch_size=_NAMES, columns=["repository"], use_threads=False):
            encoded = pc.run_end_encode(_cast(batch.column(0), pa.string()))
            yield from encoded.values.to_pylist()


def _checked(path: str) -> int:
    """The size of a file's columns. Raises :class:`InputError` for one that cannot be used."""
    try:
        with pq.ParquetFile(path) as file:
            schema, metadata = file.schema_arrow, file.metadata
            sizes = [metadata.row_group(number).total_byte_size for number in range(metadata.num_row_groups)]
    except pa.ArrowInvalid:
        raise InputError(f"{path}: not a Parquet file") from None
    except OSError as error:
        raise InputError(f"{path}: {one_line(error)}") from None
    for name in COLUMNS:
        if name not in schema.names:
            raise InputError(f"{path}: has no column {name!r}; {', '.join(COLUMNS)} are needed")
        kind = schema.field(name).type
        kind = kind.value_type if pa.types.is_dictionary(kind) else kind
        texts = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
        raw = () if name == "repository" else (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view)
        if not any(is_kind(kind) for is_kind in (*texts, *raw)):
            raise InputError(f"{path}: column {name!r} holds {kind}, not strings{'' if name == 'repository' else ' or bytes'}")
    return sum(sizes)


def parquet_files(path: str) -> list[str]:
    """The Parquet files that a path names: itself, or all that a folder holds if it holds nothing else; none for other folders.

    Names that begin with a dot or an underscore do not count, as for other readers of Parquet. Raises :class:`InputError`.
    """
    if not os.path.exists(path):
        raise InputError(f"{path}: no such file or directory")
    if not os.path.isdir(path):
        return [path]
    try:
        names = sorted(name for name in os.listdir(path) if not name.startswith((".", "_")))
    except OSError as error:
        raise InputError(f"{path}: {one_line(error)}") from None
    return [os.path.join(path, name) for name in names] if all(name.endswith(".parquet") for name in names) else []
