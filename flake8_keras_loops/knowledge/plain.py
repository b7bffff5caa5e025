"""TEMPORARY"""

import re

STATEFUL_ARGUMENTS = frozenset({"stateful"})


def is_plain(name: str) -> bool:
    return bool(
        re.fullmatch(
            r"keras\.(layers|optimizers|losses|metrics|callbacks|regularizers|constraints|initializers|activations)(\.schedules)?\.(?!Lambda)\w+|keras\.(models\.)?(Sequential|Model)|keras\.Input",
            name,
        )
    )


def is_plain_string(text: str) -> bool:
    return True
