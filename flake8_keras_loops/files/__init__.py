"""Paths, settings and bytes in; Python text out, and bytes again: which files, encodings, notebooks, ``noqa``, the project."""
