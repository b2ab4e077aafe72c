"""The glossary's words are sorted, each stands there once, and each is used where the glossary says that it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.docs import markdown

ROOT = Path(__file__).parents[2]
ORIGINS = {"AWS", "SRE", "Tandem", "accounting", "databases"}


@dataclass(frozen=True, kw_only=True)
class Term:
    """A row of the glossary."""

    word: str
    whose: str
    meaning: str
    home: str


def terms() -> list[Term]:
    """Return the rows of the glossary in their order."""
    rows = markdown.rows(markdown.read(ROOT / "docs" / "glossary.md"))
    assert all(all(cells) and markdown.spans(cells[-1]) for cells in rows), "a row has not word, whose, meaning, `file`"
    return [
        Term(word=word, whose=whose, meaning=meaning, home=markdown.spans(home)[0])
        for word, whose, meaning, home in rows
    ]


def test_the_glossary_is_sorted_and_has_each_word_once() -> None:
    words = [term.word.lower() for term in terms()]
    assert words
    assert words == sorted(set(words))


@pytest.mark.parametrize("term", terms(), ids=lambda term: term.word)
def test_each_word_is_used_in_the_file_where_it_is_at_home(term: Term) -> None:
    text = f"{term.home}\n" + (ROOT / term.home).read_text(encoding="utf-8")  # a file's name uses a word, too
    # names in code join words by underscores or capitals, and prose writes a word's plural
    name = term.word.replace(" ", "[ _-]?")
    assert re.search(rf"(?<![a-z]){name}", text, re.IGNORECASE), f"{term.home} does not use {term.word!r}"


@pytest.mark.parametrize("term", terms(), ids=lambda term: term.word)
def test_each_word_has_a_meaning_in_sentences_and_says_whose_it_is(term: Term) -> None:
    assert term.whose in ORIGINS
    assert term.meaning.endswith(".")
