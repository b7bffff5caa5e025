"""Parquet in and out of a campaign, and its command line as far as it goes without Ray."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from campaigns import LOOP, checkouts, expected, generated, parquet, plain, write

from flake8_keras_loops.campaign import results, running, tables
from flake8_keras_loops.campaign.analyst import Analyst
from flake8_keras_loops.campaign.repository import Asked, Result, failure
from flake8_keras_loops.campaign.results import OutputError, Results
from flake8_keras_loops.campaign.tables import planned
from flake8_keras_loops.cli import campaign

# -- in


def parts(tmp_path: Path, *names: str) -> tuple[list[list[str]], bool]:
    """The plan for files with rows of repositories, a letter each; files by numbers."""
    for number, letters in enumerate(names):
        write([(letter, f"{index}.py", b"") for index, letter in enumerate(letters)], tmp_path / f"{number}.parquet", 2)
    found = planned(str(tmp_path / f"{number}.parquet") for number in range(len(names)))
    return [["".join(filter(str.isdigit, Path(path).name)) for path in part] for part in found.parts], found.is_grouped


@pytest.mark.parametrize(
    ("files", "plan"),
    [
        (("aaab",), ([["0"]], True)),
        (("aab", "cc"), ([["0"], ["1"]], True)),
        (("aab", "bcc"), ([["0", "1"]], True)),
        (("aa", "aaa", "ab", "c"), ([["0", "1", "2"], ["3"]], True)),
        (("ba", "cab"), ([["0"], ["1"]], False)),
        (("aba",), ([["0"]], False)),
        (("ab", "ba"), ([["0"], ["1"]], False)),
    ],
)
def test_whether_rows_are_grouped(files: tuple[str, ...], plan: object, tmp_path: Path) -> None:
    assert parts(tmp_path, *files) == plan


def test_repositories_of_a_part_are_read_over_files(tmp_path: Path) -> None:
    parts(tmp_path, "aab", "bcc")
    found = list(tables.repositories(str(tmp_path / f"{number}.parquet") for number in (0, 1)))
    assert [(each.name, len(each.files)) for each in found] == [("a", 2), ("b", 2), ("c", 2)]


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.large_binary(), pa.dictionary(pa.int32(), pa.string())])
def test_texts_and_bytes_are_taken(kind: Any, tmp_path: Path) -> None:
    columns = {"repository": pa.array(["a"]).cast(pa.large_string()), "path": pa.array(["a.py"]), "more": pa.array([1])}
    table = pa.table({**columns, "content": pa.array(["x = 'é'\n"]).cast(kind)})
    pq.write_table(table, tmp_path / "t.parquet")
    assert planned([str(tmp_path / "t.parquet")]).is_grouped
    (found,) = tables.repositories([str(tmp_path / "t.parquet")])
    assert found.files == (("a.py", "x = 'é'\n".encode()),)


def test_a_file_that_is_damaged_in_the_middle_is_a_row(tmp_path: Path) -> None:
    file = tmp_path / "t.parquet"
    write([(f"r{number}", "a.py", os.urandom(2000)) for number in range(300)], file, 100)
    data = bytearray(file.read_bytes())
    start = pq.ParquetFile(file).metadata.row_group(1).column(2).data_page_offset
    data[start : start + 40] = b"\xff" * 40
    file.write_bytes(data)
    assert planned([str(file)]).is_grouped
    *whole, broken = tables.repositories([str(file)])
    assert [each.name for each in whole] == [f"r{number}" for number in range(len(whole))]
    assert 0 < len(whole) <= 200
    assert [each.name for each in whole if each.failed] == [whole[-1].name]  # some of its rows may be behind
    assert (broken.name, broken.failed) == (str(file), True)
    *rows, last = tables.rows(str(file))
    assert sum(len(table) for table in rows) == len(whole)
    assert tables.of_table(last) == broken


def test_rows_that_were_sorted_make_a_repository(tmp_path: Path) -> None:
    write([("a", "2.py", b"2"), ("a", "data.bin", b"123"), ("a", "1.py", None)], tmp_path / "t.parquet")
    found = tables.of_table(pa.concat_tables(tables.rows(str(tmp_path / "t.parquet"))))
    assert (found.name, found.files) == ("a", (("2.py", b"2"), ("data.bin", b"")))
    assert found.errors == ("1.py: error: no content",)


# -- out


def result(name: str, digest: str = "1", findings: int = 0) -> Result:
    given = ("code", "KL101"), ("path", "caf\udce9.py"), ("loop", {"line": 1, "column": 2, "end_line": 3, "end_column": 4})
    return Result(name, digest, 3, (dict(given),) * findings, b"\xe9", findings, ("x",) if name == "wrong" else ())


def stored(folder: Path) -> tuple[dict[str, str], list[str]]:
    """The digests of the repositories in an output folder, and the repositories of its findings."""
    found, patches = (pq.read_table(folder / table) for table in ("findings", "patches"))
    return dict(zip(*(patches.column(name).to_pylist() for name in ("repository", "digest")))), sorted(
        found.column("repository").to_pylist()
    )


def test_what_is_written_is_known_the_next_time(tmp_path: Path) -> None:
    first = Results(str(tmp_path))
    assert first.known == frozenset()
    first.add([result("a", "1", 2), result("b", "2")])
    first.add([failure("c", "3", "timeout")])
    first.close()
    second = Results(str(tmp_path))
    assert second.known == {"1", "2"}  # what failed is tried again
    assert (second.done["a"].findings, second.done["c"].errors) == (2, 1)
    second.close()


def test_a_new_result_takes_the_place_of_an_old_one(tmp_path: Path) -> None:
    first = Results(str(tmp_path))
    first.add([result("a", "1", 2), result("b", "2", 1)])
    first.add([result("a", "3", 1)])
    assert stored(tmp_path) == ({"a": "3", "b": "2"}, ["a", "b"])
    first.add([result("b", "4"), result("a", "5", 3)])
    assert stored(tmp_path) == ({"a": "5", "b": "4"}, ["a"] * 3)
    assert first.known == {"4", "5"}
    first.close()


@pytest.mark.parametrize("calls", range(1, 8))
def test_a_run_that_is_cut_off_leaves_nothing_half_done(calls: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At each change of a name, and before it."""
    first = Results(str(tmp_path))
    first.add([result("a", "1", 1), result("b", "2", 2)])
    left, replaced = [calls], os.replace

    def replace(source: str, target: str) -> None:
        left[0] -= 1
        if not left[0]:
            raise KeyboardInterrupt
        replaced(source, target)

    monkeypatch.setattr(results.os, "replace", replace)
    try:
        first.add([result("a", "3", 3), result("c", "4", 1)])
        first.add([result("d", "5", 1)])
    except KeyboardInterrupt:
        pass
    monkeypatch.undo()
    first.close()
    second = Results(str(tmp_path))
    digests, found = stored(tmp_path)
    assert {name: done.digest for name, done in second.done.items()} == digests
    assert digests.get("a") in {"1", "3", None}
    assert found == sorted(name for name, done in second.done.items() for _ in range(done.findings))
    assert not list(tmp_path.rglob("*.tmp"))
    second.close()


