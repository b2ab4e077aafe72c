"""Comparing two ledgers: what is named, what is only behind, and what is too much to name."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from tandem_runtime.compare.logic import MOST_MINUTES, MOST_TRANSACTIONS, Span, compare

if TYPE_CHECKING:
    from collections.abc import Iterable

SPAN = Span(since="2026-01-01T00:00:00+00:00", until="2026-01-01T01:00:00+00:00")
Row = tuple[str, str, str, int]
"""Minute, account, transaction, amount."""


class Rows:
    """A ledger in memory."""

    def __init__(self, region: str, rows: Iterable[Row], *, replica: bool = False) -> None:
        self.region, self.replica = region, replica
        self.rows = sorted(set(rows))

    def minutes(self, _: Span) -> dict[str, tuple[int, str]]:
        return self._digests(0, self.rows)

    def accounts(self, minute: str) -> dict[str, tuple[int, str]]:
        return self._digests(1, [row for row in self.rows if row[0] == minute])

    def transactions(self, minute: str, account: str) -> dict[str, str]:
        return {row[2]: str(row[3]) for row in self.rows if row[:2] == (minute, account)}

    @staticmethod
    def _digests(by: int, rows: list[Row]) -> dict[str, tuple[int, str]]:
        found = {}
        for key, group in groupby(sorted(rows, key=lambda row: row[by]), key=lambda row: row[by]):
            held = list(group)
            found[str(key)] = (len(held), str(sorted(held)))
        return found


def never() -> bool:
    return False


_ROWS = st.sets(st.tuples(st.sampled_from("mno"), st.sampled_from("ab"), st.sampled_from("1234"), st.integers(1, 2)))


@given(_ROWS, _ROWS)
def test_what_is_named_is_what_differs_and_where_it_is(one: set[Row], other: set[Row]) -> None:
    def unique(rows: set[Row]) -> dict[tuple[str, str, str], int]:
        return {row[:3]: row[3] for row in sorted(rows)}

    near, far = unique(one), unique(other)
    answer = compare(
        Rows("west", [(*key, amount) for key, amount in near.items()]),
        Rows("east", [(*key, amount) for key, amount in far.items()]),
        SPAN,
        later=never,
    )
    named = {(each["minute"], each["account"], each["transaction"]): each["in"] for each in answer["differences"]}
    expected = {
        key: [region for region, rows in (("west", near), ("east", far)) if key in rows]
        for key in {*near, *far}
        if near.get(key) != far.get(key)
    }
    assert named == expected
    assert answer["differing_minutes"] == len({minute for minute, _, _ in expected})
    assert not answer["more"]


def test_what_a_replica_has_a_moment_later_is_no_difference() -> None:
    row: Row = ("m", "a", "1", 5)
    west, east = Rows("west", [], replica=True), Rows("east", [row])
    looks = []

    def later() -> bool:
        looks.append(1)
        west.rows = [row] if len(looks) == 3 else []
        return True

    answer = compare(west, east, SPAN, later=later)
    assert answer["differences"] == []
    assert answer["entries"] == {"west": 1, "east": 1}
    assert answer["writers"] == ["east"]
    assert len(looks) == 3


def test_what_is_too_much_to_name_is_said_to_be_more() -> None:
    many = [(f"{minute:03}", "a", str(number), 1) for minute in range(MOST_MINUTES + 1) for number in range(10)]
    answer = compare(Rows("west", []), Rows("east", many), SPAN, later=never)
    assert len(answer["differences"]) == MOST_TRANSACTIONS
    assert answer["differing_minutes"] == MOST_MINUTES + 1
    assert answer["more"]
