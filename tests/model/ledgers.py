"""The ledger in both Regions is a real writer and its streaming standby. They trade places as Aurora's clusters do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emulator.aurora.postgres import Node
    from tandem_runtime.shared.ledger_connection import LedgerConnection
    from tests.sql.database import Pair

WRITER, REPLICA, SUPERSEDED = "writer", "replica", "superseded"
REFUSED = "refused by this database"
_SYNC_SECONDS = 60


class Ledgers:
    """One database on two nodes, Region 0's and Region 1's.

    A superseded node was the writer until a forced failover. While it lives it goes on taking writes, which nobody
    will ever see: it comes back without them.
    """

    def __init__(self, pair: Pair) -> None:
        self._pair = pair
        self.nodes: list[Node] = [pair.writer, pair.standby]
        self.roles = [WRITER, REPLICA]
        self.held = False
        self._linked = False
        self._connections: list[LedgerConnection | None] = [None, None]
        self.database = pair.fresh()
        self._made = [self.database]
        self.backup: str | None = None
        with pair.administer(pair.writer, self.database) as owner:
            # stands for whatever only a database would refuse: today code and database agree on all rules
            owner.run(f"ALTER TABLE ledger.transactions ADD CONSTRAINT refused CHECK (description <> '{REFUSED}')")
        self.link()

    # ---- what functions and checks see ----
    def connection(self, region: int) -> LedgerConnection:
        """The Region's connection, as its functions keep it."""
        held = self._connections[region]
        if held is None:
            held = self._connections[region] = self._pair.connect(self.nodes[region], self.database)
        return held

    def rows(self, region: int, sql: str, **parameters: object) -> list[list[Any]]:
        """Ask a Region's node, past the functions' connection and user."""
        with self._pair.administer(self.nodes[region], self.database) as owner:
            return owner.run(sql, **parameters) or []

    @property
    def writer(self) -> int:
        return self.roles.index(WRITER)

    @property
    def replicates(self) -> bool:
        """Whether one node streams from the other just now."""
        return self._linked

    def settle(self) -> None:
        """Wait until the standby has replayed everything, if anything reaches it."""
        if self._linked:
            writer, standby = self.nodes[self.writer], self.nodes[1 - self.writer]
            assert standby.caught_up_with(writer, _SYNC_SECONDS), "the standby does not catch up"

    # ---- replication ----
    def hold(self) -> None:
        """Replicate nothing: what the writer takes from now on is lost with it."""
        self.settle()
        self.held = True
        self._unlink()

    def release(self) -> None:
        self.held = False
        self.link()

    def link(self) -> None:
        """Replicate, if both nodes live, in the roles that allow it, and nothing holds it."""
        writer, standby = self.nodes[self.writer], self.nodes[1 - self.writer]
        if self.held or SUPERSEDED in self.roles or not (writer.running and standby.running):
            return
        if standby.source is not writer:
            standby.rejoin(writer, 0.0)
        standby.restore_link(0.0)
        self._linked = True
        self.settle()

    def _unlink(self) -> None:
        for node in self.nodes:
            node.lose_link()
        self._linked = False

    # ---- outages ----
    def kill(self, region: int) -> None:
        self.settle()
        self._unlink()
        self.nodes[region].kill()

    def start(self, region: int) -> None:
        """Come back as what it was; a superseded one stays away until it is rebuilt."""
        if self.roles[region] != SUPERSEDED and not self.nodes[region].running:
            self.nodes[region].start()
        self.link()

    # ---- Aurora's failovers ----
    @property
    def can_fail_over(self) -> bool:
        return REPLICA in self.roles and self.nodes[self.roles.index(REPLICA)].running

    def fail_over(self) -> None:
        """Force it: what has not reached the standby is lost."""
        self.settle()
        self._unlink()
        old, new = self.writer, 1 - self.writer
        self.nodes[new].promote()
        self.roles[old], self.roles[new] = SUPERSEDED, WRITER

    def rejoin(self) -> None:
        """Rebuild the superseded node as a standby of the writer, without what only it had."""
        old = self.roles.index(SUPERSEDED)
        self.nodes[old].rejoin(self.nodes[self.writer], 0.0)
        self.roles[old] = REPLICA
        self._linked = True
        self.settle()
        if self.held:
            self._unlink()

    def switch_over(self) -> None:
        """As planned: refuse writes, wait until everything has arrived, trade places."""
        old, new = self.writer, 1 - self.writer
        self.nodes[old].refuse_writes()
        self.settle()
        self._unlink()
        self.nodes[new].promote()
        self.roles[old], self.roles[new] = SUPERSEDED, WRITER
        self.rejoin()

    # ---- backups ----
    def back_up(self) -> None:
        """Keep a copy of the ledger as it is, on both nodes."""
        self.backup = self._copy("backup", self.database)

    def restore(self) -> None:
        """Go back to the copy, in both Regions, as a restored Aurora cluster would: under a new name."""
        assert self.backup
        self.database = self._copy("restored", self.backup)
        self._disconnect()

    def _copy(self, prefix: str, source: str) -> str:
        self._disconnect()
        name = f"{prefix}{len(self._made)}_{self._made[0]}"
        with self._pair.administer(self.nodes[self.writer], "postgres") as owner:
            owner.run(f"CREATE DATABASE {name} TEMPLATE {source}")
        self._made.append(name)
        self.settle()
        return name

    # ---- the end ----
    def _disconnect(self) -> None:
        for connection in self._connections:
            if connection is not None:
                connection.close()
        self._connections = [None, None]

    def put_back(self) -> None:
        """Leave a writer and its standby for the next run, whichever is which, and nothing else."""
        self._disconnect()
        self.held = False
        for region in (0, 1):
            self.start(region)
        if SUPERSEDED in self.roles:
            self.rejoin()
        self._pair.writer, self._pair.standby = self.nodes[self.writer], self.nodes[1 - self.writer]
        with self._pair.administer(self._pair.writer, "postgres") as owner:
            for name in self._made:
                owner.run(f"DROP DATABASE {name} WITH (FORCE)")
