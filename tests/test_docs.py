"""The pages of the rules: their examples hold, and each rule has its page and its line in the index."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest
from cases import announced

from flake8_keras_loops import analyze
from flake8_keras_loops.cli.fix import main
from flake8_keras_loops.fixes.outcome import STRATEGIES
from flake8_keras_loops.rules import RULES

PAGES = Path(__file__).parent.parent / "docs" / "rules"
FIXES = PAGES.parent / "fixes"
_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ROW = re.compile(r"^\| \[(KL\d{3})\]\((\S+)\) \| (\S+) \| (.+) \|$", re.MULTILINE)
_LINK = re.compile(r"\]\(([^)#:]+)\)")
_SECTIONS = ["## What it reports", "## Why", "## Example", "## Fix and its safety", "## Limits"]


class Block(NamedTuple):
    """A fenced block of Python. ``line``: where its first line stands in the page."""

    page: str
    line: int
    source: str


def blocks() -> list[Block]:
    """All Python blocks of all pages."""
    found = []
    for path in sorted(PAGES.glob("*.md")):
        text = path.read_text("utf-8")
        found += [Block(path.stem, text.count("\n", 0, match.start(1)) + 1, match[1]) for match in _BLOCK.finditer(text)]
    return found


def page(code: str) -> str:
    """The text of a rule's page."""
    return (PAGES / f"{code}.md").read_text("utf-8")


def prose(text: str) -> list[str]:
    """The lines of a page that are not in a block."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL).splitlines()


def test_every_block_is_found() -> None:
    fences = sum(path.read_text("utf-8").count("```python") for path in PAGES.glob("*.md"))
    assert len(blocks()) == fences > len(RULES)


@pytest.mark.parametrize("block", blocks(), ids=lambda block: f"{block.page}:{block.line}")
def test_findings_are_those_the_comments_announce(block: Block) -> None:
    expected = [(line, code) for line, (code, _, _) in announced(block.source).items()]
    assert [(finding.line, finding.code) for finding in analyze(block.source)] == expected


def test_every_rule_has_a_page_and_every_page_a_rule() -> None:
    assert {path.stem for path in PAGES.glob("*.md")} == {"index", *RULES}


@pytest.mark.parametrize("code", RULES)
def test_title_names_the_rule(code: str) -> None:
    assert page(code).splitlines()[0] == f"# {code}: {RULES[code].name}"


@pytest.mark.parametrize("code", RULES)
def test_sections(code: str) -> None:
    assert [line for line in prose(page(code)) if line.startswith("## ")] == _SECTIONS


@pytest.mark.parametrize("code", RULES)
def test_page_shows_its_rule_and_code_that_is_clean_of_it(code: str) -> None:
    shown = [{found for found, _, _ in announced(block.source).values()} for block in blocks() if block.page == code]
    assert any(code in codes for codes in shown)
    assert any(code not in codes for codes in shown)


def test_index_lists_exactly_the_rules() -> None:
    rows = _ROW.findall((PAGES / "index.md").read_text("utf-8"))
    assert [(code, link, name) for code, link, name, _ in rows] == [(r.code, f"{r.code}.md", r.name) for r in RULES.values()]
    assert [code for code, _, _, reports in rows if "off by default" not in reports] == [
        r.code for r in RULES.values() if r.default
    ]


@pytest.mark.parametrize("path", sorted(PAGES.glob("*.md")), ids=lambda path: path.stem)
def test_links_lead_to_pages_and_lines_are_short(path: Path) -> None:
    text = path.read_text("utf-8")
    assert all((PAGES / link).is_file() for link in _LINK.findall("\n".join(prose(text))))
    assert [number for number, line in enumerate(text.splitlines(), 1) if len(line) > 120 or line != line.rstrip()] == []


# -- the pages of the fixes

_PAIR = re.compile(
    r"Before:\n\n```python\n(.*?)^```\n\nAfter \(`keras-loop-fix --fix(.*?)`\):\n\n```python\n(.*?)^```$", re.M | re.S
)


def pairs() -> list[tuple[str, str, str, str]]:
    """Page, text before, options and text after of all examples."""
    found = []
    for path in sorted(FIXES.glob("*.md")):
        found += [(path.stem, before, options, after) for before, options, after in _PAIR.findall(path.read_text("utf-8"))]
    return found


def test_every_strategy_has_a_page_with_an_example() -> None:
    assert {path.stem for path in FIXES.glob("*.md")} == {"index", *STRATEGIES}
    assert {page for page, *_ in pairs()} == set(STRATEGIES)
    fences = sum(path.read_text("utf-8").count("```python") for path in FIXES.glob("*.md"))
    assert fences == 2 * len(pairs())


@pytest.mark.parametrize(("page", "before", "options", "after"), pairs())
def test_fixes_write_what_their_pages_show(page: str, before: str, options: str, after: str, tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text(before, "utf-8")
    assert main(["--fix", *options.split(), str(script)]) == 1
    assert script.read_text("utf-8") == after
    module = options.partition("--helper-module ")[2]
    assert {path.name for path in tmp_path.iterdir()} == {"train.py", *([f"{module}.py"] if module else [])}


@pytest.mark.parametrize("path", sorted(FIXES.glob("*.md")), ids=lambda path: path.stem)
def test_links_of_the_fixes_lead_somewhere(path: Path) -> None:
    text = path.read_text("utf-8")
    assert all((FIXES / link).is_file() for link in _LINK.findall("\n".join(prose(text))))
    assert [number for number, line in enumerate(text.splitlines(), 1) if len(line) > 120 or line != line.rstrip()] == []
