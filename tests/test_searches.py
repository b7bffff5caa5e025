"""Functions that a search calls: what is said of them, and what the strategies write. The findings are in ``cases/``."""

from __future__ import annotations

from pathlib import Path

import pytest
from strategies import dedented, fix, fixed, verdict

from flake8_keras_loops import analyze
from flake8_keras_loops.knowledge.searches import SEARCHES, mentions

HEAD = "import keras\nimport optuna\n\n"
GRAPH = "import optuna\nimport tensorflow as tf\nfrom tensorflow import keras\n\ntf.compat.v1.disable_eager_execution()\n\n"
OBJECTIVE = """
def objective(trial):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    model.fit(x, y)
    return model.evaluate(x, y)


"""
STUDY = "optuna.create_study().optimize(objective, n_trials=9)\n"


# -- what is said


def test_the_message_names_the_search_and_its_line() -> None:
    (finding,) = analyze(HEAD + OBJECTIVE + STUDY)
    assert finding.code == "KL103"
    assert finding.construction == "keras.Sequential()"
    assert finding.message == "keras.Sequential() builds a Keras model on every call by (...).optimize() on line 12"
    assert (finding.line, finding.loop.line) == (6, 5)


def test_the_message_of_clearing_on_some_paths_speaks_of_the_function() -> None:
    text = OBJECTIVE.replace("    model =", "    if trial.number:\n        keras.backend.clear_session()\n    model =", 1)
    (finding,) = analyze(HEAD + text + STUDY)
    assert finding.code == "KL104"
    said = "Sequential() builds a Keras model; a path through the calls by"
    assert said in finding.message
    assert finding.message.endswith("() on line 14 misses clear_session()")
    assert finding.cure == "call clear_session() first thing in the function"


def test_a_function_elsewhere_is_named(tmp_path: Path) -> None:
    (tmp_path / "objectives.py").write_text("import keras\n" + OBJECTIVE)
    script = tmp_path / "run.py"
    script.write_text("import optuna\nfrom objectives import objective\n" + STUDY)
    (finding,) = analyze(script.read_bytes(), str(script))
    assert finding.built_at == (str(tmp_path / "objectives.py"), 4)
    assert "objective() builds a Keras model (objectives.py:4) on every call by (...).optimize() on line 3" in finding.message
    assert verdict(script.read_text(), "auto", "", path=str(script))[0] == "none"


def test_a_file_without_a_word_for_a_loop_is_looked_at() -> None:
    assert mentions(STUDY.encode())
    assert not mentions(b"optimizer = optimize\n")
    assert all(mentions(f"{name} (".encode()) for name in SEARCHES)


def test_a_comment_in_the_function_silences_it() -> None:
    text = HEAD + OBJECTIVE.replace("Dense(1)])", "Dense(1)])  # noqa: KL103") + STUDY
    assert fix(text, "auto").outcomes == ()


# -- clear


def test_clear_comes_first_in_the_function_and_is_unsafe() -> None:
    assert verdict(OBJECTIVE + STUDY, "clear", HEAD) == (
        "unsafe",
        "what is in use between the calls of (...).optimize() is not known",
    )
    new = fixed(OBJECTIVE + STUDY, "clear", HEAD)
    assert "def objective(trial):\n    keras.backend.clear_session()\n    model = " in new


def test_clear_comes_after_the_docstring() -> None:
    text = OBJECTIVE.replace("(trial):\n", '(trial):\n    """Score a trial."""\n')
    assert '    """Score a trial."""\n    keras.backend.clear_session()\n    model' in fixed(text + STUDY, "clear", HEAD)


def test_clear_is_chosen_in_graph_mode() -> None:
    assert verdict(OBJECTIVE + STUDY, "auto", GRAPH)[0] == "unsafe"
    assert "(trial):\n    keras.backend.clear_session()\n" in fixed(OBJECTIVE + STUDY, "auto", GRAPH)


def test_in_graph_mode_nothing_older_may_be_used() -> None:
    text = "embed = keras.layers.Dense(8)\n" + OBJECTIVE.replace("keras.layers.Dense(1)", "embed") + STUDY
    assert verdict(text, "auto", GRAPH) == (
        "none",
        "embed was made before the loop, and in graph mode is unusable once the session is cleared",
    )


