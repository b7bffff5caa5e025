"""Notebooks: which cells are Python, magics that come back, and a file in which nothing moves but the lines that change."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from fake_rewrite import fake as fake  # the fixture

from flake8_keras_loops.files import notebook
from flake8_keras_loops.files.magics import mask, unmask
from flake8_keras_loops.files.notebook_json import NotebookError, check, scan, splice
from flake8_keras_loops.fixes.outcome import Settings
from flake8_keras_loops.report.record import FileReport, place
from flake8_keras_loops.report.work import examine, write
from flake8_keras_loops.semantics.modules import Modules


def cell(*lines: str, kind: str = "code", **more: Any) -> dict[str, Any]:
    extra = {"outputs": [], "execution_count": 3} if kind == "code" else {}
    return {"cell_type": kind, "metadata": {}, "source": list(lines), **extra, **more}


def document(*cells: dict[str, Any], **more: Any) -> dict[str, Any]:
    metadata = {"kernelspec": {"language": "python", "name": "python3", "display_name": "Python 3"}}
    return {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 4, **more}


PICTURE = {"output_type": "display_data", "data": {"image/png": "iVBOR\n", "text/plain": ["<é>"]}, "metadata": {"z": 1, "a": 1e5}}
NOTEBOOK = document(
    cell("# Title\n", "BAD_SAFE é", kind="markdown"),
    cell("import keras\n", "print('é', \"\\\\u00e9\")\n", "%matplotlib inline\n", "!pip install keras"),
    cell("for i in x:\n", "    BAD_SAFE\n", "    %time fit(i)\n", "    y = !ls\n", "keras.done('→')", outputs=[PICTURE]),
    cell("%%bash\n", "BAD_SAFE\n"),
    cell("BAD_NONE"),
)
SPELLINGS: dict[str, dict[str, Any]] = {
    "jupyter": {"indent": 1, "ensure_ascii": False},
    "four blanks": {"indent": 4, "ensure_ascii": True},
    "tabs": {"indent": "\t", "ensure_ascii": False},
    "sorted": {"indent": 1, "sort_keys": True},
    "one line": {},
    "compact": {"separators": (",", ":")},
}


def fixed(text: str | bytes, **settings: Any) -> FileReport:
    data = text.encode() if isinstance(text, str) else text
    return examine("nb.ipynb", Settings(**settings), Modules(), data)


@pytest.mark.parametrize("end", ["\n", "", "\r\n"])
@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
@pytest.mark.usefixtures("fake")
def test_only_the_changed_lines_of_source_change(spelling: dict[str, Any], end: str) -> None:
    text = json.dumps(NOTEBOOK, **spelling) + "\n"
    text = text.replace("\n", "\r\n") if end == "\r\n" else text.rstrip("\n") + end
    report = fixed(text)
    assert not report.errors
    expected = json.loads(text)
    expected["cells"][2]["source"][1:2] = ["    keep = 1\n", "    GOOD\n"]
    style = json.dumps(expected, **spelling) + "\n"
    assert report.new.decode() == (style.replace("\n", "\r\n") if end == "\r\n" else style.rstrip("\n") + end)


@pytest.mark.usefixtures("fake")
def test_source_as_one_string_stays_one() -> None:
    text = json.dumps(document(cell(source="import os\nBAD_SAFE é\n"), cell(source="x = 1")), indent=1)
    new = fixed(text).new.decode()
    assert new == text.replace("BAD_SAFE", "keep = 1\\nGOOD")
    assert "\\u00e9" in new


@pytest.mark.usefixtures("fake")
def test_a_line_that_was_alone_in_its_list() -> None:
    text = json.dumps(document(cell("BAD_SAFE")), indent=1) + "\n"
    assert fixed(text).new.decode() == json.dumps(document(cell("keep = 1\n", "GOOD")), indent=1) + "\n"


@pytest.mark.usefixtures("fake")
def test_byte_order_mark_and_other_spellings_of_json() -> None:
    text = "\ufeff" + json.dumps(NOTEBOOK, indent=1).replace("<", "\\u003c").replace('"nbformat": 4', '"nbformat":   4')
    report = fixed(text)
    assert report.new.decode() == text.replace('"    BAD_SAFE\\n"', '"    keep = 1\\n",\n    "    GOOD\\n"')


@pytest.mark.usefixtures("fake")
def test_places_count_in_the_cell() -> None:
    text = json.dumps(NOTEBOOK, indent=1)
    first, second = fixed(text).found
    assert [place(each) for each in (first, second)] == ["nb.ipynb:cell 3:2:5", "nb.ipynb:cell 5:1:1"]
    assert first.outcome.finding.message == "BAD_SAFE in the loop on line 2 of cell 3"
    assert first.outcome.finding.span.end_column == 12
    lines = text.split("\n")
    assert "BAD_SAFE" in lines[first.file_line - 1]
    assert "BAD_NONE" in lines[second.file_line - 1]
    assert first.outcome.finding.built_at == ("nb.ipynb", first.file_line)


@pytest.mark.usefixtures("fake")
def test_a_column_behind_a_magic() -> None:
    (found,) = fixed(json.dumps(document(cell("!ls\n", "%time BAD_SAFE()")), indent=1)).found
    assert place(found) == "nb.ipynb:cell 1:2:7"


@pytest.mark.usefixtures("fake")
def test_a_cell_that_does_not_parse_is_named() -> None:
    report = fixed(json.dumps(document(cell("# a", kind="markdown"), cell("x"), cell("!ls\n", "SYNTAX"))))
    assert report.errors == ("nb.ipynb:cell 3:2: error: invalid syntax",)


@pytest.mark.usefixtures("fake")
def test_a_fix_that_loses_a_cell_boundary_or_a_magic_is_none() -> None:
    text = json.dumps(document(cell("BAD_SAFE # DROP\n", "x"), cell("y")))
    report = fixed(text)
    assert [each.outcome.reason for each in report.found] == ["the fix does not keep the cells apart"]
    assert not report.is_changed
    assert [each.outcome.applied for each in report.found] == [False]
    report = fixed(json.dumps(document(cell("y"), cell("x\n", "%time BAD_SAFE()"))))
    assert [each.outcome.reason for each in report.found] == ["the fix would change the magic on line 2 of cell 2"]


@pytest.mark.parametrize("appended", ["  # no", ";"])
def test_markers_are_counted(appended: str) -> None:
    read = notebook.read(json.dumps(document(cell("x"), cell("y"))))
    marker = next(line for line in read.python.split("\n") if line.startswith("pass"))
    assert notebook.write(read, read.python) == read.document.text
    for wrong in (
        read.python.replace(marker, ""),
        read.python.replace(marker, marker + appended),
        read.python.replace(marker, "    " + marker),
        read.python + marker + "\n",
        read.python + "    " + marker + "\n",
    ):
        with pytest.raises(NotebookError, match="keep the cells apart"):
            notebook.write(read, wrong)


def test_a_fix_before_the_first_statement_of_a_cell_stays_in_it() -> None:
    read = notebook.read(json.dumps(document(cell("x"), cell("y"))))
    new = json.loads(notebook.write(read, read.python.replace("y\n", "k = 1\ny\n")))
    assert [each["source"] for each in new["cells"]] == [["x"], ["k = 1\n", "y"]]


@pytest.mark.usefixtures("fake")
def test_the_file_is_written(tmp_path: Path) -> None:
    file = tmp_path / "nb.ipynb"
    file.write_text(json.dumps(NOTEBOOK, indent=1, ensure_ascii=False))
    before = file.read_bytes()
    report = write(examine(str(file), Settings(), Modules()))
    assert report.written
    assert file.read_bytes() == before.replace(b'"    BAD_SAFE\\n"', b'"    keep = 1\\n",\n    "    GOOD\\n"')


@pytest.mark.parametrize(
    "broken", [{"nbformat_minor": 5}, {"nbformat_minor": 99}, {"extra": 1}, {"x": [float("nan"), 1e400, 1.0]}]
)
@pytest.mark.filterwarnings("error")
@pytest.mark.usefixtures("fake")
def test_a_notebook_that_is_not_quite_valid_is_fixed_without_a_word(
    broken: dict[str, Any], capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    text = json.dumps(document(cell("BAD_SAFE"), **broken), indent=1)
    assert fixed(text).new.decode() == text.replace('"BAD_SAFE"', '"keep = 1\\n",\n    "GOOD"')
    assert capfd.readouterr() == ("", "")
    assert caplog.text == ""


# -- which cells are Python


@pytest.mark.parametrize(
    "other",
    [
        cell("BAD_SAFE", kind="raw"),
        cell("%%javascript\n", "BAD_SAFE"),
        cell("\n", "%%writefile a.py\n", "BAD_SAFE"),
        cell("%%python3\n", "BAD_SAFE"),
        cell("BAD_SAFE", metadata={"vscode": {"languageId": "sql"}}),
        cell(),
    ],
)
@pytest.mark.usefixtures("fake")
def test_other_cells_are_passed_over(other: dict[str, Any]) -> None:
    report = fixed(json.dumps(document(other, cell("x"))))
    assert not report.found
    assert not report.errors


@pytest.mark.usefixtures("fake")
def test_notebooks_in_other_languages_are_passed_over() -> None:
    for metadata in ({"kernelspec": {"language": "R"}}, {"language_info": {"name": "julia"}}):
        assert not fixed(json.dumps(document(cell("BAD_SAFE"), metadata=metadata))).found
    for metadata in ({}, {"language_info": {"name": "python"}}, {"kernelspec": {"name": "x"}}):
        assert fixed(json.dumps(document(cell("BAD_SAFE"), metadata=metadata))).found


@pytest.mark.parametrize("first", ["%%time\n", "%%capture out\n", "%%timeit -n 1\n", "\n%%prun\n"])
@pytest.mark.usefixtures("fake")
def test_cell_magics_over_python(first: str) -> None:
    text = json.dumps(document(cell(first, "BAD_SAFE")), indent=1)
    assert "".join(json.loads(fixed(text).new)["cells"][0]["source"]) == first + "keep = 1\nGOOD"


# -- magics


@pytest.mark.parametrize(
    ("source", "python"),
    [
        ("%matplotlib inline\nx = 1", "pass\nx = 1"),
        ("if x:\n    !ls -la\n", "if x:\n    pass\n"),
        ("files = !ls", "files = get_ipython()"),
        ("a, b.c = %sql x\n", "a, b.c = get_ipython()\n"),
        ("d[k] = !ls\n", "d[k] = get_ipython()\n"),
        ("%time m.fit(x)  # it's", "m.fit(x)  # it's"),
        ("h = %time m.fit(x)\n", "h = m.fit(x)\n"),
        ("%timeit -n 3 -r1 f()\n", "f()\n"),
        ("%time !ls\n", "pass\n"),
        ("%timeit -o\n", "pass\n"),
        ("model?\nkeras.layers??\n?print\nx = 1", "pass\npass\npass\nx = 1"),
        ("!ls \\\n  -la\nx = 1", "pass\nx = 1"),
        ("%run a.py\r\nx = 1\r\n", "pass\r\nx = 1\r\n"),
        ("pip install keras\ncd ..\nls -la", "pass\npass\npass"),
        ("x = (a\n%b)\ny = 1", "x = (a\n%b)\ny = 1"),
        ("x = '''\n%time\n!ls\n'''\n!ls", "x = '''\n%time\n!ls\n'''\npass"),
        ("x = (a # it's (\n%b)\n!ls\n", "x = (a # it's (\n%b)\npass\n"),
        ("x = a \\\n%b\n!ls\n", "x = a \\\n%b\npass\n"),
        ('print("a = %d" % 3)\n!ls', 'print("a = %d" % 3)\npass'),
        ("s = 'it\\'s ('\n%pip install x", "s = 'it\\'s ('\npass"),
        ("# what?\n!ls", "# what?\npass"),
        ("!!ls\n", "pass\n"),
        ("%%time\nx = 1", "pass\nx = 1"),
    ],
)
def test_magics_are_masked_and_come_back(source: str, python: str) -> None:
    lines = mask(source, "label")
    assert lines is not None
    text = "".join(line.text for line in lines)
    compile(text, "cell", "exec", flags=0x0400)  # ast only: names need not exist
    assert re.sub(r"  # label:\d+", "", text) == python
    assert unmask(lines, text) == source
    moved = "\n".join("  " + line for line in text.splitlines())
    assert unmask(lines, moved).splitlines()[0].strip() == source.splitlines()[0].strip()


def test_a_continued_magic_counts_its_lines() -> None:
    lines = mask("!ls \\\n  -la\nx = 1\n%time f(x)", "label")
    assert lines is not None
    assert [(line.number, line.shift) for line in lines] == [(1, 0), (3, 0), (4, 6)]


# -- broken notebooks


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "nb.ipynb:1: error: not a notebook: invalid JSON: Expecting value"),
        (b'{"cells": [\n}', "nb.ipynb:2: error: not a notebook: invalid JSON: Expecting value"),
        (b"[]", "nb.ipynb: error: not a notebook: it has no cells"),
        (b'{"cells": {}}', "nb.ipynb: error: not a notebook: it has no cells"),
        (b'{"cells": [1]}', "nb.ipynb: error: not a notebook: cell 1 has no source"),
        (b'{"cells": [{"source": [1]}]}', "nb.ipynb: error: not a notebook: cell 1 has no source"),
        (b"\xff\xfe", "nb.ipynb:1: error: cannot be decoded as utf-8"),
        (b"[" * 100_000, "nb.ipynb: error: not a notebook: too deeply nested"),
        (
            b'{"worksheets": [], "nbformat": 3}',
            "nb.ipynb: error: a notebook of format 3 or older: convert it first, with jupyter nbconvert --to notebook --inplace",
        ),
    ],
)
@pytest.mark.usefixtures("fake")
def test_a_broken_notebook_is_one_line(text: bytes, message: str) -> None:
    assert fixed(text).errors == (message,)


def test_a_splice_that_changes_more_is_noticed() -> None:
    read = scan(json.dumps(NOTEBOOK))
    sources = {2: "x = 1\n"}
    new = splice(read, sources)
    check(read, new, sources)
    for wrong in (
        new.replace("iVBOR", "iVBORx"),
        new.replace('"nbformat_minor": 4', '"nbformat_minor": 5'),
        new.replace("x = 1", "x = 2"),
        new.replace('"z": 1', '"z": 1.0'),
        new[:-1],
    ):
        with pytest.raises(NotebookError, match="more than the source of its cells would change"):
            check(read, wrong, sources)
