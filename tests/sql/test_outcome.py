"""What became of a transaction, as a client is told by the ledger that is asked."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from tandem_runtime.shared.ledger import insert
from tandem_runtime.transactions.outcome import LedgerOutcomes
from tests.sql.database import transaction

if TYPE_CHECKING:
    from tandem_runtime.shared.ledger_connection import LedgerConnection
    from tests.sql.database import Pair


def outcomes(ledger: LedgerConnection) -> LedgerOutcomes:
    return LedgerOutcomes(lambda: ledger, lambda _: nullcontext())


def test_a_transaction_is_accepted_until_the_ledger_holds_it_and_posted_then(ledger: LedgerConnection) -> None:
    asked = outcomes(ledger)
    assert asked.state(transaction(1)) == "accepted"
    insert(ledger, [transaction(1)])
    assert asked.state(transaction(1)) == "posted"
    assert asked.state(transaction(2)) == "accepted"


def test_a_transaction_of_which_the_ledger_holds_another_payload_is_in_conflict(ledger: LedgerConnection) -> None:
    other = transaction(1, payload_hash="f" * 64)
    insert(ledger, [transaction(1)])
    insert(ledger, [other])
    assert outcomes(ledger).state(other) == "in_conflict"
    assert outcomes(ledger).state(transaction(1)) == "posted"


def test_only_the_payload_that_was_rejected_is_rejected_and_posted_once_it_is_there(ledger: LedgerConnection) -> None:
    ledger.run(
        "INSERT INTO ledger.rejections (transaction_id, payload_hash, reason) VALUES (:id ::uuid, :payload_hash, 'no')",
        id=transaction(1).transaction_id,
        payload_hash=transaction(1).payload_hash,
    )
    assert outcomes(ledger).state(transaction(1)) == "rejected"
    assert outcomes(ledger).state(transaction(1, payload_hash="f" * 64)) == "accepted"
    insert(ledger, [transaction(1)])
    assert outcomes(ledger).state(transaction(1)) == "posted"


def test_a_replica_tells_it_too(servers: Pair, database: str) -> None:
    writer, standby = (servers.connect(server, database) for server in (servers.writer, servers.standby))
    insert(writer, [transaction(1)])
    assert servers.standby.caught_up_with(servers.writer, 30)
    assert standby.replica
    assert outcomes(standby).state(transaction(1)) == "posted"
    for connection in (writer, standby):
        connection.close()
