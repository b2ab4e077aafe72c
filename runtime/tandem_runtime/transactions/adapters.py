"""The API's way to the local ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tandem_runtime.shared.ledger_connection import Rows


CALL_SECONDS = 1.5
"""Three tries of a call to AWS and the pauses between them end before the function's timeout: a 503 can be answered."""

_LATEST = 100


class LedgerAccounts:
    """Accounts as the local ledger has them."""

    def __init__(self, ledger: Rows) -> None:
        self._ledger = ledger

    def balances(self, account: str) -> list[tuple[str, int]]:
        """Currency and balance in minor units."""
        rows = self._ledger.run(
            "SELECT currency::text, balance FROM ledger.balances WHERE account = :account ORDER BY currency",
            account=account,
        )
        return [(currency, int(balance)) for currency, balance in rows]

    def entries(self, account: str) -> list[tuple[str, str, int, str]]:
        """The latest entries, newest first."""
        rows = self._ledger.run(
            "SELECT e.transaction_id::text, e.currency::text, e.amount, "
            "to_char(t.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') "
            "FROM ledger.transactions t JOIN ledger.entries e ON e.transaction_id = t.id "
            "WHERE e.account = :account ORDER BY t.recorded_at DESC, t.id LIMIT :latest ::int",
            account=account,
            latest=_LATEST,
        )
        return [(row[0], row[1], row[2], row[3]) for row in rows]
