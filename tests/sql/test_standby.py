"""A read-only standby verifies, never writes, and inserts the moment it is promoted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tandem_runtime.projector.logic import CONFLICTING, project
from tandem_runtime.shared.ledger import insert, verify
from tandem_runtime.shared.ledger_errors import LedgerUnavailableError
from tests.sql.database import contents, transaction
from tests.sql.test_projection import never, records

if TYPE_CHECKING:
    from tests.sql.database import Pair


def test_a_standby_verifies_what_arrived_and_waits_for_what_did_not(servers: Pair, database: str) -> None:
    writer, standby = servers.connect(servers.writer, database), servers.connect(servers.standby, database)
    insert(writer, [transaction(1), transaction(2)])
    assert servers.standby.caught_up_with(servers.writer, 30)
    assert (writer.replica, standby.replica) == (False, True)
    batch = records(transaction(1), transaction(2), transaction(3))
    outcome = project(batch, standby, never)
    assert (outcome.verified, outcome.inserted, outcome.failed) == (2, 0, "2")

    def meanwhile() -> bool:
        insert(writer, [transaction(3)])
        return servers.standby.caught_up_with(servers.writer, 30)

    outcome = project(batch, standby, meanwhile)
    assert (outcome.verified, outcome.failed) == (3, None)
    for each in (writer, standby):
        each.close()


def test_a_standby_takes_no_writes_and_says_so_as_something_to_retry(servers: Pair, database: str) -> None:
    writer, standby = servers.connect(servers.writer, database), servers.connect(servers.standby, database)
    assert writer.replica is False
    assert servers.standby.caught_up_with(servers.writer, 30)
    with pytest.raises(LedgerUnavailableError, match="read-only"):
        insert(standby, [transaction(1)])
    for each in (writer, standby):
        each.close()


def test_another_payload_is_not_present_on_a_standby_until_its_conflict_is(servers: Pair, database: str) -> None:
    writer, standby = servers.connect(servers.writer, database), servers.connect(servers.standby, database)
    insert(writer, [transaction(1)])
    other = transaction(1, payload_hash="f" * 64)
    assert servers.standby.caught_up_with(servers.writer, 30)
    assert verify(standby, [other]).conflicting == {0}
    project(records(other), writer, never)
    assert servers.standby.caught_up_with(servers.writer, 30)
    seen = verify(standby, [other])
    assert (seen.missing, seen.conflicting) == (frozenset(), frozenset())
    for each in (writer, standby):
        each.close()


def test_another_payload_that_the_writer_never_saw_is_set_aside_and_blocks_nothing(
    servers: Pair, database: str
) -> None:
    writer, standby = servers.connect(servers.writer, database), servers.connect(servers.standby, database)
    insert(writer, [transaction(1), transaction(2)])
    other = transaction(1, payload_hash="f" * 64)
    assert servers.standby.caught_up_with(servers.writer, 30)
    outcome = project(records(other, transaction(2), transaction(3)), standby, never)
    assert (outcome.verified, outcome.conflicts, outcome.failed) == (1, 1, "2")
    assert outcome.quarantined == [(other.to_item(), CONFLICTING)]
    for each in (writer, standby):
        each.close()


def test_a_rejection_of_one_payload_accounts_for_no_other(servers: Pair, database: str) -> None:
    writer = servers.connect(servers.writer, database)
    first, second = (transaction(1, currency="XXX", payload_hash=letter * 64) for letter in "ef")
    project(records(first), writer, never)
    assert verify(writer, [second, transaction(1)]).missing == {0, 1}
    project(records(second), writer, never)
    assert project(records(transaction(1)), writer, never).inserted == 1
    assert verify(writer, [first, second, transaction(1)]).missing == frozenset()
    writer.close()


def test_a_rejection_counts_as_accounted_for_on_a_standby(servers: Pair, database: str) -> None:
    writer, standby = servers.connect(servers.writer, database), servers.connect(servers.standby, database)
    refused = transaction(1, currency="XXX")
    assert len(project(records(refused, transaction(2)), writer, never).quarantined) == 1
    assert servers.standby.caught_up_with(servers.writer, 30)
    assert project(records(refused, transaction(2)), standby, never).failed is None
    for each in (writer, standby):
        each.close()


def test_a_promoted_standby_inserts_the_tail_that_was_lost_on_the_connection_that_verified(own_servers: Pair) -> None:
    database = own_servers.fresh()
    writer, standby = (
        own_servers.connect(own_servers.writer, database),
        own_servers.connect(own_servers.standby, database),
    )
    insert(writer, [transaction(number) for number in range(10)])
    assert own_servers.standby.caught_up_with(own_servers.writer, 30)
    own_servers.standby.lose_link()
    insert(writer, [transaction(number) for number in range(10, 15)])  # acknowledged by the old writer, never streamed
    batch = records(*(transaction(number) for number in range(20)))
    assert project(batch, standby, never).failed == "10"
    own_servers.writer.kill()

    def promotion() -> bool:
        own_servers.standby.promote()
        return True

    outcome = project(batch, standby, promotion)
    assert (outcome.inserted, outcome.failed) == (10, None)
    assert contents(standby) == (20, 40, 0)
    assert project(batch, writer, never).failed == "0"  # dead: everything is retried
    standby.close()


def test_a_writer_killed_while_it_inserts_comes_back_with_all_of_the_batch_or_nothing(own_servers: Pair) -> None:
    database = own_servers.fresh()
    ledger = own_servers.connect(own_servers.writer, database)
    ledger.run("START TRANSACTION")
    insert(ledger, [transaction(number) for number in range(50)])
    own_servers.writer.kill()
    batch = records(*(transaction(number) for number in range(50)))
    assert project(batch, ledger, never).failed == "0"
    own_servers.writer.start()
    assert project(batch, ledger, never).inserted == 50
    assert contents(ledger) == (50, 100, 0)
    ledger.close()
