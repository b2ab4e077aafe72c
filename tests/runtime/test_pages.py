"""What a client may ask of an account's page."""

from __future__ import annotations

from typing import Any

import pytest

from tandem_runtime.shared.problems import Problem
from tandem_runtime.transactions.request import MOST_ENTRIES, page_of

ID = "5f0ad6a6-6c46-5d0e-9f6a-0d9f9c6c2b11"


@pytest.mark.parametrize(
    ("parameters", "page"),
    [
        (None, (MOST_ENTRIES, None)),
        ({"limit": "1"}, (1, None)),
        ({"limit": "100", "before": ID}, (100, ID)),
        ({"before": ID.upper()}, (MOST_ENTRIES, ID)),
        ({"other": "x"}, (MOST_ENTRIES, None)),
    ],
)
def test_a_page_has_a_limit_and_a_beginning(parameters: Any, page: tuple[int, str | None]) -> None:
    assert page_of({"queryStringParameters": parameters}) == page


@pytest.mark.parametrize(
    "parameters",
    [
        {"limit": "0"}, {"limit": "101"}, {"limit": "-1"}, {"limit": "1.0"}, {"limit": ""}, {"limit": "1,2"},
        {"limit": "\u0661"}, {"limit": "1\n"}, {"limit": "9" * 5_000},
        {"before": ""}, {"before": "x"}, {"before": f"{ID},{ID}"}, {"before": ID + "\n"},
    ],
)  # fmt: skip
def test_another_limit_or_beginning_is_refused_in_one_line_that_says_what_was_sent(parameters: dict[str, str]) -> None:
    with pytest.raises(Problem) as refused:
        page_of({"queryStringParameters": parameters})
    assert refused.value.status == 400
    [(name, value)] = parameters.items()
    assert refused.value.detail.startswith(f"{name} is {value[:80]!r}: send ")
