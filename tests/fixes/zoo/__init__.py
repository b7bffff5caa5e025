from .nets import compiled, small
