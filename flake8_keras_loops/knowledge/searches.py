"""Which public functions are searches: they call a function, or fit an estimator, over and over.

So do servers with the handlers of requests, and Flower with the function that makes a client: they stand in the same table.

To teach the linter one more search, add a row here. Not listed, since they clear the session themselves before or after each
model (read in their sources): KerasTuner in all releases and AutoKeras, which builds on it (``Tuner._try_build``). Talos does
too since 0.1.5 (``talos.scan.scan_round``), unless it is told ``clear_session=False``. Ray Tune runs each trial in a process of
its own, but for ``reuse_actors=True``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from .predicates import named, spelled


@dataclass(frozen=True)
class SearchApi:
    """How one search is called.

    ``calls``: the last parts of its names. ``root``: the package. ``position`` and ``names``: of the argument that is the
    function, or the estimator. ``count``: position and name of the argument that says how often it is called. ``telltale``:
    keywords, or the name of the receiver in lower case, that show a method whose object is not known. ``first``: what the first
    argument must be. ``required``: a keyword argument, also of an argument that is a call, and its value, without which it is no
    such search. ``elsewhere``: classes whose instance as an argument moves the calls to other processes. ``parallel``: keywords
    that let calls run side by side. ``keeps``: what the function returns lives on. ``by_source``: a copy of the function's source
    is run. ``catches``: part of the name of the exceptions after which the search goes on. ``threads``: each call has a thread of
    its own, one after another. ``decorates``: the function is the one below it. ``methods``: those that are called of a class
    that it is given. ``kind``: what else than a search it is; its calls always run side by side.
    """

    calls: str
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
    decorates: bool = False
    methods: tuple[str, ...] = ()
    kind: str = ""


# fmt: off
_SEARCHES = (
    SearchApi(
        "optimize", "optuna", names=("func",), count=(1, "n_trials"), parallel=("n_jobs",), catches="Pruned",
        telltale=frozenset({"n_trials", "gc_after_trial", "show_progress_bar", "study"}),
    ),
    SearchApi("optimize", "ax", 1, ("evaluation_function",), count=(None, "total_trials")),
    SearchApi(
        "fmin", "hyperopt", names=("fn",), count=(3, "max_evals"), keeps=True,
        elsewhere=frozenset({"SparkTrials", "MongoTrials"}),
    ),
    SearchApi(
        "gp_minimize forest_minimize gbrt_minimize dummy_minimize base_minimize", "skopt",
        names=("func",), count=(None, "n_calls"),
    ),
    SearchApi(
        "minimize minimize_scalar differential_evolution dual_annealing basinhopping brute shgo direct fmin fmin_powell fmin_cg "
        "fmin_bfgs fmin_l_bfgs_b fmin_tnc fmin_cobyla fmin_slsqp fminbound brent golden bracket least_squares leastsq curve_fit "
        "root root_scalar fsolve brentq", "scipy", names=("fun", "func", "f"), parallel=("workers",),
    ),
    SearchApi("agent", "wandb", 1, ("function",), count=(4, "count"), threads=True),
    SearchApi("register", "deap", 1, first="evaluate", telltale=frozenset({"toolbox"})),
    SearchApi("minimize", "hyperas", names=("model",), count=(3, "max_evals"), keeps=True, by_source=True),
    SearchApi("Scan", "talos", 3, ("model",), required=("clear_session", False)),
    SearchApi(
        "run Tuner", "ray", names=("run_or_experiment", "trainable"), required=("reuse_actors", True),
        parallel=("reuse_actors",),
    ),
    SearchApi("run", "skopt", names=("func",), count=(1, "n_iter")),
    SearchApi("BayesianOptimization", "bayes_opt", names=("f",)),
    SearchApi("BayesianOptimization", "GPyOpt", names=("f",), parallel=("num_cores",)),
    SearchApi("minimize", "nevergrad", names=("objective_function",), parallel=("executor",)),
    SearchApi("maximize minimize", "optunity", names=("f",), count=(1, "num_evals"), parallel=("pmap",)),
    SearchApi("find_max_global find_min_global", "dlib"),
    SearchApi("pso", "pyswarm", names=("func",), parallel=("processes",)),
    SearchApi("GA", "pygad", None, ("fitness_func",), parallel=("parallel_processing",)),
    SearchApi("geneticalgorithm", "geneticalgorithm", names=("function",)),
    SearchApi("run", "flaml", names=("evaluation_function",), parallel=("use_ray", "use_spark")),
    # Flower: a new client for each of the clients and each round
    SearchApi("start_simulation", "flwr", None, ("client_fn",), telltale=frozenset({"client_fn"}), kind="client"),
    SearchApi("ClientApp", "flwr", names=("client_fn",), telltale=frozenset({"client_fn"}), kind="client"),
)
# fmt: on

#: Servers: each request is a call, in a thread, task or process of several. A class has an object of its own for each request.
_METHODS = ("get", "post", "put", "patch", "delete", "head", "options")
_HANDLER = SearchApi("", "", methods=("__init__", *_METHODS), kind="handler")
_SERVERS = ("flask", "fastapi", "starlette", "flask_restful", "flask_restx", "quart", "sanic", "bottle", "aiohttp")
_HANDLERS = (
    replace(
        _HANDLER,
        calls=" ".join(("route", "api_route", "websocket", *_METHODS)),
        decorates=True,
        telltale=frozenset({"app", "api", "router", "blueprint", "bp"}),
    ),
    replace(_HANDLER, calls="add_url_rule", position=2, names=("view_func",), telltale=frozenset({"view_func"})),
    replace(_HANDLER, calls="Route WebSocketRoute APIRoute add_api_route add_route", position=1, names=("endpoint", "handler")),
    replace(_HANDLER, calls="add_resource", names=("resource",), telltale=frozenset({"api"})),
    replace(_HANDLER, calls="Depends", names=("dependency",)),
)
#: Makes the handler of a class of them.
AS_HANDLER = "as_view"

#: What all searches over scikit-learn estimators have. ``n_jobs`` changes nothing: each of its processes fits many.
_OF_ESTIMATORS = SearchApi(
    "", "", names=("estimator", "base_estimator", "clf", "model", "estimators"), parallel=("n_jobs",), is_estimator=True
)
_ESTIMATOR_SEARCHES = (
    replace(
        _OF_ESTIMATORS,
        calls="GridSearchCV RandomizedSearchCV HalvingGridSearchCV HalvingRandomSearchCV BayesSearchCV OptunaSearchCV "
        "GASearchCV cross_val_score cross_val_predict cross_validate learning_curve validation_curve permutation_test_score "
        "RFECV SequentialFeatureSelector ExhaustiveFeatureSelector StackingClassifier StackingRegressor",
    ),
    replace(
        _OF_ESTIMATORS,
        calls="BaggingClassifier BaggingRegressor AdaBoostClassifier AdaBoostRegressor",
        count=(1, "n_estimators"),
        keeps=True,
    ),
    replace(
        _OF_ESTIMATORS,
        calls="CalibratedClassifierCV OneVsRestClassifier OneVsOneClassifier OutputCodeClassifier MultiOutputClassifier "
        "MultiOutputRegressor ClassifierChain RegressorChain",
        keeps=True,
    ),
)
_ESTIMATOR_ROOTS = ("sklearn", "skopt", "optuna", "optuna_integration", "dask_ml", "mlxtend", "sklearn_genetic", "imblearn")
#: Searches of one estimator each time, unless there are several splits.
SPLITTING = frozenset({"cross_val_score", "cross_val_predict", "cross_validate"})

#: Every search that is a call, and every one that is a decorator, by the last part of its name. Of several with one name, the
#: first that fits counts.
SEARCHES: dict[str, tuple[SearchApi, ...]] = {}
DECORATORS: dict[str, tuple[SearchApi, ...]] = {}
_OF_SERVERS = (replace(each, root=root) for each in _HANDLERS for root in _SERVERS)
_OF_LIBRARIES = (replace(each, root=root) for each in _ESTIMATOR_SEARCHES for root in _ESTIMATOR_ROOTS)
for _api in (*_SEARCHES, *_OF_SERVERS, *_OF_LIBRARIES):
    _table = DECORATORS if _api.decorates else SEARCHES
    for _name in _api.calls.split():
        _table[_name] = (*_table.get(_name, ()), _api)

#: Wrappers that make a scikit-learn estimator of a function that builds a model, and the parameters that take the function.
WRAPPERS = frozenset({"KerasClassifier", "KerasRegressor"})
BUILD_ARGUMENTS = ("model", "build_fn")
BUILD_METHODS = ("_keras_build_fn", "__call__")

#: Whether a decorator has the calls of a function, or the methods of a class, run in worker processes. Those for functions are
#: used again for further calls, unless ``max_calls`` says otherwise, which is 1 for what asks for a GPU; an object has one of its
#: own as long as it lives (the reference of ``ray.remote``).
runs_remotely = spelled(r"ray\.remote")
REMOTE_CALL = "remote"
USES_PROCESS_ONCE = ("max_calls", "num_gpus")
#: Whether a function gives an estimator that fits those that it is given.
hands_estimators_on = spelled(
    r"sklearn\.(?:.*\.)?(?:clone|Pipeline|make_pipeline|TransformedTargetRegressor)|imblearn\..*[pP]ipeline"
)
#: Whether a method of an estimator fits it from scratch, and which of its methods give the estimator itself.
fits = named("fit fit_predict fit_transform")
gives_itself = named("fit partial_fit set_params")
#: The argument of a wrapper with which it builds its model in the first ``fit`` only.
WARM_START = "warm_start"

_MENTION = re.compile(
    rb"\b(?:%s)\s*\(|@\w[\w.]*\.(?:%s)\s*\(" % ("|".join(sorted(SEARCHES)).encode(), "|".join(sorted(DECORATORS)).encode())
)
#: Whether a canonical dotted name is a wrapper's.
is_wrapper = spelled(rf"(?:keras|scikeras)\.(?:.*\.)?(?:{'|'.join(sorted(WRAPPERS))})")


def mentions(source: bytes) -> bool:
    """Whether a file calls something that has the name of a search."""
    return _MENTION.search(source) is not None
