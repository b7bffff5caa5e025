try:
    import keras
    from keras.models import Sequential
except ImportError:
    from tensorflow import keras
    from tensorflow.keras.models import Sequential

for i in range(3):
    model = keras.Sequential()  # -> KL101
    other = Sequential()  # -> KL101


def function():
    from tensorflow import keras as K

    for i in range(3):
        model = K.Sequential()  # -> KL101
    for i in range(3):
        K.backend.clear_session()
        model = K.Sequential()  # -> KL107


def lazily(n):
    import tensorflow as tf

    K = tf.keras.backend
    Sequential = tf.keras.Sequential
    for i in range(n):
        K.clear_session()
        model = Sequential()  # -> KL107
    for i in range(n):
        model = Sequential()  # -> KL101


def shadowed(Sequential, keras):
    for i in range(3):
        model = Sequential()
        other = keras.Sequential()
