"""Sessions of other libraries are none of TensorFlow's."""
import keras
import requests
from sqlalchemy.orm import Session

session = requests.Session()
with Session() as database:
    for i in range(3):
        keras.backend.clear_session()
        model = keras.Sequential()  # -> KL107
