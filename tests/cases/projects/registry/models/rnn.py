import keras
from models.registry import register


@register("rnn")
def rnn():
    return keras.Sequential()
