"""The analysis: standard library `ast` only, nothing here knows about flake8, LibCST or a terminal."""
