from ..factory import *


def own():
    from .. import build

    return build()
