"""Annotations for GitHub Actions: workflow commands, one a finding."""

from __future__ import annotations

from collections.abc import Iterable

from .record import FileReport, Reported, advice, columns, helps


def render(reports: Iterable[FileReport]) -> str:
    """A ``::warning`` command for each finding that is left."""
    return "".join(_command(reported) + "\n" for report in reports for reported in report.left)


def _command(reported: Reported) -> str:
    finding = reported.outcome.finding
    properties = {"file": finding.path.replace("\\", "/")}
    message = "\n".join(filter(None, (finding.message, advice(reported), helps(reported))))
    if reported.cell:  # GitHub shows the JSON, in which columns are others
        properties["line"] = str(reported.file_line)
        message = f"cell {reported.cell}, line {finding.line}: {message}"
    else:
        first, last = columns(reported)
        properties |= {"line": str(finding.line), "col": str(first), "endLine": str(finding.span.end_line)}
        if finding.span.end_line == finding.line:  # columns of two lines are refused
            properties["endColumn"] = str(last)
    properties["title"] = finding.code
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::warning {listed}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
