"""The rules of a good rewriter, one by one, for the default fix: layout, encodings, comments, and where the helper goes."""

from __future__ import annotations

import ast
import re
import sys

import pytest
from rewriting import (
    BUILD,
    HELPER,
    INLINE,
    KEEP,
    KEEPER,
    LOOP,
    MODULE,
    NONE_YET,
    PREDICTING,
    RENEW,
    added,
    each_form,
    fixed,
    fixed_both,
    run,
)

from flake8_keras_loops.fixes.helpers import helper_code
from flake8_keras_loops.fixes.outcome import Settings

IMPORT = f"from our.keeping import {HELPER}"
COMPILE = "model.compile(loss='mse')"
FILE = f"import keras\nfrom data import x, y\n\n{LOOP}"


def looped(*body: str, head: str = "import keras\nfrom data import x, y\n\n") -> str:
    return head + "for i in range(9):\n" + "".join(f"    {line}\n" if line else "\n" for line in body)


def test_what_the_fix_looks_like() -> None:
    assert fixed(FILE) == (
        f"import keras\nfrom data import x, y\n{IMPORT}\n\n{KEEPER}\nfor i in range(9):\n    {BUILD}\n"
        f"    model.compile(loss='mse')\n    {KEEP}\n    model.fit(x, y)\n"
    )


@each_form
def test_what_the_fix_looks_like_with_its_helper(form: tuple[str, str, str, str]) -> None:
    loop, helper, before, inside = form
    assert fixed(f"import keras\nfrom data import x, y\n\n{loop}", INLINE) == (
        f"import keras\nfrom data import x, y\n\n\n{helper_code(helper)}\n\n{before}\n"
        + re.sub(r"(?m)^(    model\.(fit|predict))", rf"    {inside}\n\1", loop)
    )


# -- line ends and whitespace


@pytest.mark.parametrize("newline", ["\r\n", "\r"], ids=["crlf", "cr"])
@pytest.mark.parametrize("settings", [INLINE, MODULE], ids=["inline", "module"])
def test_line_ends(newline: str, settings: Settings) -> None:
    for text in (FILE, FILE.replace(LOOP, PREDICTING)):
        assert fixed(text.replace("\n", newline), settings) == fixed(text, settings).replace("\n", newline)


def test_mixed_line_ends_stay_and_new_lines_end_like_the_first() -> None:
    text = FILE.replace("\n", "\r\n", 2).replace("'mse')\n", "'mse')\r").replace("range(9):\n", "range(9):\r\n")
    new = fixed_both(text)
    assert f"{IMPORT}\r\n" in new
    assert f"'mse')\r    {KEEP}\r\n    model.fit(x, y)\n" in new
    new = fixed(text, INLINE)
    assert f"\n{NONE_YET}\r\nfor i" in new
    assert f"'mse')\r    {RENEW}\r\n    model.fit(x, y)\n" in new


@pytest.mark.parametrize("end", ["", "\n\n\n", "   \n    \n", "\\\n\n", "# end", "    # end\n# end", "\x0c\n", "  "])
def test_ends_of_files(end: str) -> None:
    fixed_both(FILE + end)
    fixed_both(looped(f"{BUILD}; model.fit(x, y)") + end)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_no_line_end_at_the_end(newline: str) -> None:
    text = looped(BUILD, "model.fit(x, y)").replace("\n", newline).removesuffix(newline)
    assert fixed_both(text).endswith(f"{newline}    {KEEP}{newline}    model.fit(x, y)")
    assert fixed_both(f"import keras{newline}for i in x: {BUILD}; model.fit(x)").endswith(f"{BUILD}; {KEEP}; model.fit(x)")


@pytest.mark.parametrize("indent", ["\t", "  ", " ", "        ", "\t    "])
@each_form
def test_indents(form: tuple[str, str, str, str], indent: str) -> None:
    loop, helper, _, inside = form
    new = fixed(f"import keras\n{loop}".replace("    ", indent), INLINE)
    assert f"\n{indent}{inside}\n" in new
    assert re.search(rf'\ndef {helper}\(.*\n{indent}"""\w', new)  # the helper follows the file
    assert re.search(rf"\n{indent * 2}(if|try|return|for)\b", new)
    fixed_both(FILE.replace("    ", indent))


