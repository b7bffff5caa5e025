"""Bytes in, bytes out; a write is whole or not at all; ``# noqa`` and the selection of rules."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flake8_keras_loops.files import encoding
from flake8_keras_loops.files.encoding import SourceError, decode, encode, write
from flake8_keras_loops.files.noqa import suppressed
from flake8_keras_loops.rules import RULES, selected, unknown

BYTES = {
    "crlf": b"a = 1\r\nb = 2\r\n",
    "cr": b"a = 1\rb = 2\r",
    "mixed": b"a = 1\r\nb = 2\nc = 3\rd = 4\r\r\n",
    "bom": b"\xef\xbb\xbfa = '\xc3\xa9'\n",
    "bom and coding line": b"\xef\xbb\xbf# coding: utf-8\na = 1\n",
    "latin-1": b"# -*- coding: latin-1 -*-\na = '\xe9'\n",
    "second line": b"#!/usr/bin/python\n# vim: set fileencoding=cp1251 :\na = '\xe9'\n",
    "form feed": b"a = 1\n\x0c\nb = 2\n\x0b\x1c\x85\n".replace(b"\x85", b"\xc2\x85"),
    "no newline at the end": b"a = 1\nb = 2",
    "blank lines at the end": b"a = 1\n\n\n \n",
    "empty": b"",
    "line separators in a string": "a = '\u2028\u0085'\n".encode(),
}


@pytest.mark.parametrize("data", BYTES.values(), ids=BYTES)
def test_text_comes_back_byte_for_byte(data: bytes) -> None:
    read = decode(data)
    assert encode(read, read.text) == data
    # the same through the encoder, which equal texts do not reach
    assert encode(read, read.text + "#")[:-1] == data
    assert read.text.count("\r") == data.count(b"\r")
    assert not read.text.startswith("\ufeff")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"a = 1\nb = '\xe9'\n", "line 2: cannot be decoded as utf-8"),
        (b"# coding: nonsense\n", "unknown encoding: nonsense"),
        (b"# coding: rot13\n", "cannot be decoded as rot13"),
        (b"\xef\xbb\xbf# coding: latin-1\n", "encoding problem: utf-8"),
    ],
)
def test_bytes_that_are_not_text(data: bytes, message: str) -> None:
    with pytest.raises(SourceError) as caught:
        decode(data)
    assert str(caught.value) == message


def test_a_fix_that_the_encoding_cannot_hold() -> None:
    read = decode(b"# coding: latin-1\na = 1\n")
    with pytest.raises(SourceError, match=r"^line 2 of the fix has '\\u2192', which iso-8859-1 cannot hold$"):
        encode(read, "# coding: latin-1\na = '\u2192'\n")


def test_an_encoding_with_several_spellings_of_a_text() -> None:
    data = b"# coding: utf-7\na = '+AGE-'\n"  # an a, which encodes as itself
    read = decode(data)
    assert encode(read, read.text) == data
    with pytest.raises(SourceError, match="changes other lines"):
        encode(read, read.text + "b = 1\n")


def left_over(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_write_replaces_and_keeps_mode_and_owner(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_bytes(b"old")
    file.chmod(0o751)
    if os.geteuid() == 0:
        os.chown(file, 1234, 1235)
    before = file.stat()
    write(str(file), b"old", b"new")
    after = file.stat()
    assert file.read_bytes() == b"new"
    assert (stat.S_IMODE(after.st_mode), after.st_uid, after.st_gid) == (0o751, before.st_uid, before.st_gid)
    assert left_over(tmp_path) == ["a.py"]


def test_nothing_to_write_touches_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "stat", None)
    monkeypatch.setattr(encoding.tempfile, "mkstemp", None)
    write(str(tmp_path / "not there"), b"same", b"same")


def test_a_link_stays_and_its_target_is_replaced(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    target = inner / "a.py"
    target.write_bytes(b"old")
    link = tmp_path / "link.py"
    link.symlink_to(Path("inner") / "a.py")
    write(str(link), b"old", b"new")
    assert link.is_symlink()
    assert not target.is_symlink()
    assert target.read_bytes() == b"new"
    assert left_over(inner) == ["a.py"]


def test_a_read_only_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_bytes(b"old")
    file.chmod(0o444)
    with pytest.raises(SourceError, match=r"^not rewritten: the file is read-only$"):
        write(str(file), b"old", b"new")
    assert file.read_bytes() == b"old"
    assert left_over(tmp_path) == ["a.py"]


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SourceError, match=r"^not rewritten: not a regular file$"):
        write(str(tmp_path / "pipe"), b"old", b"new")
    with pytest.raises(SourceError, match=r"^not rewritten: No such file or directory$"):
        write(str(tmp_path / "gone"), b"old", b"new")


def test_a_file_that_changed_meanwhile_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_bytes(b"somebody else's")
    with pytest.raises(SourceError, match=r"^not rewritten: the file has changed since it was read$"):
        write(str(file), b"old", b"new")
    assert file.read_bytes() == b"somebody else's"
    assert left_over(tmp_path) == ["a.py"]


@pytest.mark.parametrize("function", ["fsync", "replace", "chmod"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failure_in_the_middle_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: str, error: BaseException
) -> None:
    file = tmp_path / "a.py"
    file.write_bytes(b"old")

    def fails(*args: object) -> None:
        raise error

    monkeypatch.setattr(os, function, fails)
    with pytest.raises(SourceError if isinstance(error, OSError) else KeyboardInterrupt) as caught:
        write(str(file), b"old", b"new")
    if isinstance(error, OSError):
        assert str(caught.value) == "not rewritten: No space left on device"
    assert file.read_bytes() == b"old"
    assert left_over(tmp_path) == ["a.py"]


@pytest.mark.parametrize("delay", [0.0, 0.002, 0.005, 0.01, 0.02, 0.04])
def test_a_kill_leaves_the_old_file_or_the_new_one(tmp_path: Path, delay: float) -> None:
    old, new = b"o" * 3_000_000, b"n" * 4_000_000
    file = tmp_path / "a.py"
    file.write_bytes(old)
    program = (
        "from flake8_keras_loops.files.encoding import write\n"
        f"path, old, new = {str(file)!r}, b'o' * 3_000_000, b'n' * 4_000_000\n"
        "print('ready', flush=True)\n"
        "while True:\n    write(path, old, new)\n    write(path, new, old)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline() == b"ready\n"
    time.sleep(delay)
    child.send_signal(signal.SIGKILL)
    child.communicate()
    assert file.read_bytes() in {old, new}
    assert all(name == "a.py" or (name.startswith(".") and name.endswith(".tmp")) for name in left_over(tmp_path))


# -- noqa: the same lines go to flake8 itself

NOQA = '''\
import keras
for i in range(9):
    a = keras.Sequential()
    b = keras.Sequential()  # noqa
    c = keras.Sequential()  # noqa: KL101,E501
    d = keras.Sequential()  # noqa: E501
    e = keras.Sequential()  # noqa:E501, KL101
    f = keras.Sequential()  # NoQA : KL101
    g = keras.Sequential(  # noqa: KL
        []
    )
    h = keras.Sequential(
        []
    )  # noqa: KL101
    j = keras.Sequential(name="""
    """)  # noqa: KL101
    k = \\
        keras.Sequential()  # noqa: KL101
    m = keras.Sequential(name="# noqa")
    n = keras.Sequential()  # noqa: KL102
'''


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_noqa_means_what_it_means_to_flake8(tmp_path: Path, ends: str) -> None:
    (tmp_path / "a.py").write_bytes(NOQA.replace("\n", ends).encode())
    reports = [
        subprocess.run(
            [sys.executable, "-m", "flake8", "--isolated", "--select=KL", *flags, "a.py"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
        ).stdout
        for flags in ((), ("--disable-noqa",))
    ]
    left, every = ({int(line.split(":")[1]) for line in report.splitlines()} for report in reports)
    assert len(every) == 12
    assert 3 in left
    assert 4 not in left
    is_suppressed = suppressed(NOQA.replace("\n", ends))
    assert {line for line in every if not is_suppressed(line, "KL101")} == left


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# flake8: noqa\na = 1\n", True),
        ("a = 1\n# flake8: NOQA\n", True),
        ("a = 1  # flake8: noqa\n", False),  # on a line with code it says nothing
        ("a = 1\n", False),
        ("a = 1\n'noqa'\n", False),
        ("a = (  # noqa\n", True),  # does not even tokenize
    ],
)
def test_noqa_for_a_file(text: str, expected: bool) -> None:
    assert suppressed(text)(1, "KL101") is expected
    assert suppressed("# noqa")(7, "KL101") is False


# -- selection


ALWAYS = {code for code, rule in RULES.items() if rule.default}


@pytest.mark.parametrize(
    ("select", "ignore", "enable", "on"),
    [
        ((), (), (), ALWAYS),
        (("KL107",), (), (), set()),
        (("KL107",), (), ("KL107",), {"KL107"}),
        (("KL",), (), (), ALWAYS),
        (("KL",), (), ("KL107", "KL203"), set(RULES)),
        (("KL",), ("KL10",), ("KL203",), {code for code in RULES if code.startswith("KL2")}),
        (("KL101",), ("KL",), (), {"KL101"}),
        (("KL101",), ("KL101",), (), set()),
        (("KL101", "KL1"), ("KL10", "KL102"), ("KL107",), {"KL101"}),
        ((), ("KL101",), ("KL107",), ALWAYS - {"KL101"} | {"KL107"}),
        ((), ("KL107",), ("KL107",), ALWAYS),
        ((), ("KL",), ("KL107",), set()),
    ],
)
def test_the_longest_prefix_decides(
    select: tuple[str, ...], ignore: tuple[str, ...], enable: tuple[str, ...], on: set[str]
) -> None:
    assert {code for code in RULES if selected(code, select, ignore, enable)} == on


def test_prefixes_of_no_rule() -> None:
    assert "KL107" not in {code for code in RULES if selected(code, (), ())}
    assert unknown(("KL", "KL101", "E501", "", "KL1010")) == ["E501", "", "KL1010"]
