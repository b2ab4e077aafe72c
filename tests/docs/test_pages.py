"""Every page is in the index, and what pages link to or name as a file of the checkout exists."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from tests.docs import markdown

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]
FILE = re.compile(r"((?:[\w.-]+/)*[\w.-]+\.(?:py|sql|md|toml|yaml|sh))(?:::(\w+))?")
FOLDER = re.compile(r"((?:[\w.-]+/)+)")
NOT_OURS = {"build", "cdk.out", "node_modules"}
"""Folders that running something makes, so that a fresh clone has none of them."""


@cache
def names() -> set[str]:
    """Return the names of the checkout's own files, whatever folder they are in."""
    folders = [path for path in ROOT.iterdir() if path.is_dir() and path.name not in NOT_OURS and path.name[0] != "."]
    return {path.name for folder in folders for path in folder.rglob("*")} | {path.name for path in ROOT.iterdir()}


def test_the_index_lists_every_page_once_sorted_and_no_other_each_with_one_sentence() -> None:
    rows = markdown.rows(markdown.read(DOCS / "README.md"))
    pages = {path.name for path in DOCS.glob("*.md")} - {"README.md"}
    folders = {f"{path.parent.name}/README.md" for path in DOCS.glob("*/README.md")}
    assert [target for page, _ in rows for target in markdown.links(page)] == sorted(pages | folders)
    assert all(re.fullmatch(r"[A-Z][^.]*\.", sentence) for _, sentence in rows)


def test_every_folder_of_pages_has_an_index_of_its_own() -> None:
    folders = {path.parent for path in DOCS.rglob("*.md")}
    assert [str(folder) for folder in folders if not (folder / "README.md").is_file()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_within_the_checkout_leads_to_a_file_and_a_heading_that_exist(page: Path) -> None:
    broken = []
    for link in markdown.links(markdown.read(page)):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, heading = link.partition("#")
        target = page.parent / name if name else page
        if not target.exists() or (heading and heading not in headings(target)):
            broken.append(link)
    assert broken == []


def headings(page: Path) -> set[str]:
    """Return a page's headings as GitHub spells them in links."""
    lines = markdown.headings(markdown.read(page))
    return {re.sub(r"[^\w\s-]", "", line.lower()).strip().replace(" ", "-") for line in lines}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_and_folder_that_a_page_names_exists(page: Path) -> None:
    spans = markdown.spans(markdown.read(page))
    named = [match[1] for span in spans if (match := FILE.fullmatch(span) or FOLDER.fullmatch(span))]
    paths = [path for path in named if path.partition("/")[0] not in NOT_OURS]
    # a name without a folder is that of a file somewhere
    assert [path for path in paths if not ((ROOT / path).exists() if "/" in path else path in names())] == []


def test_every_test_that_a_page_names_by_file_is_in_that_file() -> None:
    spans = [span for page in PAGES for span in markdown.spans(markdown.read(page))]
    named = {(match[1], match[2]) for span in spans if (match := FILE.fullmatch(span)) and match[2]}
    assert named
    assert [
        (path, name) for path, name in sorted(named) if f"def {name}(" not in (ROOT / path).read_text(encoding="utf-8")
    ] == []


def test_the_folders_of_tests_are_described_and_no_other() -> None:
    first = [
        span for cells in markdown.rows(markdown.read(ROOT / "CONTRIBUTING.md")) for span in markdown.spans(cells[0])
    ]
    rows = [Path(span).name for span in first if span.startswith("tests/")]
    folders = {path.parent for path in (ROOT / "tests").glob("*/*.py")}
    assert rows == sorted(folder.name for folder in folders)
