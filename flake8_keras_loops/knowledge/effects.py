"""The table of calls: what a call does to its receiver and to its arguments, by the last part of its name.

``xs.append(x)``, ``model.fit(x)`` and ``print(x)`` are looked up as ``append``, ``fit`` and ``print``: in linted code the object
in front is often unknown, so a name that means two things has the effects of both. To teach the linter one more function or
method, add it to one row here; no other file lists names of calls. What a name *builds* is in :mod:`.keras`, which of them call
functions over and over in :mod:`.searches`.

Sources: the Python 3.14 library reference, the public API of NumPy 2, pandas 2, Keras 3.15 (``keras.Model``, ``keras.Layer``,
``keras.optimizers.Optimizer``), ``tf.keras`` 2.15 and TensorFlow 2.21.
"""

from __future__ import annotations

import builtins
from enum import Flag, auto
from functools import cache

from .keras import last
from .predicates import named, spelled


class Effect(Flag):
    """What a call does. Of a name with none, nothing is known."""

    READS = auto()  # it does not change its receiver
    LOOKS = auto()  # it looks at what it is given: it keeps and changes nothing of it
    PURE = auto()  # the same arguments give the same result
    MUTATES = auto()  # its receiver is another thing afterwards; of a model that is more than other weights
    STORES = auto()  # an argument is in its receiver afterwards
    COMPUTES = auto()  # it computes an array, tensor or table from what it is given
    PASSES = auto()  # what it gives is, or holds, what it is given
    COPIES = auto()  # what it gives shares nothing with what it is given
    RUNS = auto()  # it runs a model
    PREDICTS = auto()  # it runs a model for its outputs alone, which takes no ``compile()``
    STARTS = auto()  # it begins with new metrics, as ``compile()`` does
    TRAINS = auto()  # it changes a model's weights by training
    COMPLETES = auto()  # it completes a model that is being made: layers, shapes, ``compile()``
    REWORKS = auto()  # it changes a model so that it has to be compiled again
    LOADS = auto()  # it replaces a model's weights
    SAVES = auto()  # it writes a model, or its weights, to a file
    SHARES = auto()  # it builds a model or layer around the layers and tensors that it is given
    TAKES = auto()  # what it is given is a part of a model afterwards
    MAKES_VARIABLE = auto()  # it makes a variable, for each function that is traced
    TALKS = auto()  # it prints, reads a file or an iterator, or runs code that is not seen
    SEEDS = auto()  # it sets a seed
    FORKS = auto()  # it hands work to threads
    DEFERS = auto()  # it runs a function later, for each element


READS, LOOKS, PURE, MUTATES, STORES, COMPUTES, PASSES, COPIES = (
    Effect.READS, Effect.LOOKS, Effect.PURE, Effect.MUTATES, Effect.STORES, Effect.COMPUTES, Effect.PASSES, Effect.COPIES,
)  # fmt: skip
RUNS, PREDICTS, STARTS, TRAINS, COMPLETES, REWORKS, LOADS, SAVES, SHARES, TAKES = (
    Effect.RUNS, Effect.PREDICTS, Effect.STARTS, Effect.TRAINS, Effect.COMPLETES, Effect.REWORKS, Effect.LOADS, Effect.SAVES,
    Effect.SHARES, Effect.TAKES,
)  # fmt: skip
MAKES_VARIABLE, TALKS, SEEDS, FORKS, DEFERS = (
    Effect.MAKES_VARIABLE, Effect.TALKS, Effect.SEEDS, Effect.FORKS, Effect.DEFERS,
)  # fmt: skip
NOTHING_KNOWN = Effect(0)

