"""Measurements in, verdicts out: whether two arms computed the same, and whether one is faster."""
