"""Functions and attributes that find something by its name, a string, and those that make a dictionary.

Sources: the Python 3.14 library reference (``importlib``, ``sys.modules``, ``collections``).
"""

from __future__ import annotations

from .predicates import named, spelled

#: Whether a function, called without arguments, gives the names around the call.
gives_names_here = spelled("globals|locals|vars")
#: Whether a function works out an expression that is a string.
evaluates = spelled("eval")
#: Whether a function imports the module that its first argument names, seen from the package that its second one names.
imports_by_name = spelled(r"importlib\.import_module|__import__")
#: Whether a name is that of the modules by their names.
is_modules = spelled(r"sys\.modules")
#: The name of a module inside it.
OWN_NAME = "__name__"
#: The attribute of a module that holds its names.
NAMES = "__dict__"
#: Methods that look a key up.
looks_up = named("get pop setdefault __getitem__")
#: Whether a function makes a dictionary of pairs, and of its keyword arguments.
makes_dict = named("dict OrderedDict")
#: Whether a function makes a dictionary whose missing values its first argument makes.
makes_filled_dict = named("defaultdict")
#: Whether a decorator makes what its function returns the value of the parameters of its name.
is_fixture = spelled(r"pytest(?:_asyncio)?\.fixture")
#: Whether a decorator hands a function over as it is.
hands_over = spelled("staticmethod")

#: The list of folders in which imports start, as files spell it.
SEARCH_PATH = "sys.path"
#: Methods of that list that take folders: whether they come first.
SEARCH_PATH_METHODS = {"append": False, "insert": True, "extend": False}
#: Whether a function, or a class of paths, gives the path that it is given, spelled in another way.
same_path = named("abspath realpath normpath resolve absolute str fspath Path PurePath PosixPath as_posix expanduser")
#: Whether a function gives the folder that a path lies in.
folder_of = named("dirname")
#: Whether a function puts parts of a path together.
joins_path = named("join joinpath")
#: Whether a function gives the folder that a program runs in.
working_folder = named("getcwd cwd")
#: Attributes of a path that are the folders that it lies in: the nearest, or all.
PARENT, PARENTS = "parent", "parents"
