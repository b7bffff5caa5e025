"""Edits made in a text: each kind, in every position that a statement or call may have on its line."""

from __future__ import annotations

import ast

import pytest

from flake8_keras_loops.fixes.edit import apply
from flake8_keras_loops.fixes.edits import (
    After,
    Argument,
    Before,
    Edit,
    Helper,
    Lift,
    Move,
    MoveBefore,
    RaiseBefore,
    Replace,
    Top,
    Wrap,
)


def statement(text: str, start: str) -> ast.stmt:
    found = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.stmt) and ast.unparse(node).startswith(start)]
    return found[-1]


def call(text: str, start: str) -> ast.Call:
    return next(node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call) and ast.unparse(node).startswith(start))


def test_no_edit_changes_nothing() -> None:
    for text in ("", "\n", "a = 1", "\x0cif a:\n\t\\\n\tb\n   # c\n  # d\r", "# only\r\n", "a\\\n\n"):
        assert apply(text, []) == text


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("if x:\n  # c\n  a\n", "if x:\n  new()\n  # c\n  a\n"),
        ("if x:\n  # c\n\n  a\n", "if x:\n  # c\n\n  new()\n  a\n"),
        ("if x:\n# c\n  a\n", "if x:\n# c\n  new()\n  a\n"),
        ("# file\na\n", "# file\nnew()\na\n"),
        ("# file\n\n# c\na\n", "# file\n\nnew()\n# c\na\n"),
        ("#!x\n# c\na", "#!x\nnew()\n# c\na"),
        ("if x: a", "if x: new(); a"),
        ("b; a", "b; new(); a"),
        ("b; \\\n  a", "b; \\\n  new(); a"),
        ("\x0c\na\n", "\x0c\nnew()\na\n"),
        ("s = '''\n# c'''\na\n", "s = '''\n# c'''\nnew()\na\n"),
    ],
)
def test_before(text: str, new: str) -> None:
    assert apply(text, [Before(statement(text, "a"), "new()")]) == new


def test_before_definitions() -> None:
    for header in ("def a(): pass\n", "class a: pass\n", "async def a(): pass\n", "@b\n@c(\n)\ndef a(): pass\n"):
        text = f"x\n\n\n# why\n{header}"
        node = ast.parse(text).body[-1]
        assert apply(text, [Before(node, "new()"), Before(node, "more()")]) == f"x\n\n\nnew()\nmore()\n\n\n# why\n{header}"


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("a", "a\nnew()"),
        ("a\r\n", "a\r\nnew()\r\n"),
        ("a;\nb", "a;\nnew()\nb"),
        ("a; b", "a; new(); b"),
        ("a;b # c", "a;new(); b # c"),
        ("if x: a # c\n", "if x: a; new() # c\n"),
        ("if x: a;\nb", "if x: a; new();\nb"),
        ("if x:\n  a  # c\n  # d\n# e\nb\n", "if x:\n  a  # c\n  new()\n  # d\n# e\nb\n"),
        ("a \\\n\nb\n", "a \\\n\nnew()\nb\n"),
        ("a; \\\n b\n", "a; \\\n new(); b\n"),
    ],
)
def test_after(text: str, new: str) -> None:
    assert apply(text, [After(statement(text, "a"), "new()")]) == new


@pytest.mark.parametrize("end", ["", "\n", "\n    # c\n", "\n\n    # c\n"])
def test_after_a_block(end: str) -> None:
    text = f"if x:\n  for a in b:\n    c{end}"
    behind = text if text.endswith("\n") else text + "\n"
    assert apply(text, [After(statement(text, "for"), "new()")]).rstrip("\n") == f"{behind}  new()"
    assert apply("if x:\n  while a: b  # c\nd", [After(statement("if x:\n  while a: b", "while"), "new()")]) == (
        "if x:\n  while a: b  # c\n  new()\nd"
    )


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("for a in b:  # c\n  # d\n  e\n", "for a in b:  # c\n  new()\n  # d\n  e\n"),
        ("for a in b: e", "for a in b: new(); e"),
        ("for a in (  # x\n  b\n):\n\n\te", "for a in (  # x\n  b\n):\n\tnew()\n\n\te"),
    ],
)
def test_top(text: str, new: str) -> None:
    assert apply(text, [Top(statement(text, "for"), "new()")]) == new


