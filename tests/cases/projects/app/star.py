from models import *
from proto import *

for i in range(3):
    build()  # -> KL102
    keras.Sequential()  # -> KL101
