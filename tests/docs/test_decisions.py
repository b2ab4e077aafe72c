"""Decisions are numbered without gaps, each has a status, the index lists them all, and references lead to them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs import markdown

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "decisions"
PAGES = sorted(path for path in FOLDER.glob("*.md") if path.name != "README.md")
NUMBERED = re.compile(r"(?:[Dd]ecision )?(\d+)")
STATUS = re.compile(r"accepted|superseded by \[[^\]]+\]\((?P<successor>\d{4}-[a-z0-9-]+\.md)\)")


def title(page: Path) -> tuple[int, str]:
    """Return the number and the words of a page's first line."""
    line = page.read_text(encoding="utf-8").splitlines()[0]
    match = re.fullmatch(r"# (\d+)\. (.+)", line)
    assert match, f"{page.name} begins with {line!r}: begin it with '# NUMBER. TITLE'"
    return int(match[1]), match[2]


def status(page: Path) -> str:
    """Return what the line below a page's title says of its status."""
    line = page.read_text(encoding="utf-8").splitlines()[2]
    match = re.fullmatch(r"Status: (.+)\.", line)
    assert match, f"{page.name} has {line!r} below its title: write 'Status: accepted.'"
    return match[1]


def test_decisions_are_numbered_from_one_without_gaps_in_file_name_and_title() -> None:
    numbers = list(range(1, len(PAGES) + 1))
    assert PAGES
    assert [int(page.name[:4]) for page in PAGES] == numbers
    assert [title(page)[0] for page in PAGES] == numbers


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_decision_is_accepted_or_names_the_one_that_supersedes_it(page: Path) -> None:
    match = STATUS.fullmatch(status(page))
    assert match, f"{page.name} has the status {status(page)!r}: write accepted, or superseded by a link"
    assert match["successor"] is None or (FOLDER / match["successor"]).is_file()


def test_the_index_lists_every_decision_with_its_title_and_status_in_order() -> None:
    rows = markdown.rows(markdown.read(FOLDER / "README.md"))
    listed = [(int(number), *markdown.linked(page)[0], state) for number, page, state in rows]
    assert listed == [(*title(page), page.name, status(page)) for page in PAGES]


def test_a_reference_to_a_decision_by_its_number_links_to_the_page_of_that_number() -> None:
    wrong = []
    references = 0
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for words, target in markdown.linked(markdown.read(page)):
            number, (folder, _, name) = NUMBERED.fullmatch(words), target.rpartition("/")
            if number is None or not folder.endswith("decisions"):
                continue
            references += 1
            if not (FOLDER / name).is_file() or int(name[:4]) != int(number[1]):
                wrong.append(f"{page.relative_to(ROOT)}: {number[1]} leads to {name}")
    assert references
    assert wrong == []
