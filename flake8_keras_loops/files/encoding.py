"""Bytes in, bytes out: a file's text without loss, and a write that leaves the old file or the new one, never half of either.

Decoding translates no line ends, so CRLF, CR and a mixture of them come back as they were. Hard links to a file that is
rewritten keep the old content, because the new one is moved into the file's place.
"""

from __future__ import annotations

import codecs
import io
import os
import stat
import sys
import tempfile
import tokenize
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any


class FileError(Exception):
    """Something is wrong with a file. ``reason``: one line, without the path. ``line``: from 1, 0 where it is not known."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(f"line {line}: {reason}" if line else reason)
        self.reason = reason
        self.line = line


class SourceError(FileError):
    """A file that cannot be read, decoded, encoded or written."""


@dataclass(frozen=True)
class Source:
    """A file as it was read. ``text``: without byte order mark, with its line ends. ``encoding``: what decodes the bytes after
    ``bom``, which is empty for most files."""

    data: bytes
    text: str
    encoding: str
    bom: bytes


def one_line(error: BaseException) -> str:
    """The message of an exception on one line, without the path that an ``OSError`` repeats."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return " ".join(text.split()) or type(error).__name__


def read_bytes(path: str) -> bytes:
    """The bytes of a file. Raises :class:`SourceError`."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except (OSError, ValueError) as error:
        raise SourceError(f"cannot be read: {one_line(error)}") from None


def read_toml(path: str) -> dict[str, Any]:
    """The tables of a TOML file. Raises :class:`SourceError`."""
    if sys.version_info >= (3, 11):  # the plugin does without
        import tomllib
    else:
        import tomli as tomllib
    try:
        tables: dict[str, Any] = tomllib.loads(read_bytes(path).decode())
        return tables
    except (ValueError, RecursionError) as error:
        raise SourceError(f"not valid TOML: {one_line(error)}") from None


def decode(data: bytes, encoding: str = "") -> Source:
    """Decode Python source by its byte order mark or coding line, as Python does, or a file whose ``encoding`` is known.

    Raises :class:`SourceError`, with the line for bytes that are not valid.
    """
    bom = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    rest = data[len(bom) :]
    try:
        encoding = encoding or tokenize.detect_encoding(io.BytesIO(data).readline)[0].removesuffix("-sig")
        return Source(data, rest.decode(encoding), encoding, bom)
    except SyntaxError as error:
        raise SourceError(one_line(error)) from None
    except UnicodeDecodeError as error:
        raise SourceError(f"cannot be decoded as {encoding}", rest.count(b"\n", 0, error.start) + 1) from None
    except (LookupError, ValueError, AttributeError):
        raise SourceError(f"cannot be decoded as {encoding}") from None


def encode(source: Source, text: str) -> bytes:
    """The bytes of a new text in the encoding of the old one. Raises :class:`SourceError` where that would lose something."""
    if text == source.text:
        return source.data
    try:
        if source.bom + source.text.encode(source.encoding) != source.data:  # an encoding with several spellings of one text
            raise SourceError(f"decoding {source.encoding} and encoding it again changes other lines")
        return source.bom + text.encode(source.encoding)
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        character = ascii(text[error.start])
        raise SourceError(f"line {line} of the fix has {character}, which {source.encoding} cannot hold") from None
    except (LookupError, ValueError) as error:
        raise SourceError(f"cannot be encoded as {source.encoding}: {one_line(error)}") from None


def write(path: str, old: bytes, new: bytes) -> None:
    """Replace a file's content at once, if it still holds the ``old`` one.

    The file a symbolic link points to is replaced, the link stays; mode and, where that is allowed, owner are kept. Nothing
    is opened for writing if ``new`` equals ``old``. Raises :class:`SourceError` for a file that is read-only, has
    changed meanwhile or cannot be written; the file is then as it was.
    """
    if new == old:
        return
    try:
        target = os.path.realpath(path, strict=True)
        status = os.stat(target)
        if not stat.S_ISREG(status.st_mode):
            raise SourceError("not rewritten: not a regular file")
        # Replacing needs no permission on the file itself, and os.access() says yes to root whatever the mode is.
        if not status.st_mode & 0o222 or not os.access(target, os.W_OK):
            raise SourceError("not rewritten: the file is read-only")
        _replace(target, status, old, new)
    except OSError as error:
        raise SourceError(f"not rewritten: {one_line(error)}") from None


def create(path: str, data: bytes) -> None:
    """Write a new file at once, never over another one. Raises :class:`SourceError`, and nothing is there then."""
    try:
        with _temporary(os.path.dirname(path) or os.curdir, data) as temporary:
            os.chmod(temporary, 0o666 & ~_umask())
            _move(temporary, path)
    except OSError as error:
        raise SourceError(f"not written: {one_line(error)}") from None


@contextmanager
def _temporary(folder: str, data: bytes) -> Iterator[str]:
    """A file with some bytes, on the disk; what is left of it at the end, if it was not moved, is removed."""
    descriptor, path = tempfile.mkstemp(prefix=".keras-loop-fix-", suffix=".tmp", dir=folder)
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield path
    finally:
        with suppress(OSError):
            os.unlink(path)


def _move(temporary: str, path: str) -> None:
    """Move a file to where there must be none, which ``os.replace()`` does not mind."""
    try:
        os.link(temporary, path)
    except OSError:  # also where there are no hard links
        if os.path.lexists(path):
            raise
        os.rename(temporary, path)


def _umask() -> int:
    umask = os.umask(0)
    os.umask(umask)
    return umask


def _replace(target: str, status: os.stat_result, old: bytes, new: bytes) -> None:
    with _temporary(os.path.dirname(target), new) as temporary:
        with suppress(OSError, AttributeError):  # only root may give files away, and not on every system
            os.chown(temporary, status.st_uid, status.st_gid)
        os.chmod(temporary, stat.S_IMODE(status.st_mode))  # after chown(), which clears some of the bits
        with open(target, "rb") as file:
            if file.read() != old:
                raise SourceError("not rewritten: the file has changed since it was read")
        os.replace(temporary, target)
