"""Find Keras models that are built in every iteration of a loop.

>>> from flake8_keras_loops import analyze
>>> [finding.code for finding in analyze("import keras\\nfor i in range(9):\\n    model = keras.Sequential()\\n")]
['KL101']
"""

from __future__ import annotations

from .examine import AnalysisError, Options, detect
from .finding import Finding, Span

__version__ = "0.3.0"
__all__ = ["AnalysisError", "Finding", "Options", "Span", "__version__", "analyze"]


def analyze(source: str | bytes, path: str = "", options: Options | None = None) -> list[Finding]:
    """Return the findings of all rules for one Python file, in the order of the text.

    ``source``: its text, or its bytes in any encoding that Python reads. ``path``: where it is, so that imports inside its
    project are followed; ``""`` follows none. Nothing is executed.

    Raises :class:`AnalysisError`, with a message of one line, for a file that does not parse or is too deeply nested.
    """
    return detect(source, path, options)
