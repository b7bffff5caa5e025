"""The probe goes around the body of the loop that is meant, and the program computes what it did."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from flake8_keras_loops.fixes.helpers import helper_code
from flake8_keras_loops.verify.program.instrument import PROBE, PlaceError, instrumented, place_at


class Counter:
    """A probe that only counts; ``stop``: after how many iterations it ends the loop."""

    def __init__(self, stop: int = 1000) -> None:
        self.entered = self.left = 0
        self.stop = stop

    def __enter__(self) -> None:
        if self.entered == self.stop:
            raise KeyboardInterrupt
        self.entered += 1

    def __exit__(self, kind: object, *rest: object) -> None:
        self.left += kind is None

    def leave(self) -> None:
        self.left += 1

    def around(self, function: Any) -> Any:
        def called(*args: Any) -> Any:
            with self:
                return function(*args)

        return called


def run(text: str, line: int, counter: Counter, written: str | None = None) -> dict[str, Any]:
    """Run a program with the probe at a line; ``written``: where the line is to be looked up, if not in the program itself."""
    place = place_at(ast.parse(written or text), line)
    namespace: dict[str, Any] = {PROBE: counter}
    exec(compile(instrumented(ast.parse(text), place), "program", "exec"), namespace)
    return namespace


PROGRAMS = {
    "for": ("result = []\nfor i in range(3):\n    result.append(i)\n", 2, 3),
    "continue": ("result = []\nfor i in range(4):\n    if i % 2:\n        continue\n    result.append(i)\n", 2, 4),
    "break": (
        "result = []\nfor i in range(9):\n    result.append(i)\n    if i == 1:\n        break\nelse:\n    result = 0\n",
        2,
        2,
    ),
    "return": ("def f():\n    for i in range(9):\n        if i == 2:\n            return i\nresult = f()\n", 2, 3),
    "while": ("result = 0\nwhile result < 5:\n    result += 1\nelse:\n    result = -result\n", 2, 5),
    "walrus": ("values = [3, 2, 0]\nresult = []\nwhile value := values.pop(0):\n    result.append(value)\n", 3, 2),
    "inner": ("result = []\nfor i in range(2):\n    for j in range(3):\n        result.append((i, j))\n", 3, 6),
    "outer": ("result = []\nfor i in range(2):\n    for j in range(3):\n        result.append((i, j))\n", 2, 2),
    "list": ("result = [i * i for i in range(4) if i]\n", 1, 3),
    "set": ("result = {i % 2 for i in range(4)}\n", 1, 4),
    "dict": ("result = {i: str(i) for i in range(4)}\n", 1, 4),
    "generator": ("result = sum(i for i in range(4))\n", 1, 4),
    "map": ("result = list(map(abs, [-1, 2, -3]))\n", 1, 3),
    "function": ('def f(x):\n    """Square."""\n    return x * x\nresult = [f(2), f(3)], f.__doc__\n', 1, 2),
    "lambda": ("f = lambda x: x + 1\nresult = f(1), f(2), f(3)\n", 1, 3),
    "async": (
        "import asyncio\nasync def numbers():\n    yield 1\n    yield 2\nasync def main():\n    total = 0\n"
        "    async for n in numbers():\n        total += n\n    return total\nresult = asyncio.run(main())\n",
        7,
        2,
    ),
    "one of two alike": (
        "result = []\nfor i in range(2):\n    result.append(i)\nfor i in range(2):\n    result.append(-i)\n",
        4,
        2,
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_program_computes_the_same_and_every_iteration_is_seen(name: str) -> None:
    text, line, iterations = PROGRAMS[name]
    plain: dict[str, Any] = {}
    exec(text, plain)
    counter = Counter()
    assert run(text, line, counter)["result"] == plain["result"]
    assert (counter.entered, counter.left) == (iterations, iterations)


def test_an_iteration_that_raises_is_not_counted_as_done() -> None:
    text = "try:\n    for i in range(3):\n        1 / (1 - i)\nexcept ZeroDivisionError:\n    result = i\n"
    counter = Counter()
    assert run(text, 2, counter)["result"] == 1
    assert (counter.entered, counter.left) == (2, 1)


def test_the_loop_can_be_ended_from_inside() -> None:
    counter = Counter(stop=2)
    with pytest.raises(KeyboardInterrupt):
        run("while True:\n    try:\n        1 / 0\n    except Exception:\n        pass\n", 1, counter)
    assert counter.left == 2


def test_lines_stay_what_they_were() -> None:
    tree = instrumented(
        ast.parse("for i in range(2):\n\n    x = i\n    y = 1 / (i - 1)\n"), place_at(ast.parse("for i in range(2): pass"), 1)
    )
    with pytest.raises(ZeroDivisionError) as caught:
        exec(compile(tree, "program", "exec"), {PROBE: Counter()})
    assert caught.traceback[-1].lineno + 1 == 4


def test_the_loop_is_found_in_a_fixed_program() -> None:
    written = "import keras\n\nfor i in range(3):\n    model = keras.Sequential()\n"
    helper = helper_code("compiled_model_keeper")
    fixed = (
        written.replace("for i", f"{helper}\n\nkeep = 0\nfor i").replace("keras.Sequential()", "i").replace("import keras\n", "")
    )
    counter = Counter()
    run(fixed, 3, counter, written)
    assert counter.left == 3


def test_two_loops_on_a_line_are_told_apart_by_the_column() -> None:
    tree = ast.parse("a = [i for i in x], [j for j in y]\n")
    assert place_at(tree, 1, 20).header == " for j in y"
    assert place_at(tree, 1).header == " for i in x"


def test_a_loop_goes_before_the_function_around_it() -> None:
    assert place_at(ast.parse("f = lambda: [i for i in range(3)]\n"), 1).kind == "ListComp"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\n\nfor i in x:\n    pass\n", "no loop starts on line 1: loops start on 3"),
        ("x = 1\n", "no loop starts on line 1: the file has no loop"),
    ],
)
def test_no_loop_there(text: str, message: str) -> None:
    with pytest.raises(PlaceError) as caught:
        place_at(ast.parse(text), 1)
    assert str(caught.value) == message


def test_no_such_loop_in_the_other_program() -> None:
    place = place_at(ast.parse("for i in range(3):\n    pass\n"), 1)
    with pytest.raises(PlaceError, match="the loop of line 1 is not found"):
        instrumented(ast.parse("for i in range(4):\n    pass\n"), place)
