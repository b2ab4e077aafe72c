"""A Region's ledger, read for a comparison. Every statement reads one range of times and changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tandem_runtime.shared.ledger_errors import LedgerUnavailableError

if TYPE_CHECKING:
    from tandem_runtime.compare.logic import Digest, Span
    from tandem_runtime.shared.ledger_connection import LedgerConnection

_HASH = (
    "hashtextextended(concat_ws('|', t.id, t.payload_hash, t.origin, t.recorded_at, t.amount, t.currency, "
    "t.debit_account, t.credit_account), 0)"
)
_SIDES = (
    "FROM ledger.transactions t CROSS JOIN LATERAL (VALUES (t.debit_account), (t.credit_account)) AS side (account)"
)
_MINUTE = "to_char(date_trunc('minute', t.recorded_at AT TIME ZONE 'UTC'), 'YYYY-MM-DD\"T\"HH24:MI:00\"Z\"')"
_OF_MINUTE = "t.recorded_at >= :minute ::timestamptz AND t.recorded_at < :minute ::timestamptz + interval '1 minute'"


class RegionLedger:
    """The ledger of one Region, over a connection of its own."""

    def __init__(self, connection: LedgerConnection, region: str) -> None:
        self._connection = connection
        self.region = region

    @property
    def replica(self) -> bool:
        """Whether it replicates the other one; raises LedgerUnavailableError when it is away."""
        return self._connection.replica

    def close(self) -> None:
        """Leave no connection open: nobody compares again soon, and one would keep a database that pauses awake."""
        self._connection.close()

    def _run(self, sql: str, **parameters: object) -> list[list[Any]]:
        try:
            return self._connection.run(sql, **parameters)
        except LedgerUnavailableError as error:
            raise LedgerUnavailableError(f"the ledger of {self.region} is away: {error}") from error

    def minutes(self, span: Span) -> dict[str, Digest]:
        """A digest for each minute in which something was recorded."""
        rows = self._run(
            f"SELECT {_MINUTE}, count(*), sum({_HASH})::text {_SIDES} "
            "WHERE t.recorded_at >= :since ::timestamptz AND t.recorded_at < :until ::timestamptz GROUP BY 1",
            since=span.since,
            until=span.until,
        )
        return {minute: (int(count), str(digest)) for minute, count, digest in rows}

    def accounts(self, minute: str) -> dict[str, Digest]:
        """A digest for each account of a minute."""
        rows = self._run(
            f"SELECT side.account, count(*), sum({_HASH})::text {_SIDES} WHERE {_OF_MINUTE} GROUP BY 1",
            minute=minute,
        )
        return {account: (int(count), str(digest)) for account, count, digest in rows}

    def transactions(self, minute: str, account: str) -> dict[str, str]:
        """The ids of an account's transactions of a minute, each with its hash."""
        rows = self._run(
            f"SELECT t.id::text, sum({_HASH})::text {_SIDES} WHERE {_OF_MINUTE} AND side.account = :account GROUP BY 1",
            minute=minute,
            account=account,
        )
        return {str(transaction): str(digest) for transaction, digest in rows}
