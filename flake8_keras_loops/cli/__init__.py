"""Command lines: arguments in, exit status out; no logic."""
