"""A document for programs. Its ``version`` goes up when a field changes its meaning or goes away, not when one is added."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ..finding import Span
from ..rules import RULES
from .record import FileReport, Reported, helps

VERSION = 1


def render(reports: Sequence[FileReport]) -> str:
    """All findings, fixed ones too, with what became of them, and the errors. Lines, columns and cells count from 1."""
    document = {
        "version": VERSION,
        "findings": [fields(reported, report.is_fixed(reported)) for report in reports for reported in report.found],
        "new_files": [report.path for report in reports if report.is_new and report.written],
        "errors": [error for report in reports for error in report.errors],
    }
    return json.dumps(document, indent=2) + "\n"


def fields(reported: Reported, written: bool) -> dict[str, Any]:
    """All that is said of one finding, by names. ``written``: its fix is in the file."""
    outcome = reported.outcome
    finding = outcome.finding
    return {
        "code": finding.code,
        "path": finding.path,
        "cell": reported.cell or None,
        **_span(finding.span),
        "loop": _span(finding.loop),
        "construction": finding.construction,
        "message": finding.message,
        "built_at": {"path": finding.built_at[0], "line": finding.built_at[1]} if finding.built_at else None,
        "strategy": outcome.strategy or None,
        "applicability": outcome.applicability.value,
        "reason": outcome.reason or None,
        "help": helps(reported) or None,
        "page": RULES[finding.code].page,
        "applied": outcome.applied,
        "written": written,
        **({"fixed_in": reported.into} if reported.into else {}),
    }


def _span(span: Span) -> dict[str, int]:
    return {"line": span.line, "column": span.column + 1, "end_line": span.end_line, "end_column": span.end_column + 1}
