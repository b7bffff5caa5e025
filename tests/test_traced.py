"""What the fix of KL202 writes, when it is safe, and when there is none."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest

from flake8_keras_loops.fixes.outcome import Outcome, Settings
from flake8_keras_loops.fixes.rewrite import rewrite

HEAD = """\
import random

import jax
import tensorflow as tf
from tensorflow import keras

model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
optimizer = keras.optimizers.Adam()
x = tf.ones((4, 3))
seen = []


"""


def fix(code: str, unsafe: bool = True) -> tuple[str, list[Outcome]]:
    """What becomes of code below the head, and the outcomes of its KL202."""
    settings = Settings(unsafe=unsafe, select=("KL202",))
    done = rewrite(HEAD + dedent(code), "", settings)
    assert rewrite(done.text, "", settings).text == done.text
    assert done.text.startswith(HEAD.rstrip("\n"))
    return done.text[len(HEAD.rstrip("\n")) :].lstrip("\n"), list(done.outcomes)


def written(code: str) -> str:
    """The fixed code; every fix must be safe."""
    text, outcomes = fix(code)
    assert outcomes
    assert [outcome.reason for outcome in outcomes if outcome.reason] == []
    assert all(outcome.strategy == "hoist" and outcome.applied for outcome in outcomes)
    return text


def reason(code: str) -> str:
    """Why there is no fix, or why it is not safe (with ``unsafe:`` before)."""
    text, (outcome, *_) = fix(code, unsafe=False)
    assert text == dedent(code)
    return f"unsafe: {outcome.reason}" if outcome.strategy else outcome.reason


def body(*lines: str) -> str:
    """A traced function in a loop, with these lines in its body."""
    return "for i in range(3):\n\n    @tf.function\n    def step(x):\n" + indent("\n".join(lines), " " * 8) + "\n\n    step(x)\n"


def test_a_definition_goes_before_the_loop_with_its_comment() -> None:
    before = """\
    for i in range(3):
        # forward
        @tf.function(
            jit_compile=True,
        )
        def step(x):
            return model(x)

        # run
        step(x)
    """
    after = """\
    # forward
    @tf.function(
        jit_compile=True,
    )
    def step(x):
        return model(x)


    for i in range(3):
        # run
        step(x)
    """
    assert written(before) == dedent(after)


def test_functions_that_it_names_go_with_it() -> None:
    before = """\
    def run(data):
        total = 0
        for i in range(3):

            def loss(a):
                \"\"\"Of
            this.\"\"\"
                return a + 1

            print(i)

            @tf.function
            def step(x):
                return loss(model(x))

            for batch in data:
                total += step(batch)
        return total
    """
    after = """\
    def run(data):
        total = 0

        def loss(a):
            \"\"\"Of
            this.\"\"\"
            return a + 1

        @tf.function
        def step(x):
            return loss(model(x))

        for i in range(3):
            print(i)

            for batch in data:
                total += step(batch)
        return total
    """
    assert written(before) == dedent(after)


def test_an_assignment_and_a_call_inside_a_statement() -> None:
    before = """\
    for i in range(3):
        forward = tf.function(model)
        print(forward(x), tf.function(model.call)(x))
    """
    after = """\
    forward = tf.function(model)
    traced = tf.function(model.call)
    for i in range(3):
        print(forward(x), traced(x))
    """
    assert written(before) == dedent(after)


def test_a_function_that_an_assignment_traces_goes_with_it() -> None:
    before = """\
    for i in range(3):
        def double(x):
            return x * 2
        double_fast = tf.function(double)
        print(double_fast(x))
    """
    after = """\
    def double(x):
        return x * 2


    double_fast = tf.function(double)
    for i in range(3):
        print(double_fast(x))
    """
    assert written(before) == dedent(after)


def test_out_of_all_loops() -> None:
    before = """\
    for i in range(3):
        for j in range(3):
            double = jax.jit(lambda a: a * 2)
            print(double(i), j)
    """
    after = """\
    double = jax.jit(lambda a: a * 2)
    for i in range(3):
        for j in range(3):
            print(double(i), j)
    """
    assert written(before) == dedent(after)


def test_a_call_of_a_function_that_only_makes_it() -> None:
    factory = """\
def make(model):
    loss = keras.losses.MeanSquaredError()

    @tf.function
    def step(x):
        return loss(x, model(x))

    return step


