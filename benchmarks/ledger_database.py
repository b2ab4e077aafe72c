"""Provide the PostgreSQL with the ledger's schema that tests/sql uses, and the tables that a bare insert writes to."""

from __future__ import annotations

import os
import random
from contextlib import contextmanager
from dataclasses import replace
from hashlib import md5, sha256
from typing import TYPE_CHECKING
from uuid import UUID

from contract.database import APPLICATION_USER
from contract.environment import LedgerAccess
from tandem_runtime.shared.ledger_connection import LedgerConnection
from tandem_runtime.shared.transaction import Transaction
from tests.sql.database import Pair, pair

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    import pg8000.native

ACCOUNTS = 10_000
"""Postings spread evenly over this many accounts: almost every entry of a batch touches a balance of its own."""

_CHUNK = 100_000

# Aurora keeps the working set in memory by default (shared_buffers is most of the instance's) and has no checkpoints
# that write pages back
_LIKE_AURORA = ("shared_buffers = '2GB'", "max_wal_size = '16GB'")


def name_of(number: int) -> str:
    """Return the id of filled transaction `number`, spread over the key space as real ids are. `_FILL` does so too."""
    return str(UUID(md5(str(number).encode(), usedforsecurity=False).hexdigest()))


_FILL = """
WITH chosen AS MATERIALIZED (
    SELECT md5(g::text)::uuid AS id, encode(sha256(g::text::bytea), 'hex') AS payload_hash, 1 + g % 1000 AS amount,
           'account-' || g % :accounts AS debit, 'account-' || (g + 1 + g % 97) % :accounts AS credit
    FROM generate_series(:first ::bigint, :last ::bigint) g
)
INSERT INTO ledger.transactions (
    id, payload_hash, origin, recorded_at, currency, description, debit_account, credit_account, amount
)
SELECT id, payload_hash, 'us-east-1', '2026-01-01T00:00:00Z', 'EUR', 'invoice', debit, credit, amount FROM chosen
"""


class Database:
    """One database on the writer."""

    def __init__(self, servers: Pair, *, template: str = "template", fill: str = _FILL) -> None:
        self._servers, self._fill, self.name = servers, fill, servers.fresh(template)

    def connect(self) -> LedgerConnection:
        """The functions' connection and user, without TLS.

        The embedded AWS's TLS is a Python thread in front of PostgreSQL: it would cost both sides of a ratio the same
        and so flatter it.
        """
        node = self._servers.writer
        access = LedgerAccess(
            ledger_writer_host="127.0.0.1",
            ledger_reader_host="127.0.0.1",
            ledger_port=str(node._internal),  # noqa: SLF001 - behind the TLS front
            ledger_database=self.name,
            ledger_user=APPLICATION_USER,
            ledger_idle_seconds=None,
        )
        connection = LedgerConnection(access, region=node.region)
        connection._tls = None  # type: ignore[assignment] # noqa: SLF001 - see above
        return connection

    def run(self, *statements: str) -> None:
        """Run statements as the owner."""
        with self._servers.administer(self._servers.writer, self.name) as owner:
            for statement in statements:
                owner.run(statement)

    def administer(self) -> AbstractContextManager[pg8000.native.Connection]:
        """Connect as the owner."""
        return self._servers.administer(self._servers.writer, self.name)

    def fill(self, transactions: int) -> None:
        """Post this many transactions, whose ids are `name_of` of 1 and up, with every check and trigger on."""
        with self._servers.administer(self._servers.writer, self.name) as owner:
            for first in range(1, transactions + 1, _CHUNK):
                last = min(first + _CHUNK - 1, transactions)
                owner.run(self._fill, first=first, last=last, accounts=ACCOUNTS)
            owner.run("VACUUM ANALYZE")


@contextmanager
def ready_databases(number: int = 1) -> Iterator[list[Database]]:
    """Yield `number` databases on one server, which goes with them when the benchmark ends."""
    with ready_server() as servers:
        yield [Database(servers) for _ in range(number)]


@contextmanager
def ready_server() -> Iterator[Pair]:
    """Yield a pair whose writer has settings like Aurora's; it goes when the benchmark ends."""
    os.environ.setdefault("AWS_ACCESS_KEY_ID", "test")
    os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "test")
    with pair() as servers:
        with servers.writer._administer("postgres") as administrator:  # noqa: SLF001 - whom settings belong to
            for setting in _LIKE_AURORA:
                administrator.run(f"ALTER SYSTEM SET {setting}")
        servers.writer.kill()
        servers.writer.start()
        yield servers


def transaction_of(number: int, chosen: random.Random) -> Transaction:
    """A transaction such as the API records."""
    debit, credit = chosen.sample(range(ACCOUNTS), 2)
    return Transaction(
        transaction_id=name_of(number),
        payload_hash=f"{chosen.getrandbits(256):064x}",
        origin="us-east-1",
        recorded_at=f"2026-01-01T00:00:00.{number % 1_000_000:06}Z",
        debit_account=f"account-{debit}",
        credit_account=f"account-{credit}",
        amount=chosen.randrange(1, 1_000_000),
        currency="EUR",
        description='invoice 4711, "late"',
        metadata={"order": str(number)},
    )


def filled(number: int) -> Transaction:
    """Return the filled transaction `number`."""
    digest = sha256(str(number).encode()).hexdigest()
    return replace(transaction_of(number, random.Random(number)), payload_hash=digest)  # noqa: S311 - which accounts


def fresh_transactions(first: int, count: int) -> list[Transaction]:
    """Transactions whose ids are `name_of` of `first` and up."""
    chosen = random.Random(first)  # noqa: S311 - which accounts, not a secret
    return [transaction_of(number, chosen) for number in range(first, first + count)]
