"""Which public functions are searches: they call a function, or fit an estimator, over and over.

To teach the linter one more search, add a row here. Not listed, since they clear the session themselves before or after each
model (read in their sources): KerasTuner in all releases and AutoKeras, which builds on it (``Tuner._try_build``). Talos does
too since 0.1.5 (``talos.scan.scan_round``), unless it is told ``clear_session=False``. Ray Tune runs each trial in a process of
its own, but for ``reuse_actors=True``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class SearchApi:
    """How one search is called.

    ``root``: the package. ``position`` and ``names``: of the argument that is the function, or the estimator. ``count``:
    position and name of the argument that says how often it is called. ``telltale``: keywords, or the name of the receiver in
    lower case, that show a method whose object is not known. ``first``: what the first argument must be. ``required``: a keyword
    argument, also of an argument that is a call, and its value, without which it is no such search. ``elsewhere``: classes whose
    instance as an argument moves the calls to other processes. ``parallel``: keywords that let calls run side by side.
    ``keeps``: what the function returns lives on. ``by_source``: a copy of the function's source is run. ``catches``: part of the
    name of the exceptions after which the search goes on. ``threads``: each call has a thread of its own, one after another.
    """

    root: str
    position: int | None = 0
    names: tuple[str, ...] = ()
    count: tuple[int | None, str] | None = None
    telltale: frozenset[str] = frozenset()
    first: str = ""
    required: tuple[str, object] | None = None
    elsewhere: frozenset[str] = frozenset()
    parallel: tuple[str, ...] = ()
    keeps: bool = False
    is_estimator: bool = False
    by_source: bool = False
    catches: str = ""
    threads: bool = False


_OPTUNA = SearchApi(
    "optuna", names=("func",), count=(1, "n_trials"), parallel=("n_jobs",), catches="Pruned",
    telltale=frozenset({"n_trials", "gc_after_trial", "show_progress_bar", "study"}),
)  # fmt: skip
_HYPEROPT = SearchApi(
    "hyperopt", names=("fn",), count=(3, "max_evals"), elsewhere=frozenset({"SparkTrials", "MongoTrials"}), keeps=True
)
_SKOPT = SearchApi("skopt", names=("func",), count=(None, "n_calls"))
_SCIPY = SearchApi("scipy", names=("fun", "func", "f"), parallel=("workers",))
_AX = SearchApi("ax", 1, ("evaluation_function",), count=(None, "total_trials"))
_WANDB = SearchApi("wandb", 1, ("function",), count=(4, "count"), threads=True)
_DEAP = SearchApi("deap", 1, first="evaluate", telltale=frozenset({"toolbox"}))
_HYPERAS = SearchApi("hyperas", names=("model",), count=(3, "max_evals"), keeps=True, by_source=True)
_TALOS = SearchApi("talos", 3, ("model",), required=("clear_session", False))
_RAY = SearchApi("ray", names=("run_or_experiment", "trainable"), required=("reuse_actors", True), parallel=("reuse_actors",))
_BAYES = SearchApi("bayes_opt", names=("f",))
_GPYOPT = SearchApi("GPyOpt", names=("f",), parallel=("num_cores",))
_OTHERS = (
    ("nevergrad", "minimize", SearchApi("nevergrad", names=("objective_function",), parallel=("executor",))),
    ("optunity", "maximize", SearchApi("optunity", names=("f",), count=(1, "num_evals"), parallel=("pmap",))),
    ("optunity", "minimize", SearchApi("optunity", names=("f",), count=(1, "num_evals"), parallel=("pmap",))),
    ("dlib", "find_max_global", SearchApi("dlib")),
    ("dlib", "find_min_global", SearchApi("dlib")),
    ("pyswarm", "pso", SearchApi("pyswarm", names=("func",), parallel=("processes",))),
    ("pygad", "GA", SearchApi("pygad", None, ("fitness_func",), parallel=("parallel_processing",))),
    ("geneticalgorithm", "geneticalgorithm", SearchApi("geneticalgorithm", names=("function",))),
    ("flaml", "run", SearchApi("flaml", names=("evaluation_function",), parallel=("use_ray", "use_spark"))),
)  # fmt: skip

_SCIPY_NAMES = frozenset(
    {
        "minimize", "minimize_scalar", "differential_evolution", "dual_annealing", "basinhopping", "brute", "shgo", "direct",
        "fmin", "fmin_powell", "fmin_cg", "fmin_bfgs", "fmin_l_bfgs_b", "fmin_tnc", "fmin_cobyla", "fmin_slsqp", "fminbound",
        "brent", "golden", "bracket", "least_squares", "leastsq", "curve_fit", "root", "root_scalar", "fsolve", "brentq",
    }
)  # fmt: skip

#: Searches over scikit-learn estimators, by whether every fitted one lives on. ``n_jobs`` changes nothing: each of its processes
#: fits many.
_ESTIMATORS = {
    "GridSearchCV": False,
    "RandomizedSearchCV": False,
    "HalvingGridSearchCV": False,
    "HalvingRandomSearchCV": False,
    "BayesSearchCV": False,
    "OptunaSearchCV": False,
    "GASearchCV": False,
    "cross_val_score": False,
    "cross_val_predict": False,
    "cross_validate": False,
    "learning_curve": False,
    "validation_curve": False,
    "permutation_test_score": False,
    "RFECV": False,
    "SequentialFeatureSelector": False,
    "ExhaustiveFeatureSelector": False,
    "StackingClassifier": False,
    "StackingRegressor": False,
    "BaggingClassifier": True,
    "BaggingRegressor": True,
    "AdaBoostClassifier": True,
    "AdaBoostRegressor": True,
    "CalibratedClassifierCV": True,
    "OneVsRestClassifier": True,
    "OneVsOneClassifier": True,
    "OutputCodeClassifier": True,
    "MultiOutputClassifier": True,
    "MultiOutputRegressor": True,
    "ClassifierChain": True,
    "RegressorChain": True,
}
_ESTIMATOR_ROOTS = ("sklearn", "skopt", "optuna", "optuna_integration", "dask_ml", "mlxtend", "sklearn_genetic", "imblearn")
_ESTIMATOR_NAMES = ("estimator", "base_estimator", "clf", "model", "estimators")
#: Searches of one estimator each time, unless there are several splits.
SPLITTING = frozenset({"cross_val_score", "cross_val_predict", "cross_validate"})

#: Every search, by the last part of its name.
SEARCHES: dict[str, tuple[SearchApi, ...]] = {}


def _add(name: str, *found: SearchApi) -> None:
    SEARCHES[name] = (*SEARCHES.get(name, ()), *found)


_add("optimize", _OPTUNA, _AX)
_add("fmin", _HYPEROPT)
for _name in ("gp_minimize", "forest_minimize", "gbrt_minimize", "dummy_minimize", "base_minimize"):
    _add(_name, _SKOPT)
for _name in sorted(_SCIPY_NAMES):
    _add(_name, _SCIPY)
_add("agent", _WANDB)
_add("register", _DEAP)
_add("minimize", _HYPERAS)
_add("Scan", _TALOS)
_add("run", _RAY, replace(_SKOPT, count=(1, "n_iter")))
_add("Tuner", _RAY)
_add("BayesianOptimization", _BAYES, _GPYOPT)
for _, _name, _api in _OTHERS:
    _add(_name, _api)
for _name, _keeps in _ESTIMATORS.items():
    _rows = [
        SearchApi(
            root,
            names=_ESTIMATOR_NAMES,
            count=(1, "n_estimators") if _name.startswith(("Bagging", "AdaBoost")) else None,
            parallel=("n_jobs",),
            keeps=_keeps,
            is_estimator=True,
        )
        for root in _ESTIMATOR_ROOTS
    ]
    _add(_name, *_rows)

#: Wrappers that make a scikit-learn estimator of a function that builds a model, and the parameters that take the function.
WRAPPERS = frozenset({"KerasClassifier", "KerasRegressor"})
BUILD_ARGUMENTS = ("model", "build_fn")
BUILD_METHODS = ("_keras_build_fn", "__call__")

_MENTION = re.compile(rb"\b(?:%s)\s*\(" % "|".join(sorted(SEARCHES)).encode())


def mentions(source: bytes) -> bool:
    """Whether a file calls something that has the name of a search."""
    return _MENTION.search(source) is not None


def is_wrapper(name: str) -> bool:
    """Whether a canonical dotted name is a wrapper's."""
    root, _, _ = name.partition(".")
    return root in {"keras", "scikeras"} and name.rpartition(".")[2] in WRAPPERS
