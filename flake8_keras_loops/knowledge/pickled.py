"""What can be handed to another process, by what makes it: numbers, text, arrays, tables. Models, files and generators cannot.

Sources: "What can be pickled and unpickled?" in the Python 3.14 library reference, the public API of NumPy 2, pandas 2,
scikit-learn 1.7 and ``keras.datasets`` (Keras 3.15).
"""

from __future__ import annotations

from . import effects
from .effects import COMPUTES, COPIES, LOOKS, PASSES, PURE, READS, RUNS
from .predicates import named, spelled

#: Whether what a function or class of a library gives, by its dotted name, are numbers, text, arrays or tables.
gives_data = spelled(
    r"numpy\.(?!load\Z|memmap|nditer|vectorize|frompyfunc|lib\.|ctypeslib|random\.)\w+(?:\.\w+)?"
    r"|numpy\.random\.(?!default_rng\Z|RandomState\Z|Generator\Z|SeedSequence\Z)\w+|numpy\.random\.(?:default_rng|RandomState)\.\w+"
    r"|random\.(?!Random|SystemRandom)\w+|math\.\w+|statistics\.\w+|time\.\w+|os\.(?:path\.\w+|listdir|getcwd|getenv|environ\.get)"
    r"|glob\.glob|json\.loads?|pathlib\.Path|(?:.*\.)?ArgumentParser\.parse_args"
    r"|pandas\.(?:read_\w+|DataFrame|Series|concat|get_dummies|to_numeric|to_datetime)(?:\.\w+)?"
    r"|sklearn\.(?:datasets\.\w+|metrics\.\w+|model_selection\.(?:train_test_split|ParameterGrid)|preprocessing\.[a-z]\w+)"
    r"|keras\.(?:datasets\..*load_data|utils\.(?:to_categorical|normalize|pad_sequences))"
)
#: Whether what a function gives, by its dotted name, can be gone through, and its elements be handed over one by one.
gives_rows = spelled(r"itertools\.(?:product|combinations|permutations)|sklearn\.model_selection\.\w+(?:\.split)?|random\.sample")
#: Whether a built-in function gives something whose elements are made of the elements of what it is given.
_goes_through = named("enumerate reversed sorted zip list tuple set iter tqdm trange prange range")
#: Whether a name in an annotation stands for such values.
is_data_type = named(
    "int float complex str bool bytes None list dict tuple set frozenset List Dict Tuple Set Optional Union Sequence Mapping "
    "Iterable Path np numpy pd pandas ndarray NDArray ArrayLike DataFrame Series float32 float64 Namespace typing npt"
)
#: Whether a function only sets up what the rest of a program goes by, so that it does no harm where it runs again.
sets_up = spelled(
    r"(?:warnings|logging|sys|argparse|matplotlib|os\.environ|numpy|pandas|random|keras|tensorflow|jax|absl)(?:\..*)?"
)
#: Whether a function makes a folder, which fails where it is there already.
makes_folder = spelled(r"os\.(?:mkdir|makedirs)|(?:.*\.)?mkdir")
#: Whether a function belongs to a module that gathers what is drawn, logged or tracked, in the process that calls it.
gathers = spelled(r"(?:matplotlib|pylab|seaborn|wandb|mlflow|neptune|comet_ml|clearml|aim|logging|streamlit)\..*")
#: Whether a function of a library gives data that is the same in every process.
gives_the_same = spelled(
    r"keras\.datasets\..*load_data|os\.(?:getenv|environ\.get|getcwd)|(?:.*\.)?ArgumentParser\.parse_args|math\.\w+"
)


def keeps_data(name: str) -> bool:
    """Whether a method or built-in function gives data where it is given data alone."""
    if effects.is_view(name):
        return False
    known = effects.effects(name)
    return bool(known & (COMPUTES | COPIES)) or (bool(known & READS) and bool(known & PURE)) or name in {"copy", "deepcopy"}


def goes_through(name: str) -> bool:
    """Whether the elements of what a call gives are made of those of its arguments: ``enumerate(xs)``, ``xs.items()``."""
    return _goes_through(name) or effects.is_view(name) or bool(effects.effects(name) & PASSES)


def runs_for_data(name: str) -> bool:
    """Whether a method runs a model, and gives numbers or arrays: ``fit()`` gives a ``History``, which holds the model."""
    return effects.does(name, RUNS) and not effects.gives_history(name)


def only_shows(name: str) -> bool:
    """Whether a call looks at what it is given and gives a number or a text."""
    known = effects.effects(name)
    return bool(known & LOOKS) and bool(known & PURE) and not known & PASSES
