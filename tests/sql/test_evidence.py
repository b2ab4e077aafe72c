"""On what evidence a mark rises, in the ledger that holds it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tandem_runtime.sweeper.logic import SLACK, Sweep, sweep

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tandem_runtime.shared.ledger_connection import LedgerConnection

HOME, AWAY = "us-east-1", "us-west-2"
INTERVAL = timedelta(minutes=10)
MARGIN = timedelta(minutes=20)
START = datetime(2026, 1, 1, 12, tzinfo=UTC)


class EmptyJournal:
    def keys_in(self, _bucket: str, _since: str) -> Iterator[str]:
        return iter(())

    def every_key(self) -> Iterator[str]:
        return iter(())

    def fetch(self, _keys: Iterable[str]) -> Iterator[dict[str, Any]]:
        return iter(())


def mark_after(ledger: LedgerConnection, region: str, interval: int) -> datetime | None:
    """The mark of `HOME`'s items after a sweep by `region` that has just heard of it, so many intervals after START."""
    now = START + interval * INTERVAL
    task = Sweep(
        region=region, journal=EmptyJournal(), ledger=ledger, quarantine=lambda _item, _reason: None, now=now,
        margin=MARGIN, interval=INTERVAL,
    )  # fmt: skip
    return sweep(task, HOME, now)


def test_a_mark_rises_to_what_was_heard_a_margin_ago_and_no_further(ledger: LedgerConnection) -> None:
    marks = [mark_after(ledger, HOME, interval) for interval in range(4)]
    assert marks == [None, None, START - SLACK, START + INTERVAL - SLACK]


def test_a_gap_in_the_evidence_begins_it_anew(ledger: LedgerConnection) -> None:
    for interval in range(3):
        mark_after(ledger, HOME, interval)
    after_the_gap = [mark_after(ledger, HOME, interval) for interval in (7, 8, 9)]
    assert after_the_gap == [START - SLACK, START - SLACK, START + 7 * INTERVAL - SLACK]


def test_what_another_region_heard_raises_no_mark_here(ledger: LedgerConnection) -> None:
    for interval in range(3):
        mark_after(ledger, HOME, interval)
    # the ledger has moved: the other Region's journal may lack what this one's held
    marks = [mark_after(ledger, AWAY, interval) for interval in (3, 4, 5)]
    assert marks == [START - SLACK, START - SLACK, START + 3 * INTERVAL - SLACK]