def test_tabs_mixed_with_spaces() -> None:
    text = f"import keras\nif x:\n\tif y:\n\t    for i in z:\n\t    \t{BUILD}\n\t    \tmodel.fit(x)\n"
    assert f"\n\t    {KEEPER}\n" in fixed_both(text)
    assert f"\n\t    \t{KEEP}\n" in fixed_both(text)


def test_form_feeds() -> None:
    fixed_both(FILE.replace("    model.fit", "\x0c\n    model.fit").replace("\nfor", "\n\x0c\nfor"))


@pytest.mark.parametrize(
    ("old", "odd", "reason"),
    [
        ("import", "\x0cimport", "does not give this file back as it is"),
        ("for", "\x0cfor", "does not give this file back as it is"),
        ("    model.fit", "\x0c    model.fit", "does not give this file back as it is"),
        ("(x, y)\n", "(x, y)\n   \n\t\n", "does not give this file back as it is"),
        ("(x, y)\n", "(x, y)\n\n\\\n\n", "does not give this file back as it is"),
        ("    model =", "    \\\n    model =", "cannot read this file"),
    ],
)
def test_what_libcst_would_change_is_left_alone(old: str, odd: str, reason: str) -> None:
    text = FILE.replace(old, odd, 1)
    done = run(text)
    assert done.text == text
    assert [outcome.reason.partition("LibCST ")[2] for outcome in done.outcomes] == [reason]


# -- comments


COMMENTED = f"""\
import keras  # one
from data import x, y  # two
# three

# four

# five
for i in range(9):  # six
    # seven

    # eight
    {BUILD}  # nine
    # ten
    model.compile(  # eleven
        loss="mse",  # twelve
        # thirteen
    )  # fourteen
    # fifteen
    model.fit(x, y)  # sixteen

    # seventeen
  # eighteen
# nineteen
"""


def test_comments_stay_where_they_are() -> None:
    new = fixed_both(COMMENTED)
    assert re.findall("# (.*)", new) == re.findall("# (.*)", COMMENTED)
    assert f"\n{KEEPER}\n# five\nfor" in new
    assert f"    )  # fourteen\n    {KEEP}\n    # fifteen\n" in new
    new = fixed(COMMENTED, INLINE)
    assert f"\n{NONE_YET}\n# five\nfor" in new
    assert f"    )  # fourteen\n    {RENEW}\n    # fifteen\n" in new


def test_comments_below_the_last_statement() -> None:
    text = looped(
        BUILD, "for layer in model.layers:", "    layer.trainable = False", "    # all of them", "# now train", "model.fit(x, y)"
    )
    assert f"    # all of them\n    {KEEP}\n    # now train\n" in fixed_both(text.replace("    # all", "        # all"))
    new = fixed_both(looped(BUILD, "# kept", "model.fit(x)", "# the end") + "# after")
    assert new.endswith(f"    {KEEP}\n    # kept\n    model.fit(x)\n    # the end\n# after")


def test_markers_of_cells_start_what_follows() -> None:
    assert f"\n# %% train\n{KEEPER}\nfor" in fixed_both(FILE.replace("\nfor", "\n# %% train\nfor"))


def test_comments_between_decorators_and_type_comments() -> None:
    text = (
        "import keras\n\n\n@first\n# why\n@second(\n    1\n)\ndef build():\n    # type: () -> keras.Model\n    return keras.Sequential([keras.Input((1,))])\n"
        "\n\n@first\n# why\ndef train(x):  # type: (int) -> None\n    for i in range(9):  # type: int\n        model = build()  # type: keras.Model\n        model.fit(x)\n"
    )
    done = run(text.replace("@second(\n    1\n)\n", "").replace("@first\n# why\n", ""))
    assert all(outcome.applied for outcome in done.outcomes)
    run(text)


