"""The ledger as commit cdff92e had it, which later ones are measured against.

Its schema, its insert, and how it checked an item.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.ledger_database import Database
from tandem_runtime.migrate.logic import statements
from tandem_runtime.shared.arrays import array

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tandem_runtime.shared.ledger_connection import LedgerConnection
    from tandem_runtime.shared.transaction import Transaction
    from tests.sql.database import Pair

_FOLDER = Path(__file__).parent
_INSERT = (_FOLDER / "insert.sql").read_text(encoding="utf-8")


def baseline_database(servers: Pair) -> Database:
    """Return an empty ledger of that commit."""
    database = Database(servers, template="template1", fill=(_FOLDER / "fill.sql").read_text(encoding="utf-8"))
    database.run(*statements((_FOLDER / "schema.sql").read_text(encoding="utf-8")))
    return database


def baseline_insert(connection: LedgerConnection, transactions: Sequence[Transaction]) -> int:
    """Insert what is missing and return how many that were. Each id stands once among `transactions`."""
    rows = connection.run(_INSERT, **literals(transactions))
    return int(rows[0][0])


def baseline_check(transaction: Transaction) -> None:
    """Do what reading an item back did beyond what it does today: it dumped each to find half a character in it."""
    json.dumps(transaction.to_item(), ensure_ascii=False).encode()


def literals(transactions: Sequence[Transaction]) -> dict[str, Any]:
    """Return the arrays of a batch's columns as the ledger makes them."""
    return {
        "ids": array(transaction.transaction_id for transaction in transactions),
        "payload_hashes": array(transaction.payload_hash for transaction in transactions),
        "origins": array(transaction.origin for transaction in transactions),
        "recorded_ats": array(transaction.recorded_at for transaction in transactions),
        "currencies": array(transaction.currency for transaction in transactions),
        "descriptions": array(transaction.description for transaction in transactions),
        "debit_accounts": array(transaction.debit_account for transaction in transactions),
        "credit_accounts": array(transaction.credit_account for transaction in transactions),
        "amounts": array(str(transaction.amount) for transaction in transactions),
    }
