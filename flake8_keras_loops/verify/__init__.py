"""Runs loops as written and fixed, measures both, and says whether the fix is faster and gives the same numbers."""
