"""SARIF 2.1.0, which code scanning services and editors read."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from .. import __version__
from ..rules import RULES, Rule
from .record import FileReport, Reported, advice, columns, helps

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_HOME = "https://pypi.org/project/flake8-keras-loops/"


def render(reports: Sequence[FileReport]) -> str:
    """A log of one run: the rules, each finding that is left, and the errors as notifications."""
    errors = [error for report in reports for error in report.errors]
    invocation = {
        "executionSuccessful": not errors,
        "toolExecutionNotifications": [{"level": "error", "message": {"text": error}} for error in errors],
    }
    driver = {
        "name": "keras-loop-fix",
        "version": __version__,
        "semanticVersion": __version__,
        "informationUri": _HOME,
        "rules": [_rule(rule) for rule in RULES.values()],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [invocation],
        "results": [_result(reported) for report in reports for reported in report.left],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "helpUri": f"{_HOME}#{rule.code.lower()}",
        "defaultConfiguration": {"enabled": rule.default, "level": "warning"},
    }


def _result(reported: Reported) -> dict[str, Any]:
    outcome = reported.outcome
    finding = outcome.finding
    return {
        "ruleId": finding.code,
        "ruleIndex": list(RULES).index(finding.code),
        "level": "warning",
        "message": {"text": ". ".join(filter(None, (finding.message, advice(reported), helps(reported))))},
        "locations": [_location(reported)],
        "properties": {
            "strategy": outcome.strategy,
            "applicability": outcome.applicability.value,
            "reason": outcome.reason,
            "help": helps(reported),
            "applied": outcome.applied,
            **({"fixed_in": reported.into} if reported.into else {}),
        },
    }


def _location(reported: Reported) -> dict[str, Any]:
    finding = reported.outcome.finding
    artifact = {"artifactLocation": {"uri": _uri(finding.path)}}
    if reported.cell:  # the region is the line of the JSON, which is what viewers show; its columns are not the code's
        name = f"cell {reported.cell}, line {finding.line}, column {columns(reported)[0]}"
        return {
            "physicalLocation": {**artifact, "region": {"startLine": reported.file_line}},
            "logicalLocations": [{"name": name}],
        }
    first, last = columns(reported)
    region = {"startLine": finding.line, "startColumn": first, "endLine": finding.span.end_line, "endColumn": last}
    return {"physicalLocation": {**artifact, "region": region}}


def _uri(path: str) -> str:
    """A URI of a file, relative to the working directory where the path is."""
    if os.path.isabs(path):
        return PurePath(path).as_uri()
    return quote(path.replace(os.sep, "/"), safe="/")
