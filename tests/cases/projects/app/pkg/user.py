from . import build, factory, sub
from .factory import through_cycle
from .sub import own

for i in range(3):
    build()  # -> KL102
    factory.build()  # -> KL102
    sub.build()  # -> KL102
    own()  # -> KL102
    through_cycle()  # -> KL102