LOOP = "for i in x:\n    # one\n    a(\n        '''\n    ''')  # two\n\n    b; c\n    d\n"


def test_moves_to_the_top() -> None:
    assert apply(LOOP, [Move(statement(LOOP, "d"), statement(LOOP, "for"))]) == LOOP.replace("    d\n", "").replace(
        "x:\n", "x:\n    d\n"
    )
    moved = apply(LOOP, [Move(statement(LOOP, "c"), statement(LOOP, "for"))])
    assert moved == LOOP.replace("b; c", "b").replace("x:\n", "x:\n    c\n")
    assert apply("for i in x: a; b", [Move(statement("for i in x: a; b", "b"), statement("for i in x: a; b", "for"))]) == (
        "for i in x: b; a"
    )


def test_moves_out_of_the_loop() -> None:
    def out(text: str, *starts: str) -> str:
        return apply(text, [MoveBefore(tuple(statement(text, start) for start in starts), statement(text, "for"))])

    assert out(LOOP, "a(") == "# one\na(\n    '''\n    ''')  # two\nfor i in x:\n    b; c\n    d\n"
    assert out(LOOP, "b", "c") == f"b\nc\n{LOOP.replace('    b; c' + chr(10), '').replace(chr(10) * 2, chr(10) * 2)}"
    assert out(LOOP, "a(", "d").startswith("# one\na(\n    '''\n    ''')  # two\nd\nfor i in x:\n    b; c\n")
    assert out("for i in x:\n\ta\n", "a") == "a\nfor i in x:\n\tpass\n"
    assert out("for i in x: a", "a") == "a\nfor i in x: pass"
    assert out("if x:\n  for i in x:\n        a;\n        b", "b") == "if x:\n  b\n  for i in x:\n        a;"


def test_what_leaves_a_line_takes_its_comments_if_nothing_stays() -> None:
    text = "for i in x:\n    # one\n    a; b  # two\n    c\n"
    for_ = statement(text, "for")
    both = apply(text, [MoveBefore((statement(text, "a"), statement(text, "b")), for_)])
    assert both == "# one\na\nb  # two\nfor i in x:\n    c\n"
    one = apply(text, [MoveBefore((statement(text, "a"),), for_)])
    assert one == "a\nfor i in x:\n    # one\n    b  # two\n    c\n"


def test_blank_lines_do_not_pile_up_where_something_left() -> None:
    text = "for i in x:\n\n    a\n\n    b\n\n    # c\n    c\n\n\nd\n"

    def without(start: str) -> str:
        return apply(text, [MoveBefore((statement(text, start),), statement(text, "for"))])

    assert without("a") == "a\nfor i in x:\n    b\n\n    # c\n    c\n\n\nd\n"
    assert without("b") == "b\nfor i in x:\n\n    a\n\n    # c\n    c\n\n\nd\n"
    assert without("c") == "# c\nc\nfor i in x:\n\n    a\n\n    b\n\n\nd\n"


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_lines_that_go_on_are_indented_like_their_statement(newline: str) -> None:
    text = "if y:\n\tfor i in x:\n\t\ta = f(1, \\\n\t\t      2,\n\t\t      3) + \\\n\t\t\t4\n\t\tb\n".replace("\n", newline)
    new = apply(text, [MoveBefore((statement(text, "a"),), statement(text, "for"))])
    expected = "if y:\n\ta = f(1, \\\n\t      2,\n\t      3) + \\\n\t\t4\n\tfor i in x:\n\t\tb\n"
    assert new == expected.replace("\n", newline)


