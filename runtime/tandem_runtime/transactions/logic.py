"""What the API does, given its ports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from tandem_runtime.shared.money import format_amount
from tandem_runtime.shared.problems import Problem
from tandem_runtime.transactions.request import entry_of, transaction_id_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from tandem_runtime.shared.transaction import JournalEntry

__all__ = ["Accounts", "Journal", "account", "find", "post", "represent"]


class Journal(Protocol):
    """Where transactions are recorded."""

    def record(self, entry: JournalEntry) -> JournalEntry:
        """Record once; return what is held."""
        ...

    def find(self, transaction_id: str) -> JournalEntry | None:
        """Find by id."""
        ...


class Accounts(Protocol):
    """Where balances are read."""

    def balances(self, account: str) -> list[tuple[str, int]]:
        """Currency and balance in minor units."""
        ...

    def entries(self, account: str) -> list[tuple[str, str, int, str]]:
        """Transaction id, currency, minor units, time of recording; newest first."""
        ...


def represent(entry: JournalEntry) -> dict[str, Any]:
    """A transaction as clients see it: the same bytes whoever asks, however often, in either Region."""
    return {
        "id": entry.transaction_id,
        "status": "accepted",
        "debit_account": entry.debit_account,
        "credit_account": entry.credit_account,
        "amount": format_amount(entry.amount, entry.currency),
        "currency": entry.currency,
        "description": entry.description,
        "metadata": dict(sorted((entry.metadata or {}).items())),
        "recorded_at": entry.recorded_at,
        "origin": entry.origin,
    }


def post(
    body: Mapping[str, Any], *, caller: str, idempotency_key: str, origin: str, now: datetime, journal: Journal
) -> dict[str, Any]:
    """Record a transaction once per caller and key; raises a 409 `Problem` when the key had another payload."""
    entry = entry_of(
        body,
        transaction_id=transaction_id_of(caller, idempotency_key),
        origin=origin,
        recorded_at=now.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    )
    held = journal.record(entry)
    if held.payload_hash != entry.payload_hash:
        raise Problem(
            409, f"Idempotency-Key {idempotency_key!r} was used for another transaction: send a new key for a new one"
        )
    return represent(held)


def find(transaction_id: str, journal: Journal) -> dict[str, Any]:
    """A transaction as the local journal has it; raises a 404 `Problem`."""
    entry = journal.find(transaction_id)
    if entry is None:
        raise Problem(404, f"transaction {transaction_id} does not exist in this region's journal")
    return represent(entry)


def account(name: str, accounts: Accounts) -> dict[str, Any]:
    """Balances and latest entries of an account, as the local ledger has them; raises a 404 `Problem`."""
    balances = accounts.balances(name)
    if not balances:
        raise Problem(404, f"account {name[:80]!r} has no entries in this region's ledger")
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
            for transaction_id, currency, minor_units, recorded_at in accounts.entries(name)
        ],
    }