def test_one_run_at_a_time_and_no_folder_of_others(tmp_path: Path) -> None:
    first = Results(str(tmp_path))
    with pytest.raises(OutputError, match="another campaign is writing here"):
        Results(str(tmp_path))
    first.close()
    pq.write_table(pa.table({"x": [1]}), tmp_path / "patches" / "part-000001.parquet")
    with pytest.raises(OutputError, match="holds what no campaign wrote"):
        Results(str(tmp_path))


def test_the_tables_have_what_the_json_report_has(tmp_path: Path) -> None:
    repositories = {name: files for name, files in generated().items() if name in {"imports", "notebook", "of-03"}}
    given = running.inputs((), (str(checkouts(repositories, tmp_path / "in")),)).folders
    analyst, out = Analyst(Asked()), Results(str(tmp_path / "out"))
    out.add(analyst.result(each) for each in given)
    analyst.close()
    out.close()
    rows = pq.read_table(tmp_path / "out" / "findings").to_pylist()
    for each in given:
        assert [plain(row) for row in rows if row["repository"] == each.name] == expected(Path(each.folder))[0]


# -- the command line


def test_bad_input_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(campaign, "_EXTRA", ())
    monkeypatch.chdir(tmp_path)
    Path("no.parquet").write_text("no")
    pq.write_table(pa.table({"repository": ["a"], "path": ["b"]}), "missing.parquet")
    pq.write_table(pa.table({"repository": ["a"], "path": ["b"], "content": [1]}), "kind.parquet")
    for folder in ("one/a", "two/a", "empty"):
        Path(folder).mkdir(parents=True)
    Path("file").touch()
    for arguments, said in {
        ("gone",): "gone: no such file or directory",
        ("no.parquet",): "no.parquet: not a Parquet file",
        ("missing.parquet",): "missing.parquet: has no column 'content'; repository, path, content are needed",
        ("kind.parquet",): "kind.parquet: column 'content' holds int64, not strings or bytes",
        ("--repositories", "gone"): "gone: No such file or directory",
        ("--repositories", "file"): "file: Not a directory",
        ("--repositories", "empty"): "no repository is given",
        ("one/a", "two/a"): f"{tmp_path}/two/a: a second repository of the name a, beside {tmp_path}/one/a",
        (): "no PATH is given, and no --repositories (see --help)",
        ("--object-store", "1", "one/a"): "--object-store must be at least 80 (see --help)",
        ("--timeout", "0", "one/a"): "argument --timeout: '0' is not a whole number above 0 (see --help)",
    }.items():
        assert campaign.main(["-o", "out", *arguments]) == 2
        assert capsys.readouterr() == ("", f"keras-loop-campaign: error: {said}\n")


