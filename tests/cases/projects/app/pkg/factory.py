from ..models import build as _unused  # beyond the top-level package when run, still resolvable on disk
import keras

from . import cycle


def build():
    return keras.Sequential()


def through_cycle():
    return cycle.back()
