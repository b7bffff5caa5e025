"""Paths to files: what directories hold, ignore files as git reads them, patterns, duplicates, links and errors."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from flake8_keras_loops.files.discovery import DEFAULT_EXCLUDES, Excludes, Found, collect, is_pattern


def tree(root: Path, *files: str, **contents: str) -> None:
    for file in files:
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    for file, content in contents.items():
        (root / file).write_text(content)


def write(root: Path, file: str, content: str) -> None:
    (root / file).parent.mkdir(parents=True, exist_ok=True)
    (root / file).write_text(content)


def git(root: Path, *args: str) -> str:
    return subprocess.run(["git", *args], cwd=root, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files(*paths: str, **excludes: object) -> list[str]:
    found = collect(paths or (".",), Excludes(**excludes))  # type: ignore[arg-type]
    assert found.errors == ()
    return list(found.files)


def test_directories_hold_python_and_notebooks(root: Path) -> None:
    tree(root, "b.py", "a/z.py", "a/n.ipynb", "a.py", "c.pyi", "d.txt", "e.pyw", "py", "dir.py/inner.py", ".hidden/f.py")
    assert files() == [".hidden/f.py", "a/n.ipynb", "a/z.py", "a.py", "b.py", "dir.py/inner.py"]
    assert files("a", "./a/z.py", "b.py") == ["a/n.ipynb", "a/z.py", "b.py"]
    assert files(str(root / "a")) == [str(root / "a/n.ipynb"), str(root / "a/z.py")]


def test_files_given_by_name_are_taken_as_they_are(root: Path) -> None:
    tree(root, "c.pyi", "d.txt", "build/x.py")
    write(root, ".gitignore", "d.txt\n")
    assert files("d.txt", "c.pyi", "build/x.py") == ["build/x.py", "c.pyi", "d.txt"]


def test_default_excludes(root: Path) -> None:
    names = [name.rstrip("/") for name in DEFAULT_EXCLUDES]
    tree(root, "src/keep.py", *(f"{name}/x.py" for name in names), *(f"src/{name}/x.py" for name in names))
    assert files() == ["src/keep.py"]
    tree(root, "dist.py", "build.ipynb")  # directories are meant
    assert files() == ["build.ipynb", "dist.py", "src/keep.py"]
    assert files(patterns=("!build/",)) == ["build/x.py", "build.ipynb", "dist.py", "src/build/x.py", "src/keep.py"]


def test_a_directory_given_by_name_is_walked_although_it_is_excluded(root: Path) -> None:
    (root / ".git").mkdir()
    tree(root, "build/lib/a.py", "build/venv/b.py", "out/a.py", "out/tmp/b.py")
    write(root, ".gitignore", "out/\n")
    write(root, "out/.gitignore", "tmp/\n")
    assert files("build", "out") == ["build/lib/a.py", "out/a.py"]
    assert files() == []
    assert files("build", "out", force=True) == ["out/a.py"]


def test_exclude_patterns_are_relative_to_their_base(root: Path) -> None:
    tree(root, "a.py", "a_test.py", "sub/a.py", "sub/a_test.py", "sub/gen/x.py", "gen/x.py", "other/sub/gen/x.py")
    assert files(patterns=("*_test.py", "/gen/", "sub/gen")) == ["a.py", "other/sub/gen/x.py", "sub/a.py"]
    assert files(patterns=("/gen",), base=str(root / "sub")) == [
        "a.py",
        "a_test.py",
        "other/sub/gen/x.py",
        "sub/a.py",
        "sub/a_test.py",
    ]
    assert files("sub/a_test.py", patterns=("*_test.py",)) == ["sub/a_test.py"]
    assert files("sub/a_test.py", "sub/a.py", patterns=("*_test.py",), force=True) == ["sub/a.py"]
    assert files("sub/gen/x.py", "gen/x.py", patterns=("sub/",), force=True) == ["gen/x.py"]
    assert files("gen/x.py", patterns=("!gen/x.py",), force=True) == ["gen/x.py"]


def test_patterns_for_paths_beside_the_base(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree(root, "here/a.py", "there/a_test.py", "there/b.py")
    monkeypatch.chdir(root / "here")
    assert files("../there", patterns=("*_test.py",)) == ["../there/b.py"]


GITIGNORE = {
    ".gitignore": "*.gen.py\n/top.py\nlogs/\n!important.gen.py\n# comment.py\n\\#hash.py\ntrail.py \nall/*\n!all/keep/\nsub/*\ndeep/**/x.py\r\n",
    "sub/.gitignore": "!keep.py\n!pkg/\ninner.py\n",
    "sub/pkg/.gitignore": "!inner.py\n",
    "nested/.gitignore": "top.py\n!logs/\n",
}
IGNORED_TREE = [
    "a.py", "a.gen.py", "top.py", "nested/top.py", "nested/deeper/top.py", "logs/a.py", "nested/logs/a.py", "important.gen.py",
    "comment.py", "#hash.py", "trail.py", "all/a.py", "all/keep/a.py", "all/keep/b/a.py", "all/other/a.py", "sub/a.py", "sub/keep.py",
    "sub/pkg/a.py", "sub/pkg/inner.py", "sub/pkg/x/inner.py", "sub/pkg2/a.py", "sub/pkg2/keep.py", "deep/x.py", "deep/1/2/x.py",
    "deep/1/2/y.py", "secret/a.py", "nested/secret/b.py",
]  # fmt: skip


def test_ignore_files_mean_what_they_mean_to_git(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(root, "init", "-q")
    tree(root, *IGNORED_TREE)
    for name, content in GITIGNORE.items():
        write(root, name, content)
    write(root, ".git/info/exclude", "secret/\n!top.py\n")
    listed = git(root, "-c", "core.quotePath=off", "ls-files", "-co", "--exclude-standard", "*.py").splitlines()
    assert len(listed) > 10
    assert sorted(files()) == sorted(listed)
    # ... and from a directory in between, where the rules above still hold
    for folder in ("sub", "nested", "all/keep"):
        below = sorted(name.removeprefix(folder + "/") for name in listed if name.startswith(folder + "/"))
        monkeypatch.chdir(root / folder)
        assert sorted(files()) == below
        monkeypatch.chdir(root)
        assert sorted(files(folder)) == [f"{folder}/{name}" for name in below]


def test_a_repository_in_a_repository_has_rules_of_its_own(root: Path) -> None:
    (root / ".git").mkdir()
    write(root, ".gitignore", "a.py\n")
    tree(root, "a.py", "inner/a.py", "inner/b.py", "inner/c/b.py")
    (root / "inner/.git").mkdir()
    write(root, "inner/.gitignore", "b.py\n")
    assert files() == ["inner/a.py"]


def test_a_worktree_has_the_exclude_file_of_its_repository(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    main = root / "main"
    main.mkdir()
    git(main, "init", "-q")
    git(main, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "first")
    git(main, "worktree", "add", "-q", str(root / "tree"))
    write(main, ".git/info/exclude", "secret.py\n")
    tree(root / "tree", "secret.py", "a.py")
    monkeypatch.chdir(root / "tree")
    assert files() == ["a.py"]


def test_ignore_files_outside_a_repository(root: Path) -> None:
    tree(root, "a.py", "sub/b.py")
    write(root, ".gitignore", "b.py\n")
    assert files() == ["a.py"]
    assert files("sub") == ["sub/b.py"]  # nobody says where rules from above would start


def test_links(root: Path) -> None:
    tree(root, "real/a.py", "elsewhere/b.py")
    (root / "real/loop").symlink_to(root / "real", target_is_directory=True)
    (root / "real/up").symlink_to("..", target_is_directory=True)
    (root / "real/link.py").symlink_to("a.py")
    (root / "real/b.py").symlink_to(root / "elsewhere/b.py")
    (root / "real/broken.py").symlink_to("nowhere")
    assert files("real") == ["real/a.py", "real/b.py"]
    assert files() == ["elsewhere/b.py", "real/a.py"]
    (root / "into").symlink_to(root / "real" / "deep", target_is_directory=True)
    tree(root, "real/deep/c.py")
    assert files("into/../a.py") == ["into/../a.py"]
    (root / "real/deep/c.py").unlink()
    assert files("real/loop") == ["real/loop/a.py", "real/loop/b.py"]


def test_no_duplicates_and_a_stable_order(root: Path) -> None:
    tree(root, *(f"{letter}/{number}.py" for letter in "zxy" for number in (3, 1, 2)))
    expected = [f"{letter}/{number}.py" for letter in "xyz" for number in (1, 2, 3)]
    assert files("z", "x", ".", "y/2.py", "./z/../z/1.py") == expected
    assert files(".") == expected


def test_errors_are_a_line_each_and_the_others_still_done(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree(root, "a.py", "closed/b.py", "open/c.py")
    (root / "broken").symlink_to("nowhere")
    scandir = os.scandir

    def scan(path: str) -> object:
        if os.path.basename(path) == "closed":
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", scan)
    found = collect((".", "gone", "broken"), Excludes())
    assert found == Found(
        ("a.py", "open/c.py"),
        (
            "closed: error: cannot be read: Permission denied",
            "gone: error: no such file or directory",
            "broken: error: a broken link",
        ),
    )


def test_patterns_that_make_no_sense_are_passed_over_as_git_does(root: Path) -> None:
    tree(root, "a.py", "b.py", "c.py")
    write(root, ".gitignore", "!\nb[.py\n[z-a]\na\\\nb.py\n")
    assert files() == ["a.py", "c.py"]
    assert [pattern for pattern in ("!", "[z-a]", "a\\", "b[.py", "*.py", "") if not is_pattern(pattern)] == ["!", "[z-a]", "a\\"]


def test_a_pipe_among_the_files_is_not_read(root: Path) -> None:
    os.mkfifo(root / "pipe.py")
    assert files() == []
