"""Aurora on PostgreSQL: a node per cluster, streaming replication between the members of a global cluster."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import socket
import threading
from typing import TYPE_CHECKING, Any

from contract.ports import claim, claimed_port
from emulator import ministack
from emulator.aurora import certificates, database_tokens
from emulator.aurora.failover_target import refusing_what_is_down
from emulator.aurora.postgres import Node
from emulator.ministack import get_region
from emulator.program import processes

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.aurora.snapshots import SnapshotOfDatabase
    from emulator.program.configuration import Configuration

_SYNC_SECONDS = 30.0


class Databases:
    """Every cluster's node, by cluster ARN."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._folder = configuration.state_dir / "databases"
        self._folder.mkdir(parents=True)
        self._folder.chmod(0o755)
        addresses = [configuration.address(region) for region in configuration.regions]
        certificates.make(self._folder, ["127.0.0.1", *addresses])
        processes.own(self._folder / "server.key")
        (self._folder / "server.key").chmod(0o600)
        self.nodes: dict[str, Node] = {}
        self.copies: dict[str, SnapshotOfDatabase] = {}
        self._claims: dict[tuple[str, int], socket.socket] = {}
        self.delay = configuration.lag_milliseconds / 1000
        self._lost: set[str] = set()
        self._partitioned = False
        self._lock = threading.RLock()

    @property
    def authority(self) -> str:
        """The file of the certificate authority that signed the databases' certificates."""
        return str(self._folder / "ca.pem")

    def install(self) -> None:
        """Put the nodes behind MiniStack's RDS, and keep slow SQL off its event loop."""
        _wrap("CreateDBCluster", after=self._created)
        _wrap("DeleteDBCluster", before=_arn_of, after=self._deleted)
        _wrap("FailoverGlobalCluster", before=_writer_of, after=self._moved)
        _wrap("SwitchoverGlobalCluster", before=_writer_of, after=self._moved)
        actions = ministack.RDS_ACTIONS.value
        actions["FailoverGlobalCluster"] = refusing_what_is_down(actions["FailoverGlobalCluster"], self.nodes)
        actions["SwitchoverGlobalCluster"] = self._both_there(actions["SwitchoverGlobalCluster"])
        stock = ministack.RDS_DATA_HANDLE.value

        async def off_the_loop(*arguments: Any) -> Any:
            return await asyncio.to_thread(lambda: asyncio.run(stock(*arguments)))

        ministack.RDS_DATA_HANDLE.replace(off_the_loop)
        ministack.RDS_DATA_STUB.replace(_no_instance)

    # ---- faults ----
    def lose_region(self, region: str) -> None:
        """Kill the Region's nodes; what was on its way from them is lost."""
        with self._lock:
            self._lost.add(region)
            for node in self.nodes.values():
                if node.region == region:
                    node.lose_link()
                    node.kill()
                elif node.source is not None and node.source.region == region:
                    node.lose_link()

    def restore_region(self, region: str) -> None:
        """Bring the Region's nodes back: as what they were, or as standbys where another one took over."""
        with self._lock:
            self._lost.discard(region)
            self._settle()

    def silence_region(self, region: str) -> None:
        """Have the Region's databases take connections and answer nothing, as where packets are dropped."""
        self._silence(region, on=True)

    def hear_region(self, region: str) -> None:
        """Have them answer again."""
        self._silence(region, on=False)

    def _silence(self, region: str, *, on: bool) -> None:
        with self._lock:
            for node in self.nodes.values():
                if node.region == region:
                    node.silence(on=on)

    def partition(self, *, on: bool) -> None:
        """Cut or mend the link between Regions."""
        with self._lock:
            self._partitioned = on
            if on:
                for node in self.nodes.values():
                    node.lose_link()
            self._settle()

    def _settle(self) -> None:
        """Start what is down in a Region that is not lost, and give every standby the present writer as its source.

        A standby whose writer is away starts on its own volume: it answers, and may be promoted. A node that followed
        another writer, or was one, waits for the present one, from which it is made anew, whichever of the two Regions
        is back first.
        """
        beside = [(node, self._writer_beside(arn)) for arn, node in self.nodes.items() if node.region not in self._lost]
        for node, writer in beside:
            if writer in (None, node) and not node.running:
                node.start()
        for node, writer in beside:
            if writer is None or writer is node:
                continue
            linked = writer.running and not self._partitioned
            if linked and not (node.running and node.source is writer):
                node.rejoin(writer, self.delay)
            elif linked:
                node.restore_link(self.delay)
            elif not node.running and node.source is writer:
                node.start()

    def set_lag(self, seconds: float) -> None:
        """Delay what replicates from now on."""
        self.delay = seconds
        for node in self.nodes.values():
            if node.relay:
                node.relay.delay = seconds

    def stop(self) -> None:
        """Kill everything."""
        for node in self.nodes.values():
            node.lose_link()
            node.kill()

    # ---- RDS actions ----
    def _created(self, parameters: Any, _: object) -> None:
        cluster = ministack.RDS_CLUSTERS.value.get(_parameter(parameters, "DBClusterIdentifier"))
        if not cluster or cluster["Engine"] != "aurora-postgresql":
            return
        region, arn = get_region(), cluster["DBClusterArn"]
        address = self._configuration.address(region)
        port = _port(address, int(cluster.get("Port") or 5432), self._claims)
        node = Node(
            name=f"{region}-{cluster['DBClusterIdentifier']}",
            region=region,
            address=address,
            port=port,
            folder=self._folder,
            admits=functools.partial(database_tokens.admits, arn, (address, port)),
        )
        self.nodes[arn] = node
        writer = self._writer_beside(arn)
        copied = self.copies.pop(arn, None)
        if copied is not None:
            copied.fill(node)
        elif writer is None or writer is node:
            node.initialize(
                user=cluster["MasterUsername"],
                password=cluster[ministack.RDS_PASSWORD.key],
                database=cluster.get("DatabaseName") or "",
            )
        else:
            node.follow(writer, self.delay)
        cluster.update(
            {
                "Port": node.port,
                ministack.RDS_ENDPOINT.key: {"Address": address, "Port": node.port, "HostedZoneId": "ZEMBEDDED"},
                ministack.RDS_HOST_PORT.key: node.port,
                ministack.RDS_CONTAINER.key: f"postgres:{node.name}",
                ministack.RDS_CONTAINER_READY.key: True,
                ministack.RDS_INTERNAL_ADDRESS.key: address,
                ministack.RDS_INTERNAL_PORT.key: node.port,
                ministack.RDS_STORAGE_READY.key: True,
            }
        )
        ministack.RDS_SYNC_ENDPOINTS.value(cluster)

    def _deleted(self, _: Any, arn: str | None) -> None:
        node = self.nodes.pop(arn, None) if arn else None
        if node:
            node.lose_link()
            node.kill()
            self._claims.pop((node.address, node.port)).close()

    def _moved(self, parameters: Any, before: str | None) -> None:
        """Promote the new writer: after everything arrived when planned, at once when forced."""
        after = _writer_of(parameters)
        if after is None or after == before or after not in self.nodes:
            return
        with self._lock:
            new, old = self.nodes[after], self.nodes.get(before or "")
            forced = str(_parameter(parameters, "AllowDataLoss")).lower() == "true"
            if old is not None and old.running and not forced:
                self._drain(old, new)
            new.promote()
            if old is not None and old.region not in self._lost and not self._partitioned:
                old.rejoin(new, self.delay)

    def _both_there(self, stock: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """A switchover needs a healthy global database, members and link (Aurora User Guide, switchover)."""

        def switchover(parameters: Any) -> Any:
            writer = self.nodes.get(_writer_of(parameters) or "")
            if writer is not None and (not writer.running or self._partitioned):
                message = f"the writer in {writer.region} cannot be reached: a switchover needs every member"
                return ministack.RDS_ERROR.value("InvalidGlobalClusterStateFault", message, 400)
            return stock(parameters)

        return switchover

    def _drain(self, old: Node, new: Node) -> None:
        """A switchover blocks writes, then waits for the last of them."""
        old.refuse_writes()
        if not new.caught_up_with(old, _SYNC_SECONDS):
            raise RuntimeError(f"switchover: {new.name} did not catch up with {old.name} in {_SYNC_SECONDS} s")

    def _writer_beside(self, arn: str) -> Node | None:
        """The node of the writer of the global cluster that `arn` belongs to."""
        for cluster in ministack.RDS_GLOBAL_CLUSTERS.value.values():
            members = cluster.get("GlobalClusterMembers", [])
            if any(member["DBClusterArn"] == arn for member in members):
                writer = next((member["DBClusterArn"] for member in members if member["IsWriter"]), None)
                return self.nodes.get(writer or "")
        return None


def _wrap(
    action: str,
    *,
    before: Callable[[Any], str | None] = lambda _: None,
    after: Callable[[Any, str | None], None],
) -> None:
    stock = ministack.RDS_ACTIONS.value[action]

    def wrapped(parameters: Any) -> Any:
        state = before(parameters)
        answer = stock(parameters)
        if answer[0] < 300:  # noqa: PLR2004 - HTTP success
            after(parameters, state)
        return answer

    ministack.RDS_ACTIONS.value[action] = wrapped


def _no_instance(arn: str, _: str) -> Any:
    """Refuse a statement that no instance can take, where MiniStack answers statements without running them."""
    message = f"no instance of {arn} is available"
    return ministack.RDS_DATA_ERROR.value("DatabaseUnavailableException", message, 504)


def _parameter(parameters: Any, name: str) -> str:
    return str(ministack.RDS_PARAMETER.value(parameters, name))


def _arn_of(parameters: Any) -> str | None:
    cluster = ministack.RDS_CLUSTER.value(_parameter(parameters, "DBClusterIdentifier")) or {}
    return cluster.get("DBClusterArn")


def _writer_of(parameters: Any) -> str | None:
    cluster = ministack.RDS_GLOBAL_CLUSTER.value(_parameter(parameters, "GlobalClusterIdentifier")) or {}
    members = cluster.get("GlobalClusterMembers", [])
    return next((member["DBClusterArn"] for member in members if member["IsWriter"]), None)


def _port(address: str, preferred: int, claims: dict[tuple[str, int], socket.socket]) -> int:
    """The port that the cluster asks for, or another where that is taken; claimed until the cluster is deleted."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):
            probe.bind((address, preferred))
            if held := claim(address, preferred):
                claims[(address, preferred)] = held
                return preferred
    port, held = claimed_port(address)
    claims[(address, port)] = held
    return port
