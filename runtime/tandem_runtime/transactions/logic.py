"""What the API does with the journal, the ledger and the documents of its Region."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from tandem_runtime.shared.money import format_amount
from tandem_runtime.shared.problems import Problem
from tandem_runtime.transactions.outcome import ledger_of
from tandem_runtime.transactions.request import transaction_id_of, transaction_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from tandem_runtime.shared.transaction import Transaction
    from tandem_runtime.transactions.outcome import Outcomes


class Journal(Protocol):
    """Where transactions are recorded."""

    def record(self, transaction: Transaction) -> Transaction:
        """Record it once; returns what the journal holds under its id."""
        ...

    def find(self, transaction_id: str) -> Transaction | None:
        """The transaction, None where the local journal has none of this id."""
        ...


class Accounts(Protocol):
    """Where balances are read."""

    def balances(self, account: str) -> list[tuple[str, int]]:
        """Currency and balance in minor units."""
        ...

    def entries(self, account: str, *, limit: int, before: str | None) -> list[tuple[str, str, int, str]]:
        """Transaction id, currency, minor units, time of recording; newest first, from before that transaction's."""
        ...


class Documents(Protocol):
    """Where documents are kept."""

    def upload(self, transaction_id: str, body: dict[str, Any]) -> dict[str, Any]:
        """A link to upload to."""
        ...

    def listing(self, transaction_id: str, *, limit: int, after: str) -> dict[str, Any]:
        """A page of what there is, with links to download from."""
        ...


def represent(transaction: Transaction) -> dict[str, Any]:
    """A transaction as clients see it: the same bytes whoever asks, however often, in either Region."""
    return {
        "id": transaction.transaction_id,
        "status": "accepted",
        "debit_account": transaction.debit_account,
        "credit_account": transaction.credit_account,
        "amount": format_amount(transaction.amount, transaction.currency),
        "currency": transaction.currency,
        "description": transaction.description,
        "metadata": dict(sorted((transaction.metadata or {}).items())),
        "recorded_at": transaction.recorded_at,
        "origin": transaction.origin,
    }


def post(
    body: Mapping[str, Any], *, caller: str, idempotency_key: str, origin: str, now: datetime, journal: Journal
) -> dict[str, Any]:
    """Record a transaction once per caller and key; raises a 409 `Problem` when the key had another payload."""
    transaction = transaction_of(
        body,
        transaction_id=transaction_id_of(caller, idempotency_key),
        origin=origin,
        recorded_at=now.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        caller=caller,
    )
    recorded = journal.record(transaction)
    if recorded.payload_hash != transaction.payload_hash:
        raise Problem(
            409, f"Idempotency-Key {idempotency_key!r} was used for another transaction: send a new key for a new one"
        )
    return represent(recorded)


def find(transaction_id: str, journal: Journal) -> dict[str, Any]:
    """A transaction as the local journal has it; raises a 404 `Problem`."""
    return represent(_recorded(transaction_id, journal))


def read(transaction_id: str, journal: Journal, outcomes: Outcomes) -> dict[str, Any]:
    """The same, with what became of it in the local ledger; raises a 404 `Problem`."""
    transaction = _recorded(transaction_id, journal)
    return {**represent(transaction), "ledger": ledger_of(transaction, outcomes)}


def _recorded(transaction_id: str, journal: Journal) -> Transaction:
    transaction = journal.find(transaction_id)
    if transaction is None:
        raise Problem(404, f"transaction {transaction_id} does not exist in this region's journal")
    return transaction


def account(name: str, accounts: Accounts, *, limit: int, before: str | None) -> dict[str, Any]:
    """Balances and a page of an account's entries, as the local ledger has them; raises a 404 `Problem`.

    `next` is the `before` of the page that follows, None where there is none.
    """
    balances = accounts.balances(name)
    if not balances:
        raise Problem(404, f"account {name[:80]!r} has no entries in this region's ledger")
    entries = accounts.entries(name, limit=limit + 1, before=before)  # the one too many says that a page follows
    page = entries[:limit]
    return {
        "account": name,
        "balances": [
            {"currency": currency, "amount": format_amount(int(minor_units), currency)}
            for currency, minor_units in balances
        ],
        "entries": [
            {
                "transaction_id": transaction_id,
                "currency": currency,
                "amount": format_amount(int(minor_units), currency),
                "recorded_at": recorded_at,
            }
            for transaction_id, currency, minor_units, recorded_at in page
        ],
        "next": page[-1][0] if len(entries) > limit else None,
    }
