"""What a comparison says to whoever asked for it."""

from __future__ import annotations

from typing import Any

import pytest

from operations.compare import in_words
from operations.errors import OperationError, WrongInputError
from operations.times import parse_time

EQUAL: dict[str, Any] = {
    "since": "2026-01-01T00:00:00+00:00",
    "until": "2026-01-01T01:00:00+00:00",
    "minutes": 60,
    "entries": {"us-west-2": 8, "us-east-1": 8},
    "writers": ["us-east-1"],
    "differing_minutes": 0,
    "differences": [],
    "more": False,
}


def test_equal_ledgers_are_said_to_be_equal_with_what_was_compared() -> None:
    comparison = in_words(EQUAL)
    assert comparison.equal
    assert comparison.summary == (
        "2026-01-01T00:00:00+00:00 to 2026-01-01T01:00:00+00:00: entries: 8 in us-east-1, 8 in us-west-2: no difference"
    )


def test_a_difference_is_one_line_that_says_where_it_is_missing() -> None:
    found = {"minute": "2026-01-01T00:03:00Z", "account": "alice", "transaction": "7", "in": ["us-east-1"]}
    comparison = in_words(
        {**EQUAL, "differing_minutes": 2, "differences": [found, {**found, "in": ["us-west-2", "us-east-1"]}]}
    )
    assert not comparison.equal
    assert comparison.summary.endswith("different in 2 of 60 minutes")
    assert comparison.differences == (
        "2026-01-01T00:03:00Z alice 7: not in us-west-2",
        "2026-01-01T00:03:00Z alice 7: in both, with other contents",
    )


@pytest.mark.parametrize("answer", [{}, {"result": None}, {**EQUAL, "differences": None}, {**EQUAL, "entries": 3}])
def test_an_answer_that_is_no_comparison_is_not_taken_for_equal_ledgers(answer: dict[str, Any]) -> None:
    with pytest.raises(OperationError, match="it is no comparison"):
        in_words(answer)


@pytest.mark.parametrize("text", ["yesterday", "", "2026-01-01T00:00:00"])
def test_a_time_that_is_none_or_has_no_zone_is_refused_with_the_option_and_an_example(text: str) -> None:
    with pytest.raises(WrongInputError, match=r"--until .*: write it like 2026-01-"):
        parse_time(text or "x", option="--until")
