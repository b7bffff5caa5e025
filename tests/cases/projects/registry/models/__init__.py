from .registry import get_model, MODELS, build_from
from . import cnn
from . import rnn
from .table import TABLE, get
