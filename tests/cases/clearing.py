"""What counts as clearing the session in every iteration."""
import keras
import tensorflow as tf
from keras import backend as K
from keras.backend import clear_session
from keras.backend import clear_session as reset
from keras.utils import clear_session as clean

free = tf.keras.backend.clear_session


def build():
    return keras.Sequential()


def build_cleared():
    K.clear_session()
    return keras.Sequential()


def tidy():
    tidy_more()


def tidy_more():
    tf.keras.backend.clear_session()


class Runner:
    def setup(self):
        self.reset()

    def reset(self):
        K.clear_session()


for i in range(3):
    keras.backend.clear_session()
    model = keras.Sequential()  # -> KL107
for i in range(3):
    model = keras.Sequential()  # -> KL107
    keras.utils.clear_session()
for i in range(3):
    clear_session()
    model = build()  # -> KL107
for i in range(3):
    model = build()  # -> KL107
    reset()
for i in range(3):
    model = build()  # -> KL107
    clean(free_memory=False)
for i in range(3):
    model = build()  # -> KL107
    free()
for i in range(3):
    tf.compat.v1.reset_default_graph()
    model = build()  # -> KL107
for i in range(3):
    tf.reset_default_graph()
    model = build()  # -> KL107
for i in range(3):
    with tf.Graph().as_default():
        model = build()  # -> KL107
for i in range(3):
    model = build_cleared()  # -> KL107
for i in range(3):
    tidy()
    model = build()  # -> KL107
runner = Runner()
for i in range(3):
    runner.setup()
    model = build()  # -> KL107
for i in range(3):
    try:
        model = build()  # -> KL107
    finally:
        K.clear_session()
for i in range(3):
    if i % 2:
        model = build()  # -> KL107
        K.clear_session()
for i in range(3):
    if i % 2:
        continue
    model = build()  # -> KL107
    K.clear_session()
for i in range(3):
    if i % 2:
        K.clear_session()
    else:
        K.clear_session()
    model = build()  # -> KL107
for i in range(3):
    model = build()  # -> KL107
    for name in ("a", "b"):
        K.clear_session()
for i in range(3):
    match i:
        case 0:
            K.clear_session()
        case _:
            K.clear_session()
    model = build()  # -> KL107


def correlated(folds, use_keras):
    for fold in folds:
        if use_keras:
            model = build()  # -> KL107
        if use_keras:
            K.clear_session()
    for fold in folds:
        if not use_keras:
            continue
        model = build()  # -> KL107
        if use_keras:
            K.clear_session()


# not on every path

for i in range(3):
    model = build()  # -> KL104
    if i % 2:
        K.clear_session()
for i in range(3):
    if i % 2:
        K.clear_session()
    model = build()  # -> KL104
for i in range(3):
    model = build()  # -> KL104
    if i % 2:
        continue
    K.clear_session()
for i in range(3):
    try:
        model = build()  # -> KL104
    except MemoryError:
        K.clear_session()
for i in range(3):
    try:
        model = build()  # -> KL104
        model.fit(i)
    except ValueError:
        continue
    K.clear_session()
for i in range(3):
    try:
        model = build()  # -> KL104
        model.fit(i)
        K.clear_session()
    except ValueError:
        print("failed")
for i in range(3):
    try:
        K.clear_session()
        model = build()  # -> KL107
        model.fit(i)
    except ValueError:
        print("failed")
for i in range(3):
    try:
        model = build()  # -> KL107
        model.fit(i)
    except ValueError:
        print("failed")
    K.clear_session()
for i in range(3):
    match i:
        case 0:
            K.clear_session()
    model = build()  # -> KL104
for i in range(3):
    model = build()  # -> KL104
    while model.stale:
        K.clear_session()
for i in range(3):
    i and K.clear_session()
    model = build()  # -> KL104


def maybe(clear=True):
    if clear:
        K.clear_session()


for i in range(3):
    maybe()
    model = build()  # -> KL107
for i in range(3):
    maybe(clear=False)
    model = build()  # -> KL102
for i in range(3):
    maybe(clear=i)
    model = build()  # -> KL104


# not at all

K.clear_session()
for i in range(3):
    model = build()  # -> KL102
K.clear_session()
for a in range(3):
    K.clear_session()
    for b in range(3):
        model = build()  # -> KL102
for a in range(3):
    for b in range(3):
        model = keras.Sequential()  # -> KL101
    K.clear_session()
for i in range(3):
    def later():
        K.clear_session()
    model = build()  # -> KL102
for i in range(3):
    del model
    model = build()  # -> KL102
graph = tf.Graph()
for i in range(3):
    with graph.as_default():
        model = build()  # -> KL102
for i in range(3):
    if i == 7:
        K.clear_session()
        break
    model = build()  # -> KL102
else:
    K.clear_session()
