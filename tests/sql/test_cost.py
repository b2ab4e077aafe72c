"""What a batch and a sweep may cost: statements, and what they read."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tandem_runtime.projector.logic import project
from tandem_runtime.shared.arrays import array
from tandem_runtime.shared.ledger import insert, verify
from tandem_runtime.shared.ledger_errors import LedgerRefusedError, LedgerUnavailableError
from tandem_runtime.shared.transaction import Transaction
from tests.sql.database import contents, transaction
from tests.sql.test_projection import never, records

if TYPE_CHECKING:
    from tandem_runtime.shared.ledger_connection import LedgerConnection
    from tests.sql.database import Pair


class Counting:
    """The connection, with a count of the statements that went over it; `last` is the last one it lets through."""

    def __init__(self, ledger: LedgerConnection, last: int | None = None) -> None:
        self.replica = False
        self.statements = 0
        self._ledger, self._last = ledger, last

    def run(self, sql: str, **parameters: object) -> list[list[Any]]:
        self.statements += 1
        if self._last is not None and self.statements > self._last:
            raise LedgerUnavailableError("the connection is lost")
        return self._ledger.run(sql, **parameters)

    def close(self) -> None:
        self._ledger.close()


@pytest.mark.parametrize("size", [1, 100, 1_000])
def test_a_batch_is_one_round_trip_new_or_redelivered(ledger: LedgerConnection, size: int) -> None:
    counting = Counting(ledger)
    batch = records(*(transaction(number) for number in range(size)))
    assert [project(batch, counting, never).inserted for _ in range(2)] == [size, 0]
    assert counting.statements == 2


def test_a_verified_batch_is_one_round_trip(ledger: LedgerConnection) -> None:
    batch = [transaction(number) for number in range(100)]
    insert(ledger, batch)
    counting = Counting(ledger)
    assert verify(counting, batch).missing == frozenset()
    assert counting.statements == 1


def test_conflicts_take_a_second_round_trip_and_a_failure_between_the_two_is_made_good_by_the_redelivery(
    ledger: LedgerConnection,
) -> None:
    insert(ledger, [transaction(1)])
    other = transaction(1, payload_hash="f" * 64, amount=999)
    batch = records(other, transaction(2))
    assert project(batch, Counting(ledger, last=1), never).failed == "0"
    assert ledger.run("SELECT image FROM ledger.conflicts") == []
    counting = Counting(ledger)
    done = project(batch, counting, never)
    assert (done.inserted, done.conflicts, done.failed, counting.statements) == (0, 1, None, 2)
    assert Transaction.from_item(ledger.run("SELECT image FROM ledger.conflicts")[0][0]) == other
    assert contents(ledger) == (2, 4, 0)


def test_a_payload_that_another_writer_commits_at_the_same_moment_is_noticed(servers: Pair, database: str) -> None:
    first, second = (servers.connect(servers.writer, database) for _ in range(2))
    first.run("START TRANSACTION")
    insert(first, [transaction(1)])
    conflicts: list[int] = []
    other = threading.Thread(
        target=lambda: conflicts.append(insert(second, [transaction(1, payload_hash="f" * 64)]).conflicts)
    )
    other.start()
    with servers.administer(servers.writer, database) as owner:
        while not owner.run("SELECT 1 FROM pg_locks WHERE NOT granted"):
            assert other.is_alive()
    first.run("COMMIT")
    other.join()
    assert conflicts == [1]
    for each in (first, second):
        each.close()


def test_plans_made_while_the_tables_were_small_read_no_whole_table_later(
    ledger: LedgerConnection, servers: Pair, database: str
) -> None:
    insert(ledger, [transaction(0)])
    with servers.administer(servers.writer, database) as owner:
        owner.run("VACUUM ANALYZE ledger.transactions, ledger.balances")
    for number in range(1, 9):  # more than it takes a session to settle on one plan
        insert(ledger, [transaction(number)])
        verify(ledger, [transaction(number)])
    before = scans(ledger)
    batch = [transaction(number) for number in range(100, 3_100)]
    insert(ledger, batch)
    verify(ledger, batch)
    assert scans(ledger) == before


def scans(ledger: LedgerConnection) -> list[list[Any]]:
    ledger.run("SELECT pg_stat_force_next_flush()")
    return ledger.run(
        "SELECT relname::text, seq_scan FROM pg_stat_user_tables "
        "WHERE relname IN ('transactions', 'balances') ORDER BY relname"
    )


@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20), max_size=6))
@settings(
    derandomize=True, database=None, deadline=None, max_examples=200,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
def test_an_array_literal_means_what_it_was_made_of(ledger: LedgerConnection, texts: list[str]) -> None:
    assert ledger.run("SELECT to_json(:texts ::text[])", texts=array(texts))[0][0] == texts


def test_a_nul_byte_is_refused_and_shifts_nothing() -> None:
    with pytest.raises(LedgerRefusedError, match="nul"):
        array(["a", "b\0c"])
