from keras.models import Sequential as S, Model
import tensorflow.keras.backend as K
from tensorflow.python.keras.models import Sequential as PythonSequential
import tensorflow.compat.v1 as tf1
import tensorflow.compat.v2.keras as k2
import tf_keras
import keras_core as kc
import tensorflow.keras.models

for i in range(3):
    a = S()  # -> KL101 column 9
    b = PythonSequential()  # -> KL101
    c = tf1.keras.Sequential()  # -> KL101
    d = k2.Sequential()  # -> KL101
    e = tf_keras.Sequential()  # -> KL101
    f = kc.models.Sequential()  # -> KL101
    g = tensorflow.keras.models.Sequential()  # -> KL101

for i in range(3):
    a = S()  # -> KL107
    K.clear_session()

Sequence = S
for i in range(3):
    a = Sequence()  # -> KL101
