"""The ledger is destroyed in both Regions, restored from a copy of its backup, and completed from the journal."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from contract.names import Names, arn
from drills.history.events import Faulted, Mended, Promoted
from drills.history.seen import LedgerRestored
from drills.measure.lookup import ledger_entries
from drills.scenarios import phases
from drills.scenarios.scenario import Scenario
from drills.scenarios.silence import no_long_silence
from operations.ledger_restore import latest_copy, restore_ledger
from operations.reconcile import reconcile

if TYPE_CHECKING:
    from collections.abc import Callable

    from drills.context import DrillContext


def back_up_and_copy(context: DrillContext) -> None:
    """Back the primary's ledger up and copy the point to the secondary Region, as the backup plan does by the clock."""
    with context.phase(f"back the ledger up in {context.primary} and copy it to {context.secondary}"):
        names = _names(context)
        backup = context.endpoint.backup(context.primary)
        role = arn("iam", "role/backup", account=names.account)
        job = backup.start_backup_job(
            BackupVaultName=names.backup_vault, ResourceArn=names.cluster_arn(context.primary), IamRoleArn=role
        )
        _complete(context, lambda: backup.describe_backup_job(BackupJobId=job["BackupJobId"])["State"])
        copy = backup.start_copy_job(
            RecoveryPointArn=job["RecoveryPointArn"],
            SourceBackupVaultName=names.backup_vault,
            DestinationBackupVaultArn=names.vault_arn(names.copy_vault, context.secondary),
            IamRoleArn=role,
        )
        _complete(context, lambda: backup.describe_copy_job(CopyJobId=copy["CopyJobId"])["CopyJob"]["State"])


def destroy_ledger(context: DrillContext) -> None:
    """Delete both clusters and their global database, as somebody with every permission can."""
    with context.phase("destroy the ledger in both Regions"):
        names = _names(context)
        for region in (context.secondary, context.primary):  # RDS keeps a writer that has a replica
            context.history.append(Faulted(at=time.monotonic(), what="ledger", region=region))
            _destroy_cluster(context.endpoint.rds(region), names, region)
        context.endpoint.rds(context.secondary).delete_global_cluster(GlobalClusterIdentifier=names.global_cluster)


def restore_from_copy(context: DrillContext) -> None:
    """Restore the copy in the secondary Region, which writes from then on, and make the primary's cluster anew."""
    region = context.secondary
    with context.phase(f"restore the ledger in {region} from its copy"):
        context.history.append(Mended(at=time.monotonic(), what="ledger", region=region))
        copy = latest_copy(context.endpoint, context.deployment, region)
        restore_ledger(
            context.endpoint,
            context.deployment,
            region=region,
            snapshot=copy.arn,
            say=context.say_below,
            waits=context.waits,
        )
        context.history.append(Promoted(at=time.monotonic(), region=region))


def complete_from_journal(context: DrillContext) -> None:
    """Insert what the journal has and the copy has not; that there was something is what makes it a test."""
    with context.phase("complete the ledger from the journal"):
        ids = {str(one.id) for one in context.acknowledged()}
        lacked = len(ids) - len(ledger_entries(context.endpoint, context.deployment, context.secondary, ids))
        done = reconcile(context.endpoint, context.deployment, since=None, say=context.say_below)
        left = len(ids) - len(ledger_entries(context.endpoint, context.deployment, context.secondary, ids))
    context.history.append(
        LedgerRestored(
            at=time.monotonic(),
            acknowledged=len(ids),
            lacked=lacked,
            left=left,
            read=done["read"],
            inserted=done["inserted"],
        )
    )


def _names(context: DrillContext) -> Names:
    return Names(stage=context.deployment.stage, account=str(context.deployment.account))


def _complete(context: DrillContext, state: Callable[[], str]) -> None:
    context.wait(lambda: state() == "COMPLETED", "a job of AWS Backup did not complete")


def _destroy_cluster(rds: Any, names: Names, region: str) -> None:
    name = names.cluster(region)
    rds.modify_db_cluster(DBClusterIdentifier=name, DeletionProtection=False, ApplyImmediately=True)
    [cluster] = rds.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"]
    for member in cluster["DBClusterMembers"]:
        rds.delete_db_instance(DBInstanceIdentifier=member["DBInstanceIdentifier"], SkipFinalSnapshot=True)
    rds.remove_from_global_cluster(
        GlobalClusterIdentifier=names.global_cluster, DbClusterIdentifier=cluster["DBClusterArn"]
    )
    rds.delete_db_cluster(DBClusterIdentifier=name, SkipFinalSnapshot=True)


_JOURNAL_STAYED = "both Regions and their journals stayed up"
_RESTORED = "the ledger is restored, not promoted"

RESTORE = Scenario(
    name="restore",
    summary="the ledger is destroyed in both Regions, restored from a copy and completed from the journal",
    steps=(
        back_up_and_copy,
        phases.load_during,
        destroy_ledger,
        phases.load_during,
        restore_from_copy,
        complete_from_journal,
        no_long_silence("acknowledged while there was no ledger"),
        phases.converge,
        phases.fail_back_to_primary,
        phases.load_after,
    ),
    not_applicable={
        "write_rto_seconds": _JOURNAL_STAYED,
        "detection_seconds": _JOURNAL_STAYED,
        "clients_moved_seconds": _JOURNAL_STAYED,
        "rpo_seconds": _JOURNAL_STAYED,
        "promotion_seconds": _RESTORED,
        "ledger_rto_seconds": _RESTORED,
        "ledger_complete_seconds": _RESTORED,
    },
)
