"""Lays the files of a repository out in a folder, and never outside it."""

from __future__ import annotations

import os
from collections.abc import Iterable

from ..files.encoding import one_line


def lay_out(files: Iterable[tuple[str, bytes]], folder: str) -> list[str]:
    """Write files (path and content) below an empty folder, which becomes the top of a repository. Returns a line for each file
    that has no place there.

    The folder is git's, as a checkout would be, so that nothing above it counts: not the ignore files, nor where imports start.
    No link is ever made, so a path without ``..`` cannot lead out.
    """
    os.mkdir(os.path.join(folder, ".git"))
    errors: list[str] = []
    done: dict[str, bytes] = {}
    for path, content in files:
        reason = why_not(path)
        plain = os.path.normpath(path) if not reason else path
        if not reason and plain in done:
            reason = "" if done[plain] == content else "there twice, with different content"
        elif not reason:
            done[plain] = content
            reason = _write(os.path.join(folder, plain), content)
        if reason:
            errors.append(f"{ascii(path)[1:-1]}: error: {reason}")
    return errors


def why_not(path: str) -> str:
    """Why a path names no file of a repository, ``""`` where it does."""
    parts = path.split("/")
    if "\0" in path:
        return "a path with a NUL"
    if path.startswith("/") or os.path.isabs(path):
        return "an absolute path"
    if ".." in parts:
        return "a path that leads out of the repository"
    if parts[-1] in ("", "."):
        return "a path without a name"
    if ".git" in parts:
        return "a path in git's own folder"
    return ""


def _write(place: str, content: bytes) -> str:
    """Write a file and its folders. Returns why that cannot be, ``""`` if it is done."""
    try:
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "xb") as file:
            file.write(content)
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        return "a file and a folder of one name"
    except (OSError, ValueError) as error:
        return one_line(error)
    return ""