def test_one_statement_goes_to_one_place() -> None:
    text = "for i in x:\n    for j in y:\n        a\n        b\n        c\n"
    a, b, c = (statement(text, name) for name in "abc")
    outer, inner = statement(text, "for i"), statement(text, "for j")
    new = apply(text, [MoveBefore((a, b), inner), MoveBefore((a, c), inner), After(a, "d")])
    assert new == "for i in x:\n    a\n    b\n    c\n    for j in y:\n        d\n"
    with pytest.raises(ValueError, match="two fixes change the same text"):
        apply(text, [MoveBefore((a,), inner), MoveBefore((a,), outer)])
    with pytest.raises(ValueError, match="place that does not hold it"):
        apply("for i in x: a\nb\n", [MoveBefore((statement("c\nb", "b"),), statement("c; c; c; c; a", "a"))])
    with pytest.raises(ValueError, match="no place in a line with other"):
        apply(LOOP, [MoveBefore((statement(LOOP, "a("),), statement(LOOP, "c"))])


DEFINED = "x = 1\nfor i in x:\n\n    # why\n    @b\n    # how\n    @c(1)\n    def f(): pass\n\n    g = f  # d\n\n    h(g)\n"
RAISED = "# why\n@b\n# how\n@c(1)\ndef f(): pass\n\n\ng = f  # d\n"


def test_definitions_go_before_the_loop() -> None:
    f, g, for_ = (statement(DEFINED, start) for start in ("@b", "g", "for"))
    assert apply(DEFINED, [RaiseBefore((f, g), for_), Before(for_, "new()")]) == (
        f"x = 1\n\n\n{RAISED}new()\nfor i in x:\n    h(g)\n"
    )
    decorated = apply(DEFINED, [Argument(call(DEFINED, "c("), "k", "2"), Wrap(call(DEFINED, "h("), "w"), RaiseBefore((f,), for_)])
    assert decorated.startswith("x = 1\n\n\n" + RAISED.split("g =")[0].replace("1", "1, k=2") + "for i in x:\n    g = f")
    assert decorated.endswith("w(h(g))\n")
    nested = "if y:\n" + "".join(f"    {line}\n" if line else "\n" for line in DEFINED.splitlines())
    f, g, for_ = (statement(nested, start) for start in ("@b", "g", "for"))
    once = [RaiseBefore((f, g), for_), RaiseBefore((f,), for_)]
    raised = "".join(f"    {line}\n" if line else "\n" for line in RAISED.replace("\n\n\n", "\n\n").splitlines())
    assert apply(nested, once) == f"if y:\n    x = 1\n\n{raised}    for i in x:\n        h(g)\n"


def test_moved_calls_take_their_changes_with_them() -> None:
    edits: list[Edit] = [
        MoveBefore((statement(LOOP, "a("),), statement(LOOP, "for")),
        Argument(call(LOOP, "a("), "k", "1"),
        Before(statement(LOOP, "b"), "new()"),
    ]
    assert apply(LOOP, edits) == "# one\na(\n    '''\n    ''', k=1)  # two\nfor i in x:\n    new(); b; c\n    d\n".replace(
        "new(); b", "new()\n    b"
    )


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("a()", "a(k=1)"),
        ("a( # c\n)", "a(k=1 # c\n)"),
        ("a(b)", "a(b, k=1)"),
        ("a((b))", "a((b), k=1)"),
        ("a(b, )", "a(b, k=1, )"),
        ("a(b, *c, **d)", "a(b, *c, **d, k=1)"),
        ("a(\n  b,\n  c=1,  # d\n)", "a(\n  b,\n  c=1,  # d\n  k=1,\n)"),
        ("a(\n  b  # d\n)", "a(\n  b, k=1  # d\n)"),
        ("x = [é for é in a('é')]; a", "x = [é for é in a('é', k=1)]; a"),
    ],
)
def test_arguments(text: str, new: str) -> None:
    assert apply(text, [Argument(call(text, "a("), "k", "1")]) == new
    ast.parse(new)


def test_a_lone_generator_takes_no_further_argument() -> None:
    with pytest.raises(ValueError, match="no more arguments"):
        apply("a(b for b in c)", [Argument(call("a(b for b in c)", "a("), "k", "1")])


