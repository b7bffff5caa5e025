"""The output folder of a campaign: Parquet files of findings and of patches, and what of it counts as done.

Findings of some repositories are written to ``findings/part-N.parquet`` first, and then what came of these repositories to
``patches/part-N.parquet``, each under another name that is changed in one step. A repository is done if it is in the second;
findings of others are left by a run that was cut off, and taken away before the next one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from .. import __version__
from .repository import Result

_PLACE = [("line", pa.int32()), ("column", pa.int32()), ("end_line", pa.int32()), ("end_column", pa.int32())]
#: The fields of the JSON report, and the repository.
FINDINGS = pa.schema(
    [
        ("repository", pa.string()),
        ("code", pa.string()),
        ("path", pa.string()),
        ("cell", pa.int32()),
        *_PLACE,
        ("loop", pa.struct(_PLACE)),
        ("construction", pa.string()),
        ("message", pa.string()),
        ("built_at", pa.struct([("path", pa.string()), ("line", pa.int32())])),
        ("strategy", pa.string()),
        ("applicability", pa.string()),
        ("reason", pa.string()),
        ("help", pa.string()),
        ("page", pa.string()),
        ("applied", pa.bool_()),
        ("written", pa.bool_()),
        ("fixed_in", pa.string()),
    ]
)
PATCHES = pa.schema(
    [
        ("repository", pa.string()),
        ("patch", pa.binary()),
        ("files", pa.int32()),
        ("findings", pa.int32()),
        ("fixes", pa.int32()),
        ("errors", pa.list_(pa.string())),
        ("failed", pa.bool_()),
        ("digest", pa.string()),
        ("version", pa.string()),
    ]
)
_PART = re.compile(r"part-(\d{6,})\.parquet")
_LEFT = re.compile(r"\.part-\d{6,}\.parquet\.tmp")


class OutputError(Exception):
    """An output folder that cannot be used: one line, with its name."""


@dataclass(frozen=True)
class Done:
    """What is known of a repository that an earlier part has: the ``part``, the ``digest``, and how much was found."""

    part: int
    digest: str
    findings: int
    fixes: int
    errors: int
    failed: bool


class Results:
    """The output folder, which one run at a time may have. Raises :class:`OutputError` for what is not a campaign's."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self.done: dict[str, Done] = {}
        try:
            for table in ("findings", "patches"):
                os.makedirs(os.path.join(folder, table), exist_ok=True)
            self._lock = _locked(folder)
            self._clean()
        except (pa.ArrowException, KeyError) as error:
            raise OutputError(f"{folder}: holds what no campaign wrote: {str(error).splitlines()[0]}") from None

    @property
    def known(self) -> frozenset[str]:
        """The digests of which there are results."""
        return frozenset(done.digest for done in self.done.values() if not done.failed)

    def of(self, result: Result) -> Done:
        """What is known of the repository of a result that is ``known``."""
        return self.done[_clean(result.name)]

    def add(self, results: Iterable[Result]) -> None:
        """Write the results of some repositories, in place of those that there are of them. Nothing is half done if this is cut
        off."""
        new = {_clean(result.name): result for result in results}
        if not new:
            return
        for part in sorted({self.done[name].part for name in new if name in self.done}):
            self._without(part, set(new))
        for name in new:
            self.done.pop(name, None)
        number = max(self._parts("patches") | self._parts("findings"), default=0) + 1
        rows = [{"repository": name, **each} for name, result in new.items() for each in result.findings]
        if rows:
            self._write("findings", number, pa.Table.from_pylist([_clean(row) for row in rows], FINDINGS))
        patches = [_clean(_row(result)) for result in new.values()]
        self._write("patches", number, pa.Table.from_pylist(patches, PATCHES))
        self.done.update((row["repository"], _done(number, row)) for row in patches)

    def close(self) -> None:
        """Let others have the folder."""
        os.close(self._lock)

    def _clean(self) -> None:
        """Take away what a run that was cut off has left, and read what is done."""
        for table in ("findings", "patches"):
            for name in os.listdir(os.path.join(self._folder, table)):
                if _LEFT.fullmatch(name):
                    os.unlink(os.path.join(self._folder, table, name))
        columns = ["repository", "digest", "findings", "fixes", "errors", "failed"]
        for number in sorted(self._parts("patches")):
            rows = pq.read_table(self._path("patches", number), columns=columns, partitioning=None).to_pylist()
            self.done.update((row["repository"], _done(number, row)) for row in rows)
        for number in self._parts("findings"):
            backed = {name for name, done in self.done.items() if done.part == number}
            names = pq.read_table(self._path("findings", number), columns=["repository"], partitioning=None).column(0)
            if unbacked := set(pc.unique(names).to_pylist()) - backed:
                self._drop("findings", number, unbacked)

    def _without(self, part: int, names: set[str]) -> None:
        """Take repositories out of a part: first what says that they are done."""
        for table in ("patches", "findings"):
            if part in self._parts(table):
                self._drop(table, part, names)

    def _drop(self, table: str, number: int, names: set[str]) -> None:
        whole = pq.read_table(self._path(table, number), partitioning=None)
        kept = whole.filter(pc.invert(pc.is_in(whole.column("repository"), pa.array(sorted(names), pa.string()))))
        if kept.num_rows:
            self._write(table, number, kept)
        else:
            os.unlink(self._path(table, number))

    def _write(self, table: str, number: int, rows: Any) -> None:
        path = self._path(table, number)
        new = os.path.join(os.path.dirname(path), f".{os.path.basename(path)}.tmp")
        with open(new, "wb") as file:
            pq.write_table(rows, file, compression="zstd")
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)

    def _path(self, table: str, number: int) -> str:
        return os.path.join(self._folder, table, f"part-{number:06}.parquet")

    def _parts(self, table: str) -> set[int]:
        names = os.listdir(os.path.join(self._folder, table))
        return {int(found[1]) for name in names if (found := _PART.fullmatch(name))}


def _locked(folder: str) -> int:
    import fcntl  # on POSIX systems alone, as is the rest of a campaign

    lock = os.open(os.path.join(folder, ".lock"), os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise OutputError(f"{folder}: another campaign is writing here") from None
    return lock


def _row(result: Result) -> dict[str, Any]:
    return {
        "repository": result.name,
        "patch": result.patch,
        "files": result.files,
        "findings": len(result.findings),
        "fixes": result.fixes,
        "errors": list(result.errors),
        "failed": result.failed,
        "digest": result.digest,
        "version": __version__,
    }


def _done(part: int, row: dict[str, Any]) -> Done:
    return Done(part, row["digest"], row["findings"], row["fixes"], len(row["errors"]), row["failed"])


def _clean(value: Any) -> Any:
    """A value with text as Arrow takes it: names of files need not be UTF-8."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {key: _clean(each) for key, each in value.items()}
    return [_clean(each) for each in value] if isinstance(value, list) else value
