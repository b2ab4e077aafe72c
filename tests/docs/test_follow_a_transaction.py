"""The page that follows a transaction names files that exist, and in each of them what is to be found there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs import markdown

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "follow-a-transaction.md").read_text(encoding="utf-8")
FILE = re.compile(r"[\w/.-]+/[\w.-]+\.\w+")
WAY = (
    "constructs/tandem/api.py",
    "runtime/tandem_runtime/transactions/handler.py",
    "runtime/tandem_runtime/shared/journal.py",
    "constructs/tandem/projector.py",
    "runtime/tandem_runtime/projector/handler.py",
    "runtime/tandem_runtime/shared/ledger.py",
    "constructs/tandem/ledger.py",
    "runtime/tandem_runtime/sweeper/logic.py",
    "drills/measure/lookup.py",
)
"""What a transaction passes, from the API to the look-up of a drill; other files may stand between."""


def places() -> list[tuple[str, list[str]]]:
    """Return each file that the page names, in its order, with the names to be found in it."""
    named: list[tuple[str, list[str]]] = []
    after, within = False, False
    for part in markdown.inlines(PAGE):
        if part.type == "softbreak":
            continue
        if part.type == "code_inline" and FILE.fullmatch(part.content):
            named.append((part.content, []))
            after, within = True, False
        elif part.type == "code_inline" and within:
            named[-1][1].append(part.content)
        elif part.type == "text":
            within = part.content.strip() == "(" if after else within and ")" not in part.content
            after = False
    return [(path, symbols) for path, symbols in named if symbols]


@pytest.mark.parametrize(("path", "symbols"), places(), ids=lambda value: value if isinstance(value, str) else "")
def test_each_file_exists_and_has_what_the_page_says_is_in_it(path: str, symbols: list[str]) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    assert [symbol for symbol in symbols if not re.search(rf"(?<!\w){re.escape(symbol)}(?!\w)", text)] == []


def test_every_file_that_the_page_names_is_named_with_what_to_look_for_in_it() -> None:
    files = [span for span in markdown.spans(PAGE) if FILE.fullmatch(span)]
    assert files
    assert files == [path for path, _ in places()]


def test_the_steps_are_numbered_in_order() -> None:
    numbers = markdown.numbers(PAGE)
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_page_goes_the_way_of_a_transaction_from_the_api_to_the_look_up() -> None:
    remaining = iter(path for path, _ in places())
    assert [step for step in WAY if step not in remaining] == []
