"""Where the helper goes in a file; what is written through the command line; and what is not written."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rewriting import (
    FORMS,
    HELPER,
    INLINE,
    KEEP,
    KEEPER,
    LOOP,
    MODULE,
    NONE_YET,
    PREDICTING,
    RENEW,
    RENEWER,
    RENEWER_OF_WEIGHTS,
    added,
    each_form,
    fixed,
    fixed_both,
    run,
)

from flake8_keras_loops.cli.fix import main
from flake8_keras_loops.examine import examine
from flake8_keras_loops.fixes import edit
from flake8_keras_loops.fixes.edits import Before
from flake8_keras_loops.fixes.rewrite import rewrite

IMPORT = f"from our.keeping import {HELPER}"
Form = tuple[str, str, str, str]
FIXED = f"{KEEPER}\n" + LOOP.replace("    model.fit", f"    {KEEP}\n    model.fit")
HELPERS = rf"def ({HELPER}|{RENEWER_OF_WEIGHTS}|{RENEWER})\("
INNER = LOOP.replace("\n", "\n    ").rstrip(" ").replace("for", "    for", 1)


# -- where it goes


HEADS = {
    "imports": ("import keras\n", ""),
    "docstring and future": ('"""Doc."""\n\nfrom __future__ import annotations\n\nimport keras\n', "\nx = 1\n"),
    "docstring of several lines": ('#!/usr/bin/env python\n# coding: utf-8\n"""Doc.\n\nMore.\n"""\nimport keras\n', "\n"),
    "try": ("try:\n    import keras\nexcept ImportError:\n    from tensorflow import keras\n    # old\n", "\n"),
    "type checking": ("import keras\nif TYPE_CHECKING:\n    from a import b  # c\n", "\n\nx = 1\n"),
    "environment": ("import os\n\nos.environ['KERAS_BACKEND'] = 'jax'\n\nimport keras\n", "print(keras)\n"),
    "several lines": (
        "from keras import (\n    layers,  # a\n)\nimport keras; import numpy as np  # b\n",
        "\n# about x\nx = 1\n",
    ),
    "backslash": ("from keras \\\n    import \\\n    layers\nimport keras\n", ""),
    "block before the last import": ("import sys\nif sys.argv:\n    x = 1\nimport keras\n", "y = 1\n"),
    "after code": ("import numpy\nx = numpy.zeros(3)\nimport keras\n", ""),
    "import and code on one line": ("import keras\n", "import os; x = os.sep\n"),
}


@pytest.mark.parametrize(("head", "rest"), HEADS.values(), ids=HEADS)
def test_it_follows_the_imports_of_the_head(head: str, rest: str) -> None:
    if "import os; x" in rest:
        head, rest = head + rest, ""
    assert fixed(f"{head}{rest}{LOOP}") == f"{head}{IMPORT}\n{rest}{FIXED}"
    for loop, helper, before, inside in FORMS.values():
        if "except ImportError" in head:  # of two packages, which one is Keras?
            assert [outcome.applied for outcome in run(f"{head}{rest}{loop}", INLINE).outcomes] == [False]
            continue
        new = fixed(f"{head}{rest}{loop}", INLINE)
        assert new.startswith(f"{head}\n\ndef {helper}(")
        new_loop = f"{before}\n" + re.sub(r"(?m)^(    model\.(fit|predict))", rf"    {inside}\n\1", loop)
        assert new.endswith(f"\n\n{rest.lstrip(chr(10))}{new_loop}")


def test_it_does_not_follow_imports_below_the_head() -> None:
    tail = "\n\ndef f():\n    pass\n\n\nimport os\n\n" + LOOP
    assert fixed_both("import keras\n" + tail).startswith(f"import keras\n{IMPORT}\n\n\ndef f")
    main_block = f"\nif __name__ == '__main__':\n    import sys\n{INNER}"
    new = fixed_both("import keras\n" + main_block)
    assert new.startswith(f"import keras\n{IMPORT}\n\nif __name__")
    assert f"    import sys\n    {KEEPER}\n    for" in new


def test_it_stands_above_a_loop_that_stands_above_imports() -> None:
    text = f"import keras\nif keras:\n{INNER}import os\nimport sys\n"
    assert fixed_both(text).startswith(f"import keras\n{IMPORT}\nif keras:\n    {KEEPER}\n")
    text = f"import keras\ntry:\n    import a\n{INNER}except ImportError:\n    pass\n"
    assert fixed_both(text).startswith(f"import keras\n{IMPORT}\ntry:\n    import a\n    {KEEPER}\n")


LATE = LOOP.replace("    model =", "    import keras\n    model =", 1)
STARTS = {
    "nothing": "",
    "blank lines": "\n\n\n",
    "comment": "# about the file\n",
    "comment and blank line": "# about the file\n\n",
    "header": "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n",
    "header and comment": "#!/usr/bin/env python\n# coding: utf-8\n# more\n\n# about the loop\n",
    "docstring": '"""Doc."""\n',
    "docstring and comment": "'''Doc.'''  # c\n# d\n\n\n",
    "two strings": "'a' 'b'\n",
}


@pytest.mark.parametrize("head", STARTS.values(), ids=STARTS)
def test_files_that_start_with_the_loop(head: str) -> None:
    new = fixed(head + LATE)
    assert new.index(IMPORT) < new.index(KEEPER) < new.index("for i")
    (outcome,) = run(head + LATE, INLINE).outcomes
    assert outcome.reason.startswith("how a function of the file reaches Keras is not certain")
    if head.startswith("#!"):
        assert new.startswith("".join(head.splitlines(keepends=True)[:2]))
    if "Doc" in head:
        assert re.match(r"('''|\"\"\")Doc", new)


def test_blank_lines_are_those_that_flake8_asks_for(tmp_path: Path) -> None:
    heads = [head + gap + rest.strip("\n") + "\n" for head, rest in list(HEADS.values())[:6:2] for gap in ("", "\n", "\n\n")]
    heads = [head for head in heads if "except ImportError" not in head]
    texts = [head + loop for head in heads for loop in (LOOP, PREDICTING)]
    texts += [head + LATE for head in STARTS.values()]
    for number, text in enumerate(texts):
        (tmp_path / f"a{number}.py").write_text(fixed(text, MODULE if LATE in text else INLINE))
        (tmp_path / f"b{number}.py").write_text(text)
    run_flake8 = [sys.executable, "-m", "flake8", "--isolated", "--select=E3,W3,W6,E1,E7,W1", "--format=%(path)s %(code)s", "."]
    found = subprocess.run(run_flake8, cwd=tmp_path, capture_output=True, text=True, check=False)
    codes: dict[str, list[str]] = {}
    for line in found.stdout.splitlines():
        path, code = line.split()
        codes.setdefault(Path(path).stem, []).append(code)
    new = {name: sorted(set(c) - set(codes.get("b" + name[1:], []))) for name, c in codes.items() if name.startswith("a")}
    assert {name: c for name, c in new.items() if c} == {}, found.stderr


# -- names


@each_form
def test_a_helper_that_is_there_already_is_used(form: Form) -> None:
    loop, _, before, inside = form
    for settings in (INLINE, MODULE):
        lines = (before, inside) if settings is INLINE else (KEEPER, KEEP)
        once = fixed(f"import keras\n{loop}", settings)
        more = once + loop.replace("range(9)", "range(8)")
        new = fixed(more, settings)
        assert len(re.findall(rf"(?:def|import) ({HELPER}|{RENEWER}|{RENEWER_OF_WEIGHTS})\b", new)) == 1
        assert added(more, new) == [re.sub(r"keep_compiled|kept", r"\g<0>_2", line) for line in lines]


def test_a_file_may_have_both_helpers() -> None:
    both = sorted((RENEWER, RENEWER_OF_WEIGHTS))
    for first, second in ((LOOP, PREDICTING), (PREDICTING, LOOP)):
        new = fixed(f"import keras\n{first}{second}", INLINE)
        assert sorted(re.findall(HELPERS, new)) == both
        assert max(new.index(f"def {name}") for name in both) < new.index(NONE_YET)
        once = fixed(f"import keras\n{first}", INLINE) + second
        assert sorted(re.findall(HELPERS, fixed(once, INLINE))) == both


@each_form
def test_a_loop_above_the_helper_that_is_there(form: Form) -> None:
    once = fixed(f"import keras\n{form[0]}", INLINE)
    head, rest = once.split("\n\n\n", 1)
    done = run(f"{head}\n{form[0]}\n\n{rest}", INLINE)
    assert [outcome.applied for outcome in done.outcomes] == [False]
    assert "below a loop that would use it" in done.outcomes[0].reason


@each_form
def test_the_helper_in_a_file_is_not_analysed_again(form: Form) -> None:
    """It is so small that it may be, at no cost that anyone sees."""
    assert examine(fixed(f"import keras\n{form[0]}", INLINE)).factories.interpreter.spent < 200
    assert examine(fixed(f"import keras\n{form[0]}")).factories.interpreter.spent < 50


@pytest.mark.parametrize("line", [f"{HELPER} = 1", f"def f({HELPER}): pass", f"for {HELPER} in y: pass"])
def test_the_helpers_name_is_taken(line: str) -> None:
    done = run(f"import keras\n{line}\n{LOOP}")
    assert [outcome.applied for outcome in done.outcomes] == [False]
    assert HELPER in done.outcomes[0].reason


@pytest.mark.parametrize(
    "line", ["keep_compiled = 1", "def keep_compiled(): pass", "import keep_compiled", "from a import b as keep_compiled", "print(keep_compiled)"]
)  # fmt: skip
def test_the_keepers_name_is_taken(line: str) -> None:
    new = fixed_both(f"import keras\n{line}\n{LOOP}")
    assert f"\nkeep_compiled_2 = {HELPER}()\n" in new
    assert "model = keep_compiled_2(model)" in new
    fixed(f"import keras\n{line}\n{PREDICTING}", INLINE)
    new = fixed("import keras\n{line}\n{LOOP}".format(line=line.replace("keep_compiled", "kept"), LOOP=LOOP), INLINE)
    assert "\nkept_2 = None\n" in new
    assert f"    kept_2 = model = {RENEWER}(kept_2, model)\n" in new


@pytest.mark.parametrize(
    "line",
    [
        "renew = 1", "def renew(): pass", "def renew(kept, model): return model", "class renew: pass", "import renew",
        "import renew.all", "from a import b as renew", "def f(renew): pass", "def f():\n    renew = 1", "print(renew)",
        "for renew in y: pass", "try:\n    from a import renew\nexcept ImportError:\n    renew = None",
    ],
)  # fmt: skip
def test_the_name_of_the_small_helper_is_taken(line: str) -> None:
    (outcome,) = run(f"import keras\n{line}\n{LOOP}", INLINE).outcomes
    assert outcome.reason == "the file uses the name renew for something else"
    fixed(f"import keras\n{line}\n{LOOP}", MODULE)  # which does not need it


@pytest.mark.parametrize("line", ["class A:\n    def renew(self): pass", "x.renew()", "f(renew=1)", "'renew'"])
def test_the_name_of_the_small_helper_is_free(line: str) -> None:
    assert f"\n    {RENEW}\n" in fixed(f"import keras\n{line}\n{LOOP}", INLINE)


# -- through the command line, as bytes


FILES = {
    "latin-1": ("# -*- coding: latin-1 -*-\nimport keras\n# é\n", LOOP.replace("(9):", "(9):  # é"), "latin-1", b""),
    "second line": ("#!/usr/bin/python\n# vim: set fileencoding=cp1251 :\nimport keras\nx = 'й'\n", LOOP, "cp1251", b""),
    "bom": ("import keras\nx = '名'\n", LOOP, "utf-8", b"\xef\xbb\xbf"),
    "crlf": ("import keras\r\n", LOOP.replace("\n", "\r\n"), "utf-8", b""),
    "cr": ("import keras\r", LOOP.replace("\n", "\r"), "utf-8", b""),
    "no line end": ("import keras\n", LOOP.removesuffix("\n"), "utf-8", b""),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("flags", [[], ["--helper-module", "our.keeping"]], ids=["inline", "module"])
def test_bytes_in_bytes_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, flags: list[str]) -> None:
    head, loop, encoding, bom = FILES[name]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "our").mkdir()
    (tmp_path / "our" / "__init__.py").touch()
    path = tmp_path / "a.py"
    path.write_bytes(bom + (head + loop).encode(encoding))
    assert main(["--fix", "-q", *flags, "a.py"]) == 1
    new = path.read_bytes()
    assert new.startswith(bom)
    assert new[len(bom) :].decode(encoding) == fixed(head + loop, MODULE if flags else INLINE)
    assert main(["--fix", "-q", *flags, "a.py"]) == 0
    assert path.read_bytes() == new


@pytest.mark.parametrize("source", ["print 'x'\n", "exec 'a' in b\n", "try:\n    pass\nexcept A, e:\n    print e\n"])
def test_python_2_is_an_error_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], source: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.py").write_text(f"import keras\n{LOOP}{source}")
    (tmp_path / "new.py").write_text(f"import keras\n{LOOP}")
    assert main(["--fix", "-q"]) == 2
    assert re.fullmatch(r"old\.py:\d+: error: .+\n", capsys.readouterr().err)
    assert (tmp_path / "old.py").read_text() == f"import keras\n{LOOP}{source}"
    assert f"def {RENEWER}(" in (tmp_path / "new.py").read_text()


# -- what does not hold up is not written


@pytest.mark.parametrize("broken", ["def (", "for i in range(9):\n    model = keras.Sequential()\n"])
def test_a_fix_that_breaks_a_check_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], broken: str
) -> None:
    real = edit.apply
    monkeypatch.setattr(edit, "apply", lambda text, edits: real(text, edits) + broken)
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "a.py"
    path.write_text(f"import keras\n{LOOP}")
    for mode in ([], ["--fix"]):
        assert main(mode) == 1
        out, err = capsys.readouterr()
        assert "a.py:3:13: KL101" in out
        assert "    no fix: the fixed text " in out
        assert err == ""
    assert path.read_text() == f"import keras\n{LOOP}"
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    assert main(["--fix", "-q"]) == 1


def test_one_bad_fix_among_many_costs_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = 0
    real = edit.apply

    def apply(text: str, edits: list[edit.Edit]) -> str:
        nonlocal calls
        calls += 1
        new = real(text, edits)
        return new + "(" if any("range(8)" in ast.unparse(edit.anchor) for edit in edits if isinstance(edit, Before)) else new

    monkeypatch.setattr(edit, "apply", apply)
    done = rewrite("import keras\n" + LOOP * 7 + LOOP.replace("range(9)", "range(8)") + LOOP * 32, "", MODULE)
    assert [number for number, outcome in enumerate(done.outcomes) if not outcome.applied] == [7]
    assert done.outcomes[7].reason.startswith("the fixed text does not parse: ")
    assert calls < 20
    compile(done.text, "", "exec")