"""
    after = factory + "step = make(model)\nfor i in range(3):\n    step(x)\n"
    assert written(factory + "for i in range(3):\n    step = make(model)\n    step(x)\n") == after


def test_line_ends_are_kept() -> None:
    code = "import tensorflow as tf\r\nfor i in range(3):\r\n\r\n\t@tf.function\r\n\tdef step(x):\r\n\t\treturn x\r\n\r\n\tstep(i)\r\n"
    after = "import tensorflow as tf\r\n\r\n\r\n@tf.function\r\ndef step(x):\r\n\treturn x\r\n\r\n\r\nfor i in range(3):\r\n\tstep(i)\r\n"
    assert rewrite(code, "", Settings()).text == after


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("print(x)", "print() runs when the function is traced"),
        ("seen.append(x)", "seen.append() runs when the function is traced"),
        ("x *= random.random()", "random.random() runs when the function is traced"),
        ("x *= np.random.rand()", "np.random.rand() runs when the function is traced"),
        ("global count; count = 1", "count is set when the function is traced"),
        ("model.count = 1", "model.count is set when the function is traced"),
        ("x += tf.random.normal(x.shape)", "tf.random.normal() starts again"),
    ],
)
def test_what_tracing_does_besides_is_not_safe(line: str, part: str) -> None:
    assert reason(body(line, "return model(x)")).startswith(f"unsafe: {part}")


def test_what_it_does_to_its_own_names_is_safe() -> None:
    assert written(body("parts = []", "parts.append(x)", "tf.print(x)", "return model(parts[0])"))


def test_dropout_of_keras_2_is_not_safe() -> None:
    code = body("return model(x, training=True)")
    assert written(code)
    with_dropout = "noise = keras.layers.Dropout(0.5)\n" + code
    assert reason(with_dropout) == "unsafe: in Keras 2 dropout starts again in a function that is made again"


def test_weights_are_constants_to_jax() -> None:
    code = "for i in range(3):\n    model.fit(x, x)\n    print(jax.jit(lambda a: model(a))(x))\n"
    assert reason(code) == "unsafe: JAX takes model for a constant when it traces"


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("model.trainable = i > 1", "unsafe: the loop sets model.trainable, which a trace may not see"),
        ("model.layers[0].trainable = i > 1", "unsafe: the loop sets model.layers[0].trainable, which a trace may not see"),
        ("model.compile()", "unsafe: model.compile() in the loop may change what was traced"),
        ("step = None", "step is bound in another place too"),
    ],
)
def test_what_the_loop_changes(line: str, part: str) -> None:
    assert reason(body("return model(x)") + f"    {line}\n") == part


@pytest.mark.parametrize(
    ("code", "part"),
    [
        (body("return x * i"), "it reads i, which every iteration binds"),
        (body("v = tf.Variable(1.0)", "return x * v"), "tf.Variable() makes a variable, for each function that is traced"),
        ("scores = [tf.function(model)(row) for row in x]\n", "a comprehension or map() has no body to write into"),
        (
            "for i in range(3):\n    if i:\n        print(i)\n        f = tf.function(model)\n        print(f(x))\n",
            "it is made in a block of its own, not directly in the loop's body",
        ),
        (
            "for i in range(3):\n    model.make_train_function(force=True)\n",
            "without force=True the model keeps the function that it has",
        ),
        (
            "def score(x):\n    f = tf.function(model)\n    print(x)\n    return f(x)\n\n\nfor i in range(3):\n    y = score(x)\n",
            "score() does more than make the function",
        ),
    ],
)
def test_no_fix(code: str, part: str) -> None:
    assert reason(code) == part


def test_another_strategy_is_not_for_it() -> None:
    done = rewrite(HEAD + body("return model(x)"), "", Settings(strategy="clear", select=("KL202",)))
    assert [outcome.reason for outcome in done.outcomes] == ["clear is about models that are built again"]


def test_predicting_has_no_fix() -> None:
    done = rewrite(
        HEAD + "for row in x:\n    print(model.predict(row[None]))\n", "", Settings(enable=("KL203",), select=("KL203",))
    )
    assert [(outcome.strategy, outcome.reason) for outcome in done.outcomes] == [
        ("", "what the rows are for decides how to predict them at once")
    ]