# fmt: off
_ROWS: tuple[tuple[Effect, str], ...] = (
    # collections
    (MUTATES | STORES, "append appendleft put put_nowait __setitem__ push heappush insert setdefault"),
    (MUTATES | STORES | PASSES, "extend extendleft update"),
    (MUTATES | STORES | COMPLETES | REWORKS | TAKES, "add"),
    (MUTATES, """
        clear discard popitem popleft remove reverse rotate sort move_to_end subtract difference_update intersection_update
        symmetric_difference_update heappop shuffle fill itemset resize send close
    """),
    (MUTATES | COMPLETES | REWORKS, "pop"),
    (READS | PURE, """
        count get index items keys values issubset issuperset isdisjoint union difference intersection __len__ __contains__
        __getitem__ bisect bisect_left bisect_right
    """),
    (READS | PURE | COPIES, "most_common total"),
    # text and paths
    (READS | PURE, """
        capitalize casefold decode encode endswith expandtabs find format_map isalnum isalpha isdigit isidentifier
        islower isnumeric isspace isupper join joinpath ljust lower lstrip partition removeprefix removesuffix replace rfind
        rjust rpartition rsplit rstrip split splitlines startswith strip swapcase title translate upper zfill with_suffix
        with_name with_stem as_posix expanduser absolute resolve basename dirname splitext normpath relative_to fullmatch
        group groups sub hexdigest isoformat strftime
    """),
    (READS, "scope exists isfile isdir is_file is_dir getmtime getsize stat glob rglob iterdir listdir"),
    (READS | PURE | LOOKS, "format"),
    # built-in functions
    (READS | PURE | PASSES, "dict list set tuple frozenset OrderedDict"),
    (READS | PURE | PASSES | LOOKS, "max min reversed sorted zip enumerate"),
    (READS | PURE | LOOKS, """
        abs all any bool bytes callable chr divmod float hasattr hash int isinstance issubclass len ord pow range repr round str
        sum type getsizeof
    """),
    (READS | PURE, "getattr slice super"),
    (PURE | PASSES, "partial"),
    (READS | LOOKS, "id vars dir"),
    (READS | LOOKS | TALKS, "print info debug warning error exception critical"),
    (TALKS, "eval exec input open write"),
    (PASSES | TALKS, "next"),
    (PASSES, "iter chain cycle islice product progressbar prange tqdm tqdm_notebook track trange copy"),
    (PASSES | DEFERS, "filter map"),
    (DEFERS, "flat_map interleave"),
    (COPIES | READS | LOOKS, "deepcopy dump dumps"),
    # numbers and arrays: NumPy, pandas, tensors
    (READS | PURE | COMPUTES | COPIES, """
        argmax argmin argsort array asarray astype constant convert_to_tensor cumsum mean median numpy prod std tolist
        to_numpy var item tobytes
    """),
    (READS | PURE | COMPUTES, """
        arange argwhere cast clip concat concatenate cos diag digitize dot empty exp expand_dims eye flatnonzero floor full
        full_like geomspace hstack interp isin isinf isnan linspace log logspace matmul meshgrid ndim nonzero norm ones
        ones_like pad percentile quantile ravel repeat reshape rint searchsorted shape sin sqrt squeeze stack swapaxes take
        tile to_categorical transpose triu unique vstack where zeros zeros_like atleast_2d ceil flatten ptp nbytes size view
        compress choose diagonal cumprod conj trace describe dropna fillna get_dummies groupby head iterrows itertuples isnull
        isna notna notnull nunique select_dtypes sort_index sort_values tail to_dict to_frame value_counts to_list query melt
        pivot merge reset_index set_index rename drop drop_duplicates corr
    """),
    (READS, "get_n_splits batch prefetch shard sample apply applymap agg aggregate"),
    # a model, its layers and its optimizer
    (RUNS | STARTS, "evaluate evaluate_generator"),
    (RUNS, "test_on_batch"),
    (RUNS | PREDICTS, "predict predict_classes predict_generator predict_on_batch predict_proba"),
    (RUNS | TRAINS | STARTS, "fit fit_generator"),
    (RUNS | TRAINS, "train_on_batch"),
    (TRAINS, "partial_fit train_step"),
    (READS | LOOKS | TRAINS, "apply_gradients minimize"),
    (TRAINS, "GradientTape"),
    (MUTATES | COMPLETES | TAKES, "compile"),
    (MUTATES | COMPLETES | REWORKS, "build"),
    (MUTATES, "adapt"),
    (MUTATES | REWORKS, "setattr prune_low_magnitude strip_pruning apply_pruning unfreeze freeze"),
    (LOADS, "load_weights set_weights"),
    (READS | COPIES, "get_weights get_config to_json to_yaml summary"),
    (READS | COPIES | LOOKS, "count_params clone_model log_model"),
    (COPIES, "load_model"),
    (READS | COPIES | LOOKS | SAVES, "save save_model"),
    (READS | COPIES | SAVES, "export save_weights"),
    (READS | LOOKS, "gradient watch get_value set_value model_to_dot plot_model assign assign_add assign_sub collect"),
    (SAVES, "ModelCheckpoint BackupAndRestore"),
    (SHARES | TAKES, "Model Sequential Functional TimeDistributed Bidirectional multi_gpu_model"),
    (MAKES_VARIABLE, "Variable add_weight SeedGenerator Generator get_variable from_seed"),
    # the rest of a program
    (SEEDS | TALKS, "seed set_seed set_random_seed"),
    (FORKS, "Thread Timer ThreadPool ThreadPoolExecutor to_thread run_in_executor Parallel"),
)
# fmt: on


CALLS = {name: effect for effect, names in _ROWS for name in names.split()}
assert len(CALLS) == sum(len(names.split()) for _, names in _ROWS), "a name stands in two rows"

#: The position of the argument that is stored, where it is not the first.
_STORED_AT = {"insert": 1, "setdefault": 1, "__setitem__": 1, "heappush": 1}
#: Functions that make a collection of the elements of what they are given.
COLLECTING = ("list", "tuple", "set", "dict", "sorted", "deque", "gather")
#: Modules whose functions give another result each time, or change what all see.
_STATEFUL_MODULES = frozenset({"random", "secrets", "uuid", "time", "datetime"})