@pytest.mark.parametrize("comment", ["# noqa", "# noqa: KL101", "# NOQA:E501,KL101", "# type: ignore  # noqa"])
def test_noqa_is_obeyed(comment: str) -> None:
    text = FILE.replace(BUILD, f"{BUILD}  {comment}")
    assert run(text).text == text
    assert run(text).outcomes == ()


def test_flake8_noqa_is_obeyed_and_other_codes_are_not_ours() -> None:
    assert run("# flake8: noqa\n" + FILE).text == "# flake8: noqa\n" + FILE
    assert f"{BUILD}  # noqa: E501\n" in fixed_both(FILE.replace(BUILD, f"{BUILD}  # noqa: E501"))
    assert "model.compile(loss='mse')  # noqa\n" in fixed_both(FILE.replace("'mse')", "'mse')  # noqa"))


def test_one_loop_with_noqa_and_one_without() -> None:
    text = FILE.replace(BUILD, f"{BUILD}  # noqa") + LOOP
    assert added(text, fixed(text)) == [IMPORT, KEEPER, KEEP]
    assert [line for line in added(text, fixed(text, INLINE)) if "kept = " in line][1:] == [NONE_YET, RENEW]


@pytest.mark.parametrize(
    "switch", ["# fmt: off\n{}# fmt: on\n", "# fmt: off\n{}", "# isort: skip_file\n{}", "# yapf: disable\n{}"]
)
def test_formatters_switches(switch: str) -> None:
    text = FILE.replace(LOOP, switch.format(LOOP.replace("model.fit(x,", "model.fit( x  ,")))
    assert fixed_both(text).count("# ") == text.count("# ")


# -- one line for several statements


@pytest.mark.parametrize(
    ("line", "new"),
    [
        (f"for i in x: {BUILD}; model.fit(x)", f"for i in x: {BUILD}; {KEEP}; model.fit(x)"),
        (f"for i in x:{BUILD};model.fit(x)  # c", f"for i in x:{BUILD};{KEEP}; model.fit(x)  # c"),
        (f"for i in x: print(i); {BUILD} ; model.fit(x) ;", f"for i in x: print(i); {BUILD} ; {KEEP}; model.fit(x) ;"),
        (f"while x: \\\n {BUILD}; \\\n model.fit(x)", f"while x: \\\n {BUILD}; \\\n {KEEP}; model.fit(x)"),
        (f"for i in x:\n  {BUILD};\n  model.fit(x)", f"for i in x:\n  {BUILD};\n  {KEEP}\n  model.fit(x)"),
        (f"for i in x:\n  {BUILD}; model.fit(x)", f"for i in x:\n  {BUILD}; {KEEP}; model.fit(x)"),
        (f"for i in x:\n  a = 1; {BUILD}\n  model.fit(x)", f"for i in x:\n  a = 1; {BUILD}\n  {KEEP}\n  model.fit(x)"),
        (f"for i in x:\n  {BUILD} \\\n  ;model.fit(x)", f"for i in x:\n  {BUILD} \\\n  ;{KEEP}; model.fit(x)"),
        (f"for i in x:\n  {BUILD} \\\n\n  model.fit(x)", f"for i in x:\n  {BUILD} \\\n\n  {KEEP}\n  model.fit(x)"),
        ("for i in x:\n  model = \\\n  keras.Sequential(\\\n[keras.Input((1,))])\n  model.fit(x)", f"for i in x:\n  model = \\\n  keras.Sequential(\\\n[keras.Input((1,))])\n  {KEEP}\n  model.fit(x)"),
    ],
)  # fmt: skip
def test_suites_semicolons_and_backslashes(line: str, new: str) -> None:
    for head in ("", "a = 1; b = 2;\n", "\\\n\n", "pass  # ends with a backslash \\\n", "a = 'x\\\n'\n"):
        assert fixed(f"import keras\n{head}{line}\n") == f"import keras\n{IMPORT}\n{head}{KEEPER}\n{new}\n"


