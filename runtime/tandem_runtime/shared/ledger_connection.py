"""A connection to the local Aurora cluster, as writer where it is one."""

from __future__ import annotations

import select
import socket
import ssl
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pg8000.native

from tandem_runtime.shared.clients import database_token
from tandem_runtime.shared.deadline import Deadline
from tandem_runtime.shared.ledger_errors import LedgerRefusedError, LedgerUnavailableError

if TYPE_CHECKING:
    from contract.environment import LedgerAccess


_CA_BUNDLE = Path(__file__).with_name("rds-global-bundle.pem")
CONNECT_SECONDS = 3.0
_STATEMENT_SECONDS = 60.0
"""How long a silent database is waited for; after two endpoints an API request has time left for its answer."""

READ_ONLY = "25006"
"""SQLSTATE read_only_sql_transaction: the cluster was demoted under an open connection."""


class Rows(Protocol):
    """What the ledger's SQL needs of a connection: one statement, one round trip."""

    def run(self, sql: str, **parameters: object) -> list[list[Any]]:
        """Run `sql` and return its rows."""
        ...


class LedgerConnection:
    """A lazily opened connection that is opened again after any error.

    A secondary cluster's writer endpoint is inactive until promotion while its reader endpoint always answers, and
    after promotion the reverse can hold (Aurora User Guide, global database endpoints). So the writer endpoint is tried
    first, and what the connection can do is asked of the database, never of the configuration.
    """

    def __init__(self, access: LedgerAccess, *, region: str, deadline: Deadline | None = None) -> None:
        self._access = access
        self._region = region
        self._deadline = deadline or Deadline()
        self._connection: pg8000.native.Connection | None = None
        self._statements: dict[str, pg8000.native.PreparedStatement] = {}
        self._used_at = 0.0
        self._replica = False
        self._tls = ssl.create_default_context()
        if _CA_BUNDLE.exists():
            self._tls.load_verify_locations(_CA_BUNDLE)

    def run(self, sql: str, **parameters: object) -> list[list[Any]]:
        """Run one statement.

        Raises `LedgerUnavailableError` when the database is away, stays silent or refuses writes, and
        `LedgerRefusedError`, on a connection that stays open, when it refuses these values.
        """
        try:
            connection = self._open()
            self._limit(connection, _STATEMENT_SECONDS)
            statement = self._statements.get(sql)
            if statement is None:
                statement = self._statements[sql] = connection.prepare(sql)
            rows = statement.run(**parameters)
        except (pg8000.native.InterfaceError, OSError) as error:
            self.close()
            raise LedgerUnavailableError(f"ledger: {error}") from error
        except pg8000.native.DatabaseError as error:
            details = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
            code = str(details.get("C", ""))
            if code.startswith(("22", "23")):
                raise LedgerRefusedError(f"{code}: {details.get('M')}") from error
            self.close()
            if code == READ_ONLY or code.startswith(("57", "53", "08", "40")):
                raise LedgerUnavailableError(f"ledger: {details.get('M')}") from error
            raise
        self._used_at = time.monotonic()
        return rows or []

    @property
    def replica(self) -> bool:
        """Whether the connection reads a replica, asked of the database when it was opened."""
        try:
            self._open()
        except LedgerUnavailableError:
            self.close()
            raise
        return self._replica

    def close(self) -> None:
        """Forget the connection; the next statement opens a new one, writer endpoint first."""
        connection, self._connection = self._connection, None
        self._statements.clear()
        if connection is not None:
            try:
                connection.close()
            except (pg8000.native.InterfaceError, pg8000.native.DatabaseError, OSError):
                return

    def close_if_dropped(self) -> None:
        """Start of an invocation: forget a connection that the database has ended since the last one.

        Aurora ends all connections when a cluster is promoted, demoted or restarted. An idle one has nothing to read
        until then. This is not asked before each statement, because a lock of the session is lost with it, and whoever
        holds one must hear of that.
        """
        connection = self._connection
        if connection is not None and select.select([connection._usock], [], [], 0)[0]:  # noqa: SLF001 - as above
            self.close()

    def close_if_idle(self) -> None:
        """End of an invocation: where a stage scales to zero, an idle connection would keep the cluster awake."""
        idle_seconds = self._access.ledger_idle_seconds
        if idle_seconds is not None and time.monotonic() - self._used_at >= idle_seconds:
            self.close()

    def _open(self) -> pg8000.native.Connection:
        if self._connection is None:
            hosts = dict.fromkeys((self._access.ledger_writer_host, self._access.ledger_reader_host))
            failures = []
            for host in hosts:
                try:
                    connection = self._connect(host)
                    self._limit(connection, CONNECT_SECONDS)
                    self._replica = bool(connection.run("SELECT pg_is_in_recovery()")[0][0])
                    self._connection = connection
                except (pg8000.native.InterfaceError, pg8000.native.DatabaseError, OSError) as error:
                    failures.append(f"{host}: {error}")
                else:
                    break
            else:
                raise LedgerUnavailableError("; ".join(failures))
        return self._connection

    def _connect(self, host: str) -> pg8000.native.Connection:
        connection = pg8000.native.Connection(
            self._access.ledger_user,
            host=host,
            port=int(self._access.ledger_port),
            database=self._access.ledger_database,
            password=self._token(host),
            ssl_context=self._tls,
            timeout=self._deadline.within(CONNECT_SECONDS),
            tcp_keepalive=True,
        )
        connection._usock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # noqa: SLF001 - small messages, no delay
        return connection

    def _limit(self, connection: pg8000.native.Connection, most: float) -> None:
        """Let the database be silent for `most` seconds, or for what the invocation has left.

        pg8000 keeps its connect timeout for reads, and a batch takes longer than a connection.
        """
        connection._usock.settimeout(self._deadline.within(most))  # noqa: SLF001 - pg8000 has no way to change it

    def _token(self, host: str) -> str:
        access = self._access
        return database_token(self._region, host, int(access.ledger_port), access.ledger_user)
