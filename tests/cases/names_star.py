from tensorflow.keras.layers import *
from tensorflow.keras.models import *
from tensorflow.keras.backend import *
from tensorflow.keras.applications import *

for i in range(3):
    model = Sequential([Dense(1)])  # -> KL101

for i in range(3):
    clear_session()
    model = Sequential([Dense(1)])  # -> KL107

for i in range(3):
    base = VGG16(weights=None)  # -> KL101
