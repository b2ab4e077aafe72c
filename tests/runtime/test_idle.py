"""When a sweep leaves a ledger alone that pauses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from contract.journal import bucket_of
from tandem_runtime.shared.journal import Entry
from tandem_runtime.sweeper.idle import CONNECTS_EVERY, Idle

if TYPE_CHECKING:
    from collections.abc import Iterator

HOME = "us-east-1"
NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Table:
    """Keeps the one item."""

    item: dict[str, Any] | None = None

    def put_item(self, **given: Any) -> None:
        self.item = given["Item"]

    def get_item(self, **_: Any) -> dict[str, Any]:
        return {"Item": self.item} if self.item else {}


class Index:
    """Holds an item of these minutes."""

    def __init__(self, *minutes: datetime) -> None:
        self._buckets = {bucket_of(HOME, each.strftime("%Y-%m-%dT%H:%M"), 3) for each in minutes}
        self.queries = 0

    def entries_in(self, bucket: str, _since: str, _before: str) -> Iterator[Entry]:
        self.queries += 1
        return iter([Entry("", "", "")] if bucket in self._buckets else [])


def idle(*, settled: bool = True) -> Idle:
    made = Idle(Table(), "operational", HOME)
    made.note(NOW, settled=settled)
    return made


def test_nothing_is_connected_to_while_nothing_was_recorded_since_everything_was_settled() -> None:
    each, index = idle(), Index()
    assert all(each.may_skip(index, NOW + minute * MINUTE) for minute in range(1, 61))
    assert index.queries <= 60 * 5 * 4


def test_an_item_has_the_ledger_connected_to_also_one_whose_put_or_index_was_late() -> None:
    assert not idle().may_skip(Index(NOW + MINUTE), NOW + MINUTE)
    assert not idle().may_skip(Index(NOW - MINUTE), NOW + MINUTE)


def test_what_was_not_settled_is_not_left_alone() -> None:
    assert not idle(settled=False).may_skip(Index(), NOW + MINUTE)
    assert not Idle(Table(), "operational", HOME).may_skip(Index(), NOW)


def test_a_ledger_is_connected_to_once_a_day_all_the_same() -> None:
    each = idle()
    assert each.may_skip(Index(), NOW + CONNECTS_EVERY - MINUTE)
    assert not each.may_skip(Index(), NOW + CONNECTS_EVERY)