@pytest.mark.parametrize(
    ("line", "new"),
    [
        (f"for i in x: {BUILD}; {COMPILE}; model.fit(x)", f"for i in x: {BUILD}; {COMPILE}; {RENEW}; model.fit(x)"),
        (f"for i in x:{BUILD};{COMPILE};model.fit(x)  # c", f"for i in x:{BUILD};{COMPILE};{RENEW}; model.fit(x)  # c"),
        (f"while x: \\\n {BUILD}; {COMPILE} ; \\\n model.fit(x) ;", f"while x: \\\n {BUILD}; {COMPILE} ; \\\n {RENEW}; model.fit(x) ;"),
        (f"for i in x:\n  {BUILD};\n  {COMPILE};\n  model.fit(x)", f"for i in x:\n  {BUILD};\n  {COMPILE};\n  {RENEW}\n  model.fit(x)"),
        (f"for i in x:\n  a = 1; {BUILD}; {COMPILE}\n  model.fit(x)", f"for i in x:\n  a = 1; {BUILD}; {COMPILE}\n  {RENEW}\n  model.fit(x)"),
        (f"for i in x:\n  {BUILD}\n  {COMPILE} \\\n  ;model.fit(x)", f"for i in x:\n  {BUILD}\n  {COMPILE} \\\n  ;{RENEW}; model.fit(x)"),
    ],
)  # fmt: skip
def test_suites_semicolons_and_backslashes_in_the_short_form(line: str, new: str) -> None:
    for head in ("", "a = 1; b = 2;\n", "\\\n\n", "pass  # ends with a backslash \\\n", "a = 'x\\\n'\n"):
        assert fixed(f"import keras\n{head}{line}\n", INLINE).endswith(f"\n{head}{NONE_YET}\n{new}\n")


def test_the_short_form_in_suites_on_the_line_of_their_header() -> None:
    text = f"import keras\nfor i in x:\n    with a: {BUILD}\n    with b: {COMPILE}\n    model.fit(x)\n"
    assert [outcome.reason for outcome in run(text, INLINE).outcomes] == ["compile() is called again, or in a block of its own"]
    text = f"import keras\nfor i in x:\n    if i:\n        {BUILD}\n        {COMPILE}\n        # c\n        model.fit(x)\n"
    assert f"        {COMPILE}\n        {RENEW}\n        # c\n        model.fit(x)\n" in fixed(text, INLINE)


def test_a_loop_in_a_suite_on_the_line_of_its_header() -> None:
    text = f"import keras\ndef f(x):\n  if x: return [{BUILD.removeprefix('model = ')}.fit(x) for i in x]\n"
    new = fixed(text)
    assert f"  if x: {KEEPER}; return [keep_compiled(keras." in new


def test_the_last_of_several_statements_in_a_suite() -> None:
    text = f"import keras\nfor i in x:\n    with a:\n        {BUILD}\n        # c\n    model.fit(x)\n"
    assert f"        {KEEP}\n        # c\n    model.fit(x)\n" in fixed(text)
    text = text.replace("a:\n        ", "a: ").replace("        # c\n", "")
    assert f"    with a: {BUILD}; {KEEP}\n" in fixed(text)


# -- columns


@pytest.mark.parametrize("before", ["é = 'ü'; ", "名前 = '😀'; ", "x = '\u2028\x85'; ", "𝔵 = 1; ", "s = 'e\u0301' ; "])
def test_columns_count_characters(before: str) -> None:
    text = f"import keras\nfor i in x:\n    {before}scores.append({BUILD.removeprefix('model = ')}.fit(x)); print('ß')\n"
    assert f"{before}scores.append(keep_compiled(keras.Sequential(" in fixed_both(text)
    new = fixed(text.replace(".fit(", ".predict("), INLINE)
    assert f"{before}kept = renew_weights(kept, {BUILD.removeprefix('model = ')}); scores.append(kept.predict(x))" in new
    fixed_both(f"import keras\nfor i in x:\n    {before}{BUILD}; print('ß'); model.fit(x)\n")