#: Whether a built-in function is one whose result the interpreter works out.
is_followed = named(
    "map list tuple set frozenset sorted reversed enumerate zip iter next dict __import__ filter getattr range len type "
    "globals locals vars eval staticmethod"
)
#: Whether a function counts: no number comes twice.
counts = named("range trange prange")
#: Whether a function calls another one for each element.
is_mapper = named("map starmap")
#: Whether a method gives the elements of its mapping, one each.
is_view = named("items keys values")
#: Whether a function gives at most as many elements as it is given.
adds_no_element = named("enumerate tqdm reversed sorted list tuple zip")
#: Whether a function gives a collection, or an equal object, of what it is given.
holds = named("dict deepcopy")
#: Whether a function, by its dotted name, makes or looks at a path.
_is_about_paths = spelled(r"(?:os\.path\.|os\.fspath|pathlib\.|posixpath\.).*")
#: Whether a function, by its dotted name, starts another program, downloads or moves files, so that files may be others.
changes_files = spelled(
    r"(?:subprocess\.|os\.system|os\.popen|os\.replace|os\.rename|shutil\.).*"
    r"|os\.(?:chdir|symlink|link)|(?:.*\.)?(?:extractall|unpack_archive|write_bytes|write_text|symlink_to|hardlink_to)"
    r"|(?:.*\.)?(?:urlretrieve|download_file|download_blob_to_file|get_file|hf_hub_download)"
)
#: Whether a function belongs to a module about the process or the machine, or draws from Python's or NumPy's stream.
reaches_outside = spelled(rf"(?:{'|'.join(sorted(_STATEFUL_MODULES))}|logging|os|sys|warnings)(?:\..*)?|(?:numpy|np)\.random\..*")
#: Whether no path goes on behind a function, as it is spelled.
ends_process = spelled(r"sys\.exit|exit|quit|os\._exit")
#: Whether what stands in the body of a context is meant to fail.
expects_failure = spelled(r"raises|assertRaises.*")


def effects(name: str) -> Effect:
    """What a call does, by the last part of its name; :data:`NOTHING_KNOWN` for one that the table does not have."""
    return CALLS.get(name, NOTHING_KNOWN)


@cache
def names_with(effect: Effect) -> frozenset[str]:
    """The names of all calls that have one of some effects."""
    return frozenset(name for name, known in CALLS.items() if known & effect)


def does(name: str, effect: Effect) -> bool:
    """Whether a call of this name is known to have one of some effects."""
    return name in names_with(effect)


def stored_at(name: str) -> int | None:
    """The position of the argument that ``xs.name(...)`` puts into ``xs``, ``None`` if it puts none there."""
    return _STORED_AT.get(name, 0) if does(name, STORES) else None


def may_mutate(name: str) -> bool:
    """Whether ``x.name()`` may change ``x``: it does, or nothing is known of it, and it is no class, by its capital (PEP 8)."""
    return does(name, MUTATES) if name in CALLS else not name[:1].isupper()


def gives_history(name: str) -> bool:
    """Whether a method of a model gives the ``History`` of fitting it."""
    return does(name, TRAINS) and does(name, STARTS)


def updates(name: str) -> bool:
    """Whether a method of an optimizer changes the variables that it is given."""
    return does(name, TRAINS) and does(name, READS)


def talks(name: str) -> bool:
    """Whether a built-in function prints, reads a file, an iterator or the keyboard, or runs code that is not seen."""
    return does(name, TALKS) and hasattr(builtins, name)


def is_stateful(dotted: str) -> bool:
    """Whether a function, by its dotted name, gives another result each time: a clock, a random number.

    >>> is_stateful("numpy.random.rand"), is_stateful("keras.random.SeedGenerator")
    (True, False)
    """
    *owners, last = dotted.split(".")
    return bool(_STATEFUL_MODULES & set(owners)) and last != "SeedGenerator"


def makes_path(dotted: str) -> bool:
    """Whether a function puts a path together without looking at what is there."""
    known = effects(last(dotted))
    return _is_about_paths(dotted) and (not known or PURE in known)


def asks_for_file(name: str) -> bool:
    """Whether a function says if there is a file."""
    return name in {"exists", "isfile", "is_file"}


def makes_scalar(name: str) -> bool:
    """Whether a built-in function gives a number or a text."""
    return name in {"len", "int", "float", "str", "round"}


def binds_unseen(name: str) -> bool:
    """Whether a built-in function may bind a name or an attribute that the text does not show."""
    return name in {"setattr", "delattr", "globals", "exec"}


def tells_settings(name: str) -> bool:
    """Whether a function gives, or writes, what a model was made with: its seeds and initializers among it."""
    return name in {"clone_model", "get_config", "to_json", "save", "save_model", "export"}


def tells_apart(name: str) -> bool:
    """Whether a built-in function shows an object's name, or which one it is."""
    return name in {"print", "str", "repr", "format", "id", "hash"}


def is_used_up(name: str) -> bool:
    """Whether a built-in function gives something that can be gone through once."""
    return name in {"iter", "zip", "map", "filter", "reversed", "enumerate", "open"}


def is_of_process(name: str) -> bool:
    """Whether something of ``os`` or ``sys`` may be another one later, whoever changes it."""
    return name in {"environ", "getenv", "argv"}
