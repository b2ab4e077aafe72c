"""The canary's transaction, taken like any other; and where it has arrived."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Protocol

from contract.canary import CREDIT_ACCOUNT, CURRENCY, DEBIT_ACCOUNT
from tandem_runtime.shared.transaction import Transaction
from tandem_runtime.transactions.request import transaction_id_of

if TYPE_CHECKING:
    from datetime import datetime

    from tandem_runtime.shared.ledger_connection import Rows
    from tandem_runtime.transactions.logic import Journal

_PAYLOAD: dict[str, Any] = {
    "debit_account": DEBIT_ACCOUNT,
    "credit_account": CREDIT_ACCOUNT,
    "amount": 1,
    "currency": CURRENCY,
}
_HASH = hashlib.sha256(json.dumps(_PAYLOAD, sort_keys=True).encode()).hexdigest()


class Posted(Protocol):
    """The local ledger."""

    def holds(self, transaction_id: str) -> bool:
        """Whether it holds the transaction."""
        ...


class LedgerTransactions:
    """Transactions as the local ledger has them."""

    def __init__(self, ledger: Rows) -> None:
        self._ledger = ledger

    def holds(self, transaction_id: str) -> bool:
        """Whether it holds the transaction."""
        return bool(self._ledger.run("SELECT 1 FROM ledger.transactions WHERE id = :id ::uuid", id=transaction_id))


def post(*, caller: str, idempotency_key: str, origin: str, now: datetime, journal: Journal) -> dict[str, str]:
    """Record the canary's transaction; what the request's body says does not matter."""
    transaction = Transaction(
        transaction_id=transaction_id_of(caller, idempotency_key),
        payload_hash=_HASH,
        origin=origin,
        recorded_at=now.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        caller=caller,
        **_PAYLOAD,
    )
    recorded = journal.record(transaction)
    return {"id": recorded.transaction_id, "origin": recorded.origin, "recorded_at": recorded.recorded_at}


def look(transaction_id: str, *, journal: Journal, ledger: Posted) -> dict[str, bool]:
    """Say whether this Region's journal holds the transaction, and its ledger."""
    journalled = journal.find(transaction_id) is not None
    return {"journalled": journalled, "posted": journalled and ledger.holds(transaction_id)}
