"""Graph mode: clearing is what makes such a loop fast, so it is not told that clearing does not."""
import keras
import tensorflow as tf

tf.compat.v1.disable_eager_execution()


def build():
    return keras.Sequential()


for i in range(3):
    keras.backend.clear_session()
    model = keras.Sequential()
for i in range(3):
    keras.backend.clear_session()
    build()
for i in range(3):
    build()  # -> KL104
    if i > 1:
        continue
    keras.backend.clear_session()
    model = keras.Sequential()