def test_clear_moves_the_call_that_a_pruned_trial_misses() -> None:
    text = OBJECTIVE.replace(
        "    return",
        "    if trial.should_prune():\n        raise optuna.TrialPruned()\n    keras.backend.clear_session()\n    return",
    )
    assert "(trial):\n    keras.backend.clear_session()\n    model" in fixed(text + STUDY, "clear", HEAD)


@pytest.mark.parametrize("search", ["cross_val_score(KerasRegressor(build), x, y)", "GridSearchCV(KerasRegressor(build), {})"])
def test_functions_of_estimators_are_cleared(search: str) -> None:
    text = """
    from scikeras.wrappers import KerasRegressor
    from sklearn.model_selection import GridSearchCV, cross_val_score

    def build():
        return keras.Sequential([keras.layers.Dense(1)])

    """
    assert "def build():\n    keras.backend.clear_session()\n    return" in fixed(dedented(text) + search + "\n", "clear", HEAD)


# -- the others


def test_reuse_is_refused_where_any_search_makes_calls_side_by_side() -> None:
    text = OBJECTIVE + STUDY + STUDY.replace("n_trials=9", "n_trials=9, n_jobs=2")
    assert verdict(text, "auto", HEAD)[0] == "none"
    assert verdict(OBJECTIVE + STUDY.replace("n_trials=9", "n_trials=9, n_jobs=1"), "auto", HEAD) == ("safe", "")


SMALL = """
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
    model.compile("adam", "mse")
"""
HANDLER = """
import flask
app = flask.Flask(__name__)
@app.route("/")
def index():
    model = keras.models.load_model("m.keras")
    return model.predict(x)
"""
CLIENT = f"""
import flwr as fl
def client_fn(cid):{SMALL}
    model.fit(x, y)
    return Client(model)
fl.client.ClientApp(client_fn)
"""
FITTED = f"""
from scikeras.wrappers import KerasRegressor
def build():{SMALL}
    return model
est = KerasRegressor(build)
for fold in range(3):
    est.fit(x, y)
"""
FITTED_INSIDE = FITTED.replace(
    "for fold in range(3):\n    est.fit(x, y)\n", "def score():\n    est.fit(x, y)\n    return est.score(x, y)\n"
)
FITTED_INSIDE += "for fold in range(3):\n    score()\n"
TASK = f"""
import ray
@ray.remote
def train(n):{SMALL}
    return model.fit(x, y).history
for n in range(3):
    train.remote(n)
"""


@pytest.mark.parametrize("strategy", ["auto", "reuse", "hoist", "clear", "clone", "nojit", "process"])
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            HANDLER,
            "requests are served side by side, in threads or processes",
        ),
        (CLIENT, "clients run side by side, in processes of their own"),
        (FITTED, "the estimator builds a model in each fit, and has it for itself"),
        (FITTED_INSIDE, "the estimator builds a model in each fit, and has it for itself"),
        (TASK, "each call runs in a worker process"),
    ],
)
def test_what_calls_from_elsewhere_is_not_changed(text: str, reason: str, strategy: str) -> None:
    assert verdict(text, strategy, HEAD) == ("none", reason)


@pytest.mark.parametrize("strategy", ["hoist", "clone"])
def test_nothing_moves_out_of_the_function(strategy: str) -> None:
    kind, reason = verdict(OBJECTIVE + STUDY, strategy, HEAD)
    assert (kind, "objective()" in reason) == ("none", True)


def test_nojit_is_written_into_the_function() -> None:
    assert 'model.compile("adam", "mse", jit_compile=False)' in fixed(OBJECTIVE + STUDY, "nojit", HEAD)


def test_a_lambda_is_left_alone() -> None:
    text = "optuna.create_study().optimize(lambda trial: keras.Sequential([keras.layers.Dense(1)]).evaluate(x, y))\n"
    assert verdict(text, "clear", HEAD) == ("none", "a lambda has no body to write into")
    assert verdict(text, "reuse", HEAD) == ("none", "a lambda or coroutine builds the model")
