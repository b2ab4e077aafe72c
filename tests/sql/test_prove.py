"""A restored ledger is compared with the journal up to the ledger's own time, on PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tandem_runtime.prove.logic import UnprovableError, prove, time_of
from tandem_runtime.shared.ledger import insert
from tests.sql.database import transaction
from tests.sql.journals import MemoryJournal

if TYPE_CHECKING:
    from tandem_runtime.shared.ledger_connection import LedgerConnection

EAST, WEST = "us-east-1", "us-west-2"
BEFORE, AFTER = "2026-01-01T00:00:00.000000Z", "2026-01-01T02:00:00.000000Z"
MARK = datetime(2026, 1, 1, 1, tzinfo=UTC)


def mark(ledger: LedgerConnection, origin: str, moment: datetime) -> None:
    ledger.run("INSERT INTO ledger.sweep_marks VALUES (:origin, :mark, :mark)", origin=origin, mark=moment)


def test_the_ledgers_time_is_the_oldest_of_its_marks(ledger: LedgerConnection) -> None:
    with pytest.raises(UnprovableError, match=f"no mark of {EAST}, {WEST}"):
        time_of(ledger, [EAST, WEST])
    mark(ledger, WEST, MARK.replace(hour=2))
    mark(ledger, EAST, MARK)
    assert time_of(ledger, [EAST, WEST]) == MARK


def test_what_lacks_or_differs_before_that_time_is_named_and_what_came_later_is_not(ledger: LedgerConnection) -> None:
    held = [transaction(number, recorded_at=BEFORE) for number in range(5)]
    insert(ledger, held)
    journal = MemoryJournal(
        *held[:4],
        transaction(4, recorded_at=BEFORE, payload_hash="f" * 64),
        transaction(5, recorded_at=BEFORE),
        transaction(6, recorded_at=AFTER),
    )
    found = prove(journal, ledger, until=MARK, after=None, more=lambda: True, quarantined=set)
    assert (found["compared"], found["lacking"], found["differing"], found["after"]) == (6, 1, 1, None)
    assert [key[-1] for key in found["named"]] == ["5", "4"]


def test_what_is_in_quarantine_was_never_to_be_in_the_ledger(ledger: LedgerConnection) -> None:
    aside = transaction(1, recorded_at=BEFORE)
    key = aside.to_item()["pk"]["S"]
    found = prove(MemoryJournal(aside), ledger, until=MARK, after=None, more=lambda: True, quarantined=lambda: {key})
    assert (found["compared"], found["lacking"]) == (1, 0)


def test_a_comparison_goes_on_after_the_key_that_the_one_before_ended_with(ledger: LedgerConnection) -> None:
    held = [transaction(number, recorded_at=BEFORE) for number in range(7)]
    insert(ledger, held)
    journal, after, compared, runs = MemoryJournal(*held, page=3), None, 0, 0
    while True:
        found = prove(journal, ledger, until=MARK, after=after, more=lambda: False, quarantined=set)
        after, compared, runs = found["after"], compared + found["compared"], runs + 1
        if after is None:
            break
    assert (compared, runs) == (7, 3)
