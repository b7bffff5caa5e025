"""Verdicts in, what people and programs read out: terminal, Markdown, plots and the JSON report."""
