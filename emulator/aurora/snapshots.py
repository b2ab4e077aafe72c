"""Snapshots of clusters: copies of their databases, from which RDS restores a cluster of any name.

A snapshot of AWS Backup's is one of RDS's, whose ARN names it (AWS Backup Developer Guide, Amazon Aurora backups). A
restored cluster has a resource id of its own, no instance, and the master user's password of the time of the snapshot
(RDS API Reference, RestoreDBClusterFromSnapshot).
"""

from __future__ import annotations

import shutil
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from contract.names import arn
from emulator import ministack
from emulator.ministack import get_account_id, get_region
from emulator.program import processes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from emulator.aurora.databases import Databases
    from emulator.aurora.postgres import Node

_CREATE, _RESTORE = "CreateDBCluster", "RestoreDBClusterFromSnapshot"
_NOT_FOUND = "DBClusterSnapshotNotFoundFault"
_OK = 200


@dataclass(frozen=True, kw_only=True)
class SnapshotOfDatabase:
    """A copy of a database's folder, and what RDS knew of its cluster when it was made."""

    folder: Path
    cluster: Mapping[str, Any]
    made: float

    def fill(self, node: Node) -> None:
        """Make `node` a writer of its own that holds what the copy holds."""
        node.user, node.database = self.cluster["MasterUsername"], self.cluster.get("DatabaseName") or ""
        node.password = self.cluster[ministack.RDS_PASSWORD.key]
        shutil.rmtree(node.directory, ignore_errors=True)
        node.directory.mkdir(mode=0o700, parents=True)
        processes.own(node.directory)
        processes.run(["cp", "-a", f"{self.folder}/.", str(node.directory)])
        (node.directory / "standby.signal").unlink(missing_ok=True)
        node.start()
        node.accept_writes()


class Snapshots:
    """Every snapshot by its ARN; a Region's are known in this Region only."""

    def __init__(self, databases: Databases, folder: Path) -> None:
        self._databases, self._folder = databases, folder
        self._snapshots: dict[str, SnapshotOfDatabase] = {}

    def install(self) -> None:
        """Have RDS restore clusters from snapshots, which MiniStack's does not."""
        ministack.RDS_ACTIONS.value[_RESTORE] = self._restore

    def take(self, cluster_arn: str, *, kind: str = "job") -> str | None:
        """Copy the database behind a cluster and return the snapshot's ARN; None where there is no such database."""
        node = self._databases.nodes.get(cluster_arn)
        name = cluster_arn.rpartition(":")[2]
        cluster = ministack.RDS_CLUSTER.value(name)
        if node is None or not node.running or not cluster:
            return None
        folder = self._folder / uuid.uuid4().hex
        folder.mkdir(mode=0o700, parents=True)
        self._folder.chmod(0o755)
        processes.own(folder)
        node.copy_to(folder)
        return self._keep(SnapshotOfDatabase(folder=folder, cluster=dict(cluster), made=time.time()), kind)

    def copy(self, snapshot_arn: str) -> str | None:
        """Know a snapshot in the present Region too and return its ARN there; None where there is no such snapshot."""
        snapshot = self._snapshots.get(snapshot_arn)
        return None if snapshot is None else self._keep(snapshot, "copyjob")

    def forget(self, snapshot_arn: str) -> None:
        """Delete a snapshot; its folder stays until no copy of it is left."""
        snapshot = self._snapshots.pop(snapshot_arn, None)
        if snapshot is not None and snapshot not in self._snapshots.values():
            shutil.rmtree(snapshot.folder, ignore_errors=True)

    def _keep(self, snapshot: SnapshotOfDatabase, kind: str) -> str:
        name = f"cluster-snapshot:awsbackup:{kind}-{uuid.uuid4()}"
        snapshot_arn = arn("rds", name, region=get_region(), account=get_account_id())
        self._snapshots[snapshot_arn] = snapshot
        return snapshot_arn

    def _restore(self, parameters: Any) -> Any:
        """Make a cluster like any other, but with the copy's data, version and master user."""
        asked = str(ministack.RDS_PARAMETER.value(parameters, "SnapshotIdentifier"))
        region, account = get_region(), get_account_id()
        named = arn("rds", f"cluster-snapshot:{asked}", region=region, account=account)
        known = asked if asked in self._snapshots else named
        snapshot = self._snapshots.get(known)
        if snapshot is None or known.split(":")[3] != region:
            return ministack.RDS_ERROR.value(_NOT_FOUND, f"DBClusterSnapshot not found: {asked}", 404)
        name = str(ministack.RDS_PARAMETER.value(parameters, "DBClusterIdentifier"))
        cluster_arn = arn("rds", f"cluster:{name}", region=region, account=account)
        cluster = snapshot.cluster
        self._databases.copies[cluster_arn] = snapshot
        status, headers, body = ministack.RDS_ACTIONS.value[_CREATE](
            {
                **parameters,
                "EngineVersion": [cluster["EngineVersion"]],
                "MasterUsername": [cluster["MasterUsername"]],
                "MasterUserPassword": [cluster[ministack.RDS_PASSWORD.key]],
                "DatabaseName": [cluster.get("DatabaseName") or ""],
                "StorageEncrypted": ["true" if cluster.get("StorageEncrypted") else "false"],
            }
        )
        if status != _OK:
            del self._databases.copies[cluster_arn]
        text = body.decode() if isinstance(body, bytes) else body
        return status, headers, text.replace(_CREATE, _RESTORE).encode()
