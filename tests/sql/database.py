"""Provide real PostgreSQL with the ledger's schema: a writer, and a standby that streams from it."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pg8000.native

from contract.environment import LedgerAccess
from contract.ports import free_port
from emulator.aurora import certificates
from emulator.aurora.postgres import Node
from emulator.program import processes
from tandem_runtime.migrate.logic import migrate
from tandem_runtime.shared.ledger_connection import LedgerConnection
from tandem_runtime.shared.transaction import Transaction

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MIGRATIONS = sorted((Path(__file__).parents[2] / "runtime/tandem_runtime/migrate/sql").glob("*.sql"))
ADMINISTRATOR = "ledger_admin"
PASSWORD = "only:on\\loopback"  # noqa: S105 - it lives as long as the test


def transaction(number: int, **changes: Any) -> Transaction:
    """Return a transaction with an id of its own; what is not given is the same in all of them."""
    given: dict[str, Any] = {
        "transaction_id": f"00000000-0000-4000-8000-{number:012}",
        "payload_hash": f"{number:064x}",
        "origin": "us-east-1",
        "recorded_at": "2026-01-01T00:00:00.000000Z",
        "debit_account": "alice",
        "credit_account": "bob",
        "amount": number + 1,
        "currency": "EUR",
        "metadata": {},
    }
    return Transaction(**{**given, **changes})


class Sql:
    """The RDS Data API's part of a migration, spoken to PostgreSQL directly."""

    def __init__(self, connection: pg8000.native.Connection) -> None:
        self._connection = connection

    def begin(self) -> str:
        self._connection.run("START TRANSACTION")
        return "t"

    def execute(self, sql: str, _: str, **parameters: str) -> list[list[Any]]:
        return self._connection.run(sql, **parameters) or []

    def commit(self, _: str) -> None:
        self._connection.run("COMMIT")

    def rollback(self, _: str) -> None:
        self._connection.run("ROLLBACK")


class Pair:
    """A writer and its standby, and databases on them."""

    def __init__(self, folder: Path) -> None:
        certificates.make(folder, ["127.0.0.1"])
        processes.own(folder / "server.key")
        (folder / "server.key").chmod(0o600)
        self.authority = folder / "ca.pem"
        self._folder = folder
        self._databases = 0
        self.writer = self._node("writer")
        self.standby = self._node("standby")
        self.writer.initialize(user=ADMINISTRATOR, password=PASSWORD, database="template")
        with self.administer(self.writer, "template") as connection:
            apply(connection, MIGRATIONS)

    def _node(self, name: str) -> Node:
        return Node(
            name=name,
            region="us-east-1",
            address="127.0.0.1",
            port=free_port(),
            folder=self._folder,
            admits=lambda _user, _token: True,  # tokens are tested in tests/emulator
        )

    def fresh(self, template: str = "template") -> str:
        """The name of a new database, a copy of the migrated one."""
        self._databases += 1
        name = f"ledger{self._databases}"
        with self.administer(self.writer, "postgres") as connection:
            connection.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def connect(self, node: Node, database: str) -> LedgerConnection:
        """Connect as the functions do, with their user, TLS and class."""
        return LedgerConnection(
            LedgerAccess(
                ledger_writer_host=node.address,
                ledger_reader_host=node.address,
                ledger_port=str(node.port),
                ledger_database=database,
                ledger_user="tandem_app",
                ledger_idle_seconds=None,
            ),
            region=node.region,
        )

    @contextmanager
    def administer(self, node: Node, database: str) -> Iterator[pg8000.native.Connection]:
        """Connect as the owner of the tables, whom no grant limits."""
        connection = pg8000.native.Connection(
            ADMINISTRATOR,
            host="127.0.0.1",
            port=node._internal,  # noqa: SLF001 - behind the TLS front
            database=database,
            password=PASSWORD,
        )
        try:
            yield connection
        finally:
            connection.close()

    def stop(self) -> None:
        for node in (self.standby, self.writer):
            node.lose_link()
            node.kill()


@contextmanager
def pair() -> Iterator[Pair]:
    """A pair whose processes and files go with the test; the standby is started by whoever needs it."""
    folder = Path(tempfile.mkdtemp(prefix="tandem-sql-"))
    folder.chmod(0o755)  # the servers may run as somebody else
    made = None
    try:
        made = Pair(folder)
        yield made
    finally:
        if made is not None:
            made.stop()
        shutil.rmtree(folder, ignore_errors=True)


def apply(connection: pg8000.native.Connection, files: Sequence[Path]) -> list[str]:
    """Apply migrations with the function's own logic."""
    database: Any = Sql(connection)
    return migrate(database, files)


def contents(connection: Any) -> tuple[int, int, int]:
    """Return the numbers of transactions, of entries, and of balances that differ from the sum of their entries."""
    return tuple(  # type: ignore[return-value] # three columns
        int(value)
        for value in connection.run(
            "SELECT (SELECT count(*) FROM ledger.transactions), (SELECT count(*) FROM ledger.entries), "
            "(SELECT count(*) FROM (SELECT account, currency, sum(amount) AS total "
            "FROM ledger.entries GROUP BY account, currency) e FULL JOIN ledger.balances b USING (account, currency) "
            "WHERE b.balance IS DISTINCT FROM e.total)"
        )[0]
    )
