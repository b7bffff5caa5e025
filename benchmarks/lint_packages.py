"""The packages that are measured on: where they come from, and which of their files are taken."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import sys
import tarfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from flake8_keras_loops.files.project import PARSE_ERRORS, parse
from flake8_keras_loops.semantics.modules import Modules

#: They use TensorFlow and Keras throughout.
NAMES = (
    "tf-agents", "tensorflow-probability", "adversarial-robustness-toolbox", "spektral", "deepchem", "stellargraph", "keras",
    "keras-hub", "keras-tuner", "tensorflow-addons",
)  # fmt: skip


def fetch(names: Iterable[str], folder: Path) -> None:
    """Download and unpack what is not there yet, each into a folder of its name. Nothing of it is run where there is a wheel.

    Raises ``subprocess.CalledProcessError`` for what cannot be had.
    """
    for name in names:
        if (folder / name).is_dir():
            continue
        archives = folder / f".{name}"
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--dest", str(archives)]
        if subprocess.run([*command, "--only-binary", ":all:", name], check=False).returncode:
            subprocess.run([*command, "--no-binary", ":all:", name], check=True)
        (archive,) = archives.iterdir()
        if archive.suffix == ".whl":
            shutil.unpack_archive(archive, folder / name, "zip")
        else:
            with tarfile.open(archive) as tar:
                tar.extractall(folder / name, filter="data")
        shutil.rmtree(archives)


def version(folder: Path) -> str:
    """The version that a package's metadata state, ``""`` where there are none."""
    for path in sorted([*folder.glob("**/METADATA"), *folder.glob("**/PKG-INFO")], key=lambda path: len(path.parts))[:1]:
        found = re.search(r"(?m)^Version: (.*)$", path.read_text("utf-8", "replace"))
        return found[1].strip() if found else ""
    return ""


def sources(folder: Path, limit: int) -> list[str]:
    """The Python files of a package, relative to it, that Python of today parses; of a package of more than ``limit`` bytes whole
    folders, picked at random, until that is reached."""
    folders: dict[Path, list[Path]] = defaultdict(list)
    for path in sorted(folder.rglob("*.py")):
        if path.stat().st_size and _parses(path):
            folders[path.parent].append(path)
    picked: list[Path] = []
    size = 0
    for each in random.Random(0).sample(sorted(folders), len(folders)):
        if size < limit:
            picked += folders[each]
            size += sum(path.stat().st_size for path in folders[each])
    return [str(path.relative_to(folder)) for path in sorted(picked)]


def _parses(path: Path) -> bool:
    try:
        parse(path.read_text("utf-8"))
    except (*PARSE_ERRORS, UnicodeDecodeError):
        return False
    return True


def that_matter(files: Sequence[str], folder: Path) -> list[str]:
    """Those that can have a finding, by their bytes and by what they import."""
    project = Modules()
    return [file for file in files if project.can_matter((folder / file).read_bytes(), str(folder / file))]