def test_wrapping_and_replacing() -> None:
    text = "x = [a(b(1), c)]\n"
    assert apply(text, [Wrap(call(text, "b("), "f"), Wrap(call(text, "a("), "g")]) == "x = [g(a(f(b(1)), c))]\n"
    assert apply(text, [Replace(call(text, "a("), "y"), Wrap(call(text, "b("), "f")]) == "x = [y]\n"
    with pytest.raises(ValueError, match="not where it is said to be"):
        apply("x = [b(b(1), c)]\n", [Wrap(call(text, "a("), "f")])
    with pytest.raises(ValueError, match="no statement in line 2"):
        apply("if a: pass\nelif b: pass", [Before(statement("if a: pass\nelif b: pass", "if b"), "new()")])
    with pytest.raises(ValueError, match="no statement in line 1"):
        apply("  # c\n", [Before(statement(text, "x"), "f")])


def test_lifted_calls() -> None:
    text = "for é in x:\n    # c\n    y = é, (a(\n        b(1),\n    ))  # d\n"
    lift = Lift(call(text, "a("), statement(text, "for"), "t", "copy(t)")
    assert apply(text, [lift]) == "t = a(\n    b(1),\n)\nfor é in x:\n    # c\n    y = é, (copy(t))  # d\n"
    edits: list[Edit] = [lift, Wrap(call(text, "a("), "w"), Argument(call(text, "b("), "k", "2"), Before(lift.target, "new()")]
    assert apply(text, edits).startswith("t = w(a(\n    b(1, k=2),\n))\nnew()\nfor é in x:\n")
    assert apply("b; y = [a() for i in x]", [Lift(call("b; y = [a()]", "a("), statement("b; y = [a()]", "y"), "t", "t")]) == (
        "b; t = a(); y = [t for i in x]"
    )


@pytest.mark.parametrize("text", ["\x0ca\n", "a\n  \n\t\n", "if a:\n  \\\n  a\n", "a = " + "-" * 500 + "1\na\n"])
def test_what_libcst_does_not_give_back_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^LibCST (cannot (read|change)|does not give) .+\Z"):
        apply(text, [After(ast.parse(text).body[-1], "new()")])


def test_the_files_indents_and_line_ends_are_those_of_new_lines() -> None:
    code = 'def helper(x):\n    """One.\n\n    Two.\n    """\n    if x:\n        return (\n            1)\n'
    new = apply("import a\r\nif a:\r\n\tb\r\n", [Helper("helper", code)])
    assert new.split("\r\n\r\n\r\n")[1] == code.replace("    ", "\t").removesuffix("\n").replace("\n", "\r\n")
    assert "\n" not in new.replace("\r\n", "")


def test_helpers_in_a_file_without_imports() -> None:
    code = "def helper(x):\n    return x\n"
    text = "#!/usr/bin/env python\n# about\n\n# why\nfor i in x:\n    a\n"
    edits = [Before(statement(text, "for"), "new()"), Helper("helper", code)]
    assert apply(text, edits) == f"#!/usr/bin/env python\n# about\n\n\n{code}\n\nnew()\n# why\nfor i in x:\n    a\n"
    assert apply("a\n", [Before(statement("a", "a"), "new()"), Helper("helper", code)]) == f"{code}\n\nnew()\na\n"
    used = "class A:\n    b = a\n\n\ndef helper(): pass\n"
    with pytest.raises(ValueError, match="helper is defined in line 5, below a loop that would use it"):
        apply(used, [Before(statement(used, "b"), "new()"), Helper("helper", code)])


def test_helpers() -> None:
    text = "import a\n\n\nx = 1\n"
    code = "def helper(x):\n    return x\n"
    assert apply(text, [Helper("helper", code)]) == "import a\n\n\ndef helper(x):\n    return x\n\n\nx = 1\n"
    assert apply("import a", [Helper("helper", code)]) == "import a\n\n\ndef helper(x):\n    return x"
    other = code.replace("helper", "other")
    assert apply(text, [Helper("helper", code), Helper("other", other)]) == f"import a\n\n\n{code}\n\n{other}\n\nx = 1\n"
    two = [Helper("helper", code), Helper("other", "from b import other\n"), Helper("helper", code)]
    assert apply(text, two).count("helper") == 1
    assert apply("def helper(): pass\n", two).count("def helper") == 1
