"""What the command lines share."""

from __future__ import annotations

import argparse
from typing import NoReturn

from .. import __version__


class Parser(argparse.ArgumentParser):
    """Takes ``--version`` and no abbreviations, and prints its texts as they are. Errors are one line, without the usage in
    front."""

    def __init__(self, prog: str, usage: str, description: str, epilog: str) -> None:
        as_it_is = argparse.RawDescriptionHelpFormatter
        super().__init__(prog, usage, description, epilog, formatter_class=as_it_is, allow_abbrev=False)
        self.add_argument("--version", action="version", version=f"%(prog)s {__version__}")

    def error(self, message: str) -> NoReturn:
        """Leave with status 2."""
        self.exit(2, f"{self.prog}: error: {message} (see --help)\n")
