# ---- nojit
import keras
import numpy as np

for u in (1, 2):
    m = keras.Sequential()  # no fix: the compile() of the model is not found in this file
    train(m)


# ---- nojit
import keras
import numpy as np

for u in (1, 2):
    m = keras.Sequential([keras.Input((8,)), keras.layers.Dense(u)])  # no fix: compile() in line 6 has * arguments, which may have jit_compile
    m.compile(*settings)
    m.fit(x)


# ---- nojit
import keras
import numpy as np

for u in (1, 2):
    m = keras.Sequential([keras.Input((8,)), keras.layers.Dense(u)])  # no fix: compile() in line 6 has ** arguments, which may have jit_compile
    m.compile(**settings)
    m.fit(x)


# ---- nojit
import keras
import numpy as np

for u in (1, 2):
    m = keras.Sequential([keras.Input((8,)), keras.layers.Dense(u)])  # no fix: the argument nb_epoch is of a Keras version that has no jit_compile
    m.compile('adam')
    m.fit(x)
    m.fit(x, nb_epoch=3)


# ---- nojit
import keras
import numpy as np

for u in (1, 2):
    m = keras.Sequential([keras.Input((8,)), keras.layers.Dense(u)])  # no fix: compile() in line 6 has run_eagerly, which decides what is compiled
    m.compile('adam', 'mse', run_eagerly=True)
    m.fit(x)


# ---- nojit
import keras
import numpy as np

tf.compat.v1.disable_eager_execution()
for u in (1, 2):
    m = keras.Sequential([keras.Input((8,)), keras.layers.Dense(u)])  # no fix: in graph mode nothing is compiled with XLA unless asked for
    m.compile('adam')
    m.fit(x)


# ---- nojit
import keras
import numpy as np


other = keras.Sequential([keras.Input((8,)), keras.layers.Dense(3)])
for units in (1, 2):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(units)])  # no fix: compile() in line 8 has jit_compile already
    model.compile("adam", "mse", jit_compile=False)
    other.compile("adam", "mse")  # no fix: nojit is about models that are built again
    model.fit(x)