def test_without_ray_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(campaign, "find_spec", lambda name: None if name == "ray" else name)
    assert campaign.main(["-o", "out", "a"]) == 2
    assert capsys.readouterr().err == "keras-loop-campaign: error: ray is missing: pip install 'flake8-keras-loops[ray]'\n"


def test_what_counts_as_what(tmp_path: Path) -> None:
    parquet({"a": {"a.py": LOOP.encode()}}, tmp_path / "one.parquet")
    (tmp_path / "tables").mkdir()
    for name in ("a.parquet", "b.parquet", "_SUCCESS"):
        (tmp_path / "tables" / name).touch()
    (tmp_path / "all" / ".cache").mkdir(parents=True)
    for name in ("x", "y"):
        (tmp_path / "all" / name).mkdir()
    (tmp_path / "mixed").mkdir()
    (tmp_path / "mixed" / "a.parquet").touch()
    (tmp_path / "mixed" / "a.py").touch()
    found = running.inputs(tuple(str(tmp_path / name) for name in ("one.parquet", "tables", "mixed")), (str(tmp_path / "all"),))
    assert [Path(path).name for path in found.tables] == ["one.parquet", "a.parquet", "b.parquet"]
    assert [each.name for each in found.folders] == ["mixed", "x", "y"]


def test_summary() -> None:
    assert running.shown(running.Summary(1, 0, 1, 1, 0)) == "1 repository: 1 finding, 1 fix"
    assert (
        running.shown(running.Summary(3, 2, 5, 4, 1))
        == "3 repositories (2 of them done before): 5 findings, 4 fixes, errors in 1 repository"
    )
    assert [running.Summary(1, 0, findings, 0, wrong).status for findings, wrong in ((0, 0), (1, 0), (1, 1), (0, 1))] == [
        0,
        1,
        2,
        2,
    ]
