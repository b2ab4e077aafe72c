"""What became of a transaction in the local ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Protocol

from tandem_runtime.shared.ledger_errors import LedgerUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from tandem_runtime.shared.ledger_connection import Rows
    from tandem_runtime.shared.transaction import Transaction

State = Literal["accepted", "posted", "rejected", "in_conflict", "unknown"]
"""`accepted`: the ledger does not have it yet. `in_conflict`: it holds another payload under the same id."""

LEDGER_SECONDS = 1.5
"""How long the ledger may take. A client that reads its transaction is answered from the journal meanwhile."""

_STATE = """
SELECT CASE
    WHEN held.payload_hash = asked.payload_hash THEN 'posted'
    WHEN held.payload_hash IS NOT NULL THEN 'in_conflict'
    WHEN EXISTS (
        SELECT FROM ledger.rejections r WHERE r.transaction_id = asked.id AND r.payload_hash = asked.payload_hash
    ) THEN 'rejected'
    ELSE 'accepted'
END
FROM (SELECT :id ::uuid AS id, :payload_hash ::text AS payload_hash) AS asked
LEFT JOIN ledger.transactions held ON held.id = asked.id
"""


class Outcomes(Protocol):
    """Where it is asked what became of a transaction."""

    def state(self, transaction: Transaction) -> State:
        """What became of the transaction; raises `LedgerUnavailableError` where that cannot be told."""
        ...


class LedgerOutcomes:
    """What the local ledger says; `limited` is the time that it may take, connecting included."""

    def __init__(self, ledger: Callable[[], Rows], limited: Callable[[float], AbstractContextManager[None]]) -> None:
        self._ledger = ledger
        self._limited = limited

    def state(self, transaction: Transaction) -> State:
        """What became of the transaction; raises `LedgerUnavailableError` where that cannot be told."""
        with self._limited(LEDGER_SECONDS):
            rows = self._ledger().run(_STATE, id=transaction.transaction_id, payload_hash=transaction.payload_hash)
        state: State = rows[0][0]
        return state


def ledger_of(transaction: Transaction, outcomes: Outcomes) -> dict[str, Any]:
    """What an answer says of the ledger: `unknown` where it is away, because the journal is the truth and is there."""
    try:
        return {"state": outcomes.state(transaction)}
    except LedgerUnavailableError:
        return {"state": "unknown"}
