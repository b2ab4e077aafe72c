"""Snapshots of clusters by AWS Backup: copied to another Region, and restored there when both clusters are gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("ministack", reason="runs in the embedded AWS's environment")

from botocore.exceptions import ClientError

from tests.emulator.owned_database import NAME, PASSWORD, query
from tests.emulator.running import EAST, WEST, Running, embedded_aws, until

if TYPE_CHECKING:
    from collections.abc import Iterator

ROLE_ARN = "arn:aws:iam::000000000000:role/backup"


@pytest.fixture
def aws() -> Iterator[Running]:
    with embedded_aws("snapshots") as running:
        running.client("rds").create_global_cluster(GlobalClusterIdentifier=NAME, Engine="aurora-postgresql")
        credentials = {"MasterUsername": "owner", "MasterUserPassword": PASSWORD, "DatabaseName": NAME}
        create(running, EAST, GlobalClusterIdentifier=NAME, **credentials)
        create(running, WEST, GlobalClusterIdentifier=NAME)
        for region, vault in ((EAST, "vault"), (WEST, "copies")):
            running.client("backup", region).create_backup_vault(BackupVaultName=vault)
        yield running


def create(aws: Running, region: str, **more: Any) -> None:
    aws.client("rds", region).create_db_cluster(
        DBClusterIdentifier=f"{NAME}-{region}", Engine="aurora-postgresql", **more
    )


def described(aws: Running, region: str) -> dict[str, Any]:
    [cluster] = aws.client("rds", region).describe_db_clusters(DBClusterIdentifier=f"{NAME}-{region}")["DBClusters"]
    found: dict[str, Any] = cluster
    return found


def destroy(aws: Running) -> None:
    for region in (WEST, EAST):
        client, name = aws.client("rds", region), f"{NAME}-{region}"
        arn = described(aws, region)["DBClusterArn"]
        client.remove_from_global_cluster(GlobalClusterIdentifier=NAME, DbClusterIdentifier=arn)
        client.delete_db_cluster(DBClusterIdentifier=name, SkipFinalSnapshot=True)
    aws.client("rds").delete_global_cluster(GlobalClusterIdentifier=NAME)


def copied(aws: Running) -> str:
    """The ARN, in the other Region, of a copy of a backup made now."""
    backup = aws.client("backup")
    cluster = described(aws, EAST)["DBClusterArn"]
    job = backup.start_backup_job(BackupVaultName="vault", ResourceArn=cluster, IamRoleArn=ROLE_ARN)
    assert backup.describe_backup_job(BackupJobId=job["BackupJobId"])["RecoveryPointArn"] == job["RecoveryPointArn"]
    copy = backup.start_copy_job(
        RecoveryPointArn=job["RecoveryPointArn"],
        SourceBackupVaultName="vault",
        DestinationBackupVaultArn=f"arn:aws:backup:{WEST}:000000000000:backup-vault:copies",
        IamRoleArn=ROLE_ARN,
    )
    told = backup.describe_copy_job(CopyJobId=copy["CopyJobId"])["CopyJob"]
    [point] = aws.client("backup", WEST).list_recovery_points_by_backup_vault(BackupVaultName="copies")[
        "RecoveryPoints"
    ]
    assert point["RecoveryPointArn"] == told["DestinationRecoveryPointArn"]
    assert point["SourceBackupVaultArn"].endswith(f"{EAST}:000000000000:backup-vault:vault")
    return str(point["RecoveryPointArn"])


def restore(aws: Running, region: str, snapshot: str, **more: Any) -> None:
    aws.client("rds", region).restore_db_cluster_from_snapshot(
        DBClusterIdentifier=f"{NAME}-{region}", SnapshotIdentifier=snapshot, Engine="aurora-postgresql", **more
    )


def test_a_ledger_that_is_gone_in_both_regions_is_restored_from_its_copy(aws: Running) -> None:
    query(aws, EAST, "CREATE TABLE rows AS SELECT 1 AS row")
    snapshot = copied(aws)
    query(aws, EAST, "INSERT INTO rows VALUES (2)")
    before = described(aws, WEST)
    destroy(aws)
    restore(aws, WEST, snapshot, Port=before["Port"])
    after = described(aws, WEST)
    assert (after["Endpoint"], after["Port"]) == (before["Endpoint"], before["Port"])
    assert after["DbClusterResourceId"] != before["DbClusterResourceId"]
    assert query(aws, WEST, "SELECT row FROM rows") == [[1]]
    aws.client("rds", WEST).create_global_cluster(
        GlobalClusterIdentifier=NAME, SourceDBClusterIdentifier=after["DBClusterArn"]
    )
    create(aws, EAST, GlobalClusterIdentifier=NAME)
    query(aws, WEST, "INSERT INTO rows VALUES (3)")
    until(lambda: query(aws, EAST, "SELECT row FROM rows ORDER BY row") == [[1], [3]])


def test_a_snapshot_is_known_in_its_own_region_only_and_until_it_is_deleted(aws: Running) -> None:
    snapshot = copied(aws)
    destroy(aws)
    with pytest.raises(ClientError, match="DBClusterSnapshot not found"):
        restore(aws, EAST, snapshot)
    aws.client("backup", WEST).delete_recovery_point(BackupVaultName="copies", RecoveryPointArn=snapshot)
    with pytest.raises(ClientError, match="DBClusterSnapshot not found"):
        restore(aws, WEST, snapshot)