def test_wrapped_calls_over_several_lines() -> None:
    call = "keras.Sequential([\n        keras.Input((1,)),  # wide\n    ] ,\n    )"
    new = fixed_both(f"import keras\nfor i in x:\n    print(({call}) .fit(x))\n")
    assert f"print((keep_compiled({call})) .fit(x))" in new
    new = fixed(f"import keras\nfor i in x:\n    print(({call}) .predict(x))\n", INLINE)
    assert f"    kept = renew_weights(kept, {call})\n    print((kept) .predict(x))\n" in new


def test_a_call_inside_an_f_string() -> None:
    run("import keras\nfor i in x:\n    print(f'{i!r:>{9}} {keras.Sequential([keras.Input((1,))]).count_params()} é')\n")


# -- sizes


def test_deep_nesting() -> None:
    def nested(depth: int) -> str:
        blocks = "".join(f"{' ' * n}{'if x' if n % 2 else 'with x'}:\n" for n in range(depth))
        return f"import keras\n{blocks}{' ' * depth}for i in x:\n{' ' * depth} {BUILD}\n{' ' * depth} model.fit(x)\n"

    fixed_both(nested(18))  # Python's own limit is 20 blocks of some kinds, and 100 indents
    done = run(nested(97))
    assert all(outcome.applied for outcome in done.outcomes)


def test_very_long_lines() -> None:
    long = ", ".join(["keras.layers.Dense(1)"] * 2_000)
    fixed_both(looped(f"model = keras.Sequential([keras.Input((1,)), {long}])", "model.fit(x)"))


# -- syntax


@pytest.mark.parametrize(
    ("version", "text"),
    [
        ((3, 10), f"import keras\nasync def f(x):\n    async for i in x:\n        {BUILD}\n        await model.fit(x)\n"),
        ((3, 10), f"import keras\nfor i in x:\n    match i:\n        case [1, *_] if (n := 2):\n            {BUILD}\n            model.fit(x)\n"),
        ((3, 10), f"import keras\nwhile (n := next(x)):\n    {BUILD}\n    model.fit(n)\n"),
        ((3, 10), f"import keras\nfor i in x:\n    with (open(a) as b, open(c) as d,):\n        {BUILD}\n        model.fit(x)\n"),
        ((3, 11), f"import keras\nfor i in x:\n    try:\n        {BUILD}\n        model.fit(x)\n    except* ValueError:\n        pass\n"),
        ((3, 12), f"import keras\ntype X[T] = list[T]\ndef f[T: int, *A, **P](x: T) -> X[T]:\n    for i in x:\n        {BUILD}\n        model.fit(x)\n"),
        ((3, 12), f"import keras\nfor i in x:\n    print(f'{{a['b']}}é{{\n        1}}'); {BUILD}\n    model.fit(x)\n"),
        ((3, 13), f"import keras\ndef f[T = int](x: T):\n    for i in x:\n        {BUILD}\n        model.fit(x)\n"),
        ((3, 14), f"import keras\nfor i in x:\n    print(t'{{i}}')\n    try:\n        {BUILD}\n        model.fit(x)\n    except A, B:\n        pass\n"),
    ],
)  # fmt: skip
def test_newer_syntax(version: tuple[int, int], text: str) -> None:
    if sys.version_info < version:
        pytest.skip(f"not in Python {sys.version_info[0]}.{sys.version_info[1]}")
    for settings in (INLINE, MODULE):
        done = run(text, settings)
        assert done.outcomes


def test_statements_between_strings_over_several_lines() -> None:
    text = looped("s = '''", "# no comment", "'''", BUILD, "model.fit(x, '''", "  a", "''')")
    assert f"'''\n    {BUILD}\n    {KEEP}\n    model.fit(x, '''\n" in fixed_both(text)
    text = f"import keras\ns = '''\n# no comment'''\n{LOOP}"
    assert f"# no comment'''\n{KEEPER}\nfor" in fixed_both(text)
    ast.parse(fixed(text, INLINE))
