"""The statements of a comparison, on real PostgreSQL: ledgers that are equal, and ones with a planted difference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tandem_runtime.compare.adapters import RegionLedger
from tandem_runtime.compare.logic import Span, compare
from tandem_runtime.shared.ledger import insert
from tests.sql.database import transaction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tandem_runtime.shared.ledger_connection import LedgerConnection
    from tests.sql.database import Pair

SPAN = Span(since="2026-01-01T00:00:00+00:00", until="2026-01-01T01:00:00+00:00")


@pytest.fixture
def other(servers: Pair) -> Iterator[LedgerConnection]:
    """The functions' connection to another empty ledger."""
    connection = servers.connect(servers.writer, servers.fresh())
    yield connection
    connection.close()


def never() -> bool:
    return False


def compared(ledger: LedgerConnection, other: LedgerConnection) -> dict[str, Any]:
    return compare(RegionLedger(ledger, "us-west-2"), RegionLedger(other, "us-east-1"), SPAN, later=never)


def test_ledgers_that_took_the_same_in_another_order_do_not_differ(
    ledger: LedgerConnection, other: LedgerConnection
) -> None:
    transactions = [transaction(number, recorded_at=f"2026-01-01T00:{number:02}:30.000000Z") for number in range(20)]
    insert(ledger, transactions)
    for each in reversed(transactions):
        insert(other, [each])
    answer = compared(ledger, other)
    assert answer["differences"] == []
    assert answer["minutes"] == 20
    assert answer["entries"] == {"us-west-2": 40, "us-east-1": 40}


def test_a_planted_difference_is_named_by_minute_account_and_transaction(
    ledger: LedgerConnection, other: LedgerConnection
) -> None:
    shared = [transaction(number, recorded_at=f"2026-01-01T00:{number:02}:00.000000Z") for number in range(9)]
    insert(ledger, shared)
    insert(other, [each for number, each in enumerate(shared) if number != 3])
    insert(other, [transaction(99, recorded_at="2026-01-01T00:05:59.999999Z", payload_hash="b" * 64)])
    insert(ledger, [transaction(99, recorded_at="2026-01-01T00:05:59.999999Z", payload_hash="c" * 64)])
    insert(ledger, [transaction(70, recorded_at="2026-01-01T01:00:00.000000Z")])  # at the end, which is not compared
    differences = compared(ledger, other)["differences"]
    assert [(each["minute"], each["account"], each["transaction"][-2:], each["in"]) for each in differences] == [
        ("2026-01-01T00:03:00Z", "alice", "03", ["us-west-2"]),
        ("2026-01-01T00:03:00Z", "bob", "03", ["us-west-2"]),
        ("2026-01-01T00:05:00Z", "alice", "99", ["us-west-2", "us-east-1"]),
        ("2026-01-01T00:05:00Z", "bob", "99", ["us-west-2", "us-east-1"]),
    ]


def test_a_replica_is_compared_with_its_writer(servers: Pair, database: str, ledger: LedgerConnection) -> None:
    insert(ledger, [transaction(1)])
    assert servers.standby.caught_up_with(servers.writer, 30)
    standby = servers.connect(servers.standby, database)
    try:
        answer = compare(RegionLedger(standby, "us-west-2"), RegionLedger(ledger, "us-east-1"), SPAN, later=never)
        assert answer["differences"] == []
        assert answer["writers"] == ["us-east-1"]
    finally:
        standby.close()
