import importlib


def get_keras(backend="keras"):
    if backend == "tf":
        return importlib.import_module("tensorflow.keras")
    return importlib.import_module("keras")


keras = get_keras()
_keras_name = "keras"
K2 = importlib.import_module(_keras_name)
import_keras = __import__("keras")
NAME = "tensorflow" + ".keras"
K3 = importlib.import_module(NAME)
if True:
    name = "tensorflow.keras"
else:
    name = "keras"
K4 = importlib.import_module(name)
PKG = "tensorflow"
K5 = importlib.import_module(f"{PKG}.keras")
K6 = importlib.import_module(".keras", "tensorflow")
M7 = importlib.import_module(".nets", package=__package__)
M8 = importlib.import_module("pkg.nets")
