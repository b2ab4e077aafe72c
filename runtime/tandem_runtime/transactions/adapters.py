"""The API's way to the local ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tandem_runtime.shared.problems import Problem

if TYPE_CHECKING:
    from tandem_runtime.shared.ledger_connection import Rows


CALL_SECONDS = 1.5
"""Three tries of a call to AWS and the pauses between them end before the function's timeout: a 503 can be answered."""

_LATEST = "infinity", "ffffffff-ffff-ffff-ffff-ffffffffffff"
"""The position that everything was recorded before."""

# Each side of an account has an index in the order of a page. So a page reads its own rows, however many there are.
_PAGE = """
SELECT id::text, currency::text, amount, to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
FROM (
    (SELECT id, currency, amount, recorded_at FROM ledger.transactions
     WHERE debit_account = :account AND (recorded_at, id) < (:time ::timestamptz, :id ::uuid)
     ORDER BY recorded_at DESC, id DESC LIMIT :limit ::int)
    UNION ALL
    (SELECT id, currency, -amount, recorded_at FROM ledger.transactions
     WHERE credit_account = :account AND (recorded_at, id) < (:time ::timestamptz, :id ::uuid)
     ORDER BY recorded_at DESC, id DESC LIMIT :limit ::int)
) AS sides
ORDER BY recorded_at DESC, id DESC LIMIT :limit ::int
"""


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

    def entries(self, account: str, *, limit: int, before: str | None = None) -> list[tuple[str, str, int, str]]:
        """At most `limit` entries, newest first, of those that were recorded before the transaction `before`.

        Raises a 404 `Problem` where this ledger does not hold `before`.
        """
        time, transaction_id = self._position(before) if before else _LATEST
        rows = self._ledger.run(_PAGE, account=account, time=time, id=transaction_id, limit=limit)
        return [(row[0], row[1], row[2], row[3]) for row in rows]

    def _position(self, transaction_id: str) -> tuple[str, str]:
        rows = self._ledger.run(
            "SELECT recorded_at::text FROM ledger.transactions WHERE id = :id ::uuid", id=transaction_id
        )
        if not rows:
            raise Problem(
                404, f"before names {transaction_id}, which this region's ledger does not hold: begin without it"
            )
        return str(rows[0][0]), transaction_id
