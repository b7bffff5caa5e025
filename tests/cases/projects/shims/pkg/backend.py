import importlib
import os

BACKEND = os.environ.get("B", "keras")
if BACKEND == "tf":
    from tensorflow import keras
elif BACKEND == "keras":
    import keras
else:
    keras = importlib.import_module("keras")
Model = keras.Model
layers = keras.layers
