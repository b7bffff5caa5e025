from .factory import build
from . import sub
