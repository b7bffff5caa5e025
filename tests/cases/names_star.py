from tensorflow.keras.layers import *
from tensorflow.keras.models import *
from tensorflow.keras.backend import *

for i in range(3):
    model = Sequential([Dense(1)])  # -> KL101

for i in range(3):
    clear_session()
    model = Sequential([Dense(1)])  # -> KL107
