"""Backups of ledger and journal, copied to the other Region."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Annotations, Duration, Tags
from aws_cdk import aws_backup as backup
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import custom_resources as cr
from constructs import Construct

from contract.removal import REMOVAL_TAG, REMOVED_WITH_STACK
from tandem.retention import removal
from tandem.vault_emptier import VaultEmptier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tandem.retention import Keeping

__all__ = ["LedgerAndJournalBackup", "Vault"]

_KEEP = Duration.days(35)
_KEEP_HOURLY = Duration.days(1)
_CONTINUOUS = Duration.days(35)
_LOCK_CHANGEABLE = Duration.days(3)


class Vault(Construct):
    """A vault that nobody can delete recovery points from where data is retained, and that empties itself elsewhere.

    A lock can be taken off for three days, and by nobody afterwards (AWS Backup Developer Guide, Vault Lock, compliance
    mode): synthesis says so wherever one is set.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        account: str,
        keeping: Keeping,
        lock: bool,
    ) -> None:
        super().__init__(scope, construct_id)
        key, retain = keeping.key, keeping.retain
        statements = [
            iam.PolicyStatement(
                effect=iam.Effect.DENY,
                principals=[iam.AnyPrincipal()],
                actions=["backup:CopyIntoBackupVault", "backup:StartBackupJob"],
                resources=["*"],
                conditions={"StringNotEquals": {"aws:PrincipalAccount": account}},
            )
        ]
        if retain:
            statements.append(
                iam.PolicyStatement(
                    effect=iam.Effect.DENY,
                    principals=[iam.AnyPrincipal()],
                    actions=[
                        "backup:DeleteRecoveryPoint",
                        "backup:UpdateRecoveryPointLifecycle",
                        "backup:DeleteBackupVaultAccessPolicy",
                    ],
                    resources=["*"],
                )
            )
        self.vault = backup.BackupVault(
            self,
            "Vault",
            backup_vault_name=name,
            encryption_key=key,
            access_policy=iam.PolicyDocument(statements=statements),
            lock_configuration=backup.LockConfiguration(
                min_retention=Duration.days(1), max_retention=Duration.days(365), changeable_for=_LOCK_CHANGEABLE
            )
            if lock
            else None,
            removal_policy=removal(retain=retain),
        )
        if lock:
            days = _LOCK_CHANGEABLE.to_days()
            Annotations.of(self).add_info(
                f"the lock of {name} can be taken off for {days:g} days after its deployment and by nobody afterwards: "
                "leave it out with [backup] lock = false"
            )
        if not retain:
            # a stage that comes to retain its data loses the emptier: without the mark it leaves the vault as it is
            Tags.of(self.vault).add(REMOVAL_TAG, REMOVED_WITH_STACK)
            VaultEmptier(self, "Emptier", vault=self.vault, account=account, keeping=keeping)


class LedgerAndJournalBackup(Construct):
    """Hourly points for a day, daily ones for 35 days with a copy in the other Region, continuous ones of Aurora.

    AWS Backup's points of DynamoDB and all copies are full copies, charged for all that they hold (AWS Backup Developer
    Guide, Amazon DynamoDB backups; pricing), so hourly ones are neither kept long nor copied unless `copy_hourly` says
    so. Where the windows of two rules overlap, AWS Backup keeps the point of the longer retention (the same, backup
    plan options), so that a day's point is never lost to an hour's. Going back to a minute is what continuous backup
    and the tables' own point-in-time recovery are for.

    AWS Backup has no schedule more frequent than hourly, and a start window is an hour at least, so the recovery point
    objective rests on continuous backup and replication. Continuous backup covers Aurora, not DynamoDB, whose
    point-in-time recovery is the table's own (AWS Backup Developer Guide, feature availability).
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vault: Vault,
        copy_vault_arn: str | None,
        cluster_arn: str,
        table_arns: Sequence[str],
        continuous: bool,
        copy_hourly: bool,
    ) -> None:
        super().__init__(scope, construct_id)
        opted_in = self._opt_in()
        plan = backup.BackupPlan(self, "Plan")
        target = copy_vault_arn and backup.BackupVault.from_backup_vault_arn(self, "CopyVault", copy_vault_arn)
        for name, hour, keep, copied in (("hourly", None, _KEEP_HOURLY, copy_hourly), ("daily", "5", _KEEP, True)):
            copies = (
                [backup.BackupPlanCopyActionProps(destination_backup_vault=target, delete_after=keep)]
                if target and copied
                else []
            )
            rule = backup.BackupPlanRule(
                rule_name=name,
                backup_vault=vault.vault,
                schedule_expression=events.Schedule.cron(minute="0", **({"hour": hour} if hour else {})),
                start_window=Duration.hours(1),
                completion_window=Duration.hours(4),
                delete_after=keep,
                copy_actions=copies,
            )
            plan.add_rule(rule)
        plan.add_selection(
            "LedgerAndJournal",
            resources=[backup.BackupResource.from_arn(arn) for arn in (cluster_arn, *table_arns)],
        )
        # deleted before the vault is emptied, or it would go on filling it
        plan.node.add_dependency(opted_in, vault)
        if continuous:
            self._add_continuous(vault.vault, cluster_arn).node.add_dependency(opted_in, vault)

    def _add_continuous(self, vault: backup.IBackupVault, cluster_arn: str) -> backup.BackupPlan:
        plan = backup.BackupPlan(self, "Continuous")
        plan.add_rule(
            backup.BackupPlanRule(
                rule_name="continuous",
                backup_vault=vault,
                schedule_expression=events.Schedule.cron(minute="30", hour="0"),
                enable_continuous_backup=True,
                delete_after=_CONTINUOUS,
            )
        )
        plan.add_selection("Ledger", resources=[backup.BackupResource.from_arn(cluster_arn)])
        return plan

    def _opt_in(self) -> cr.AwsCustomResource:
        """The Region must have opted in to Aurora and DynamoDB backups, which CloudFormation cannot do."""
        call = cr.AwsSdkCall(
            service="Backup",
            action="updateRegionSettings",
            parameters={
                "ResourceTypeOptInPreference": {"Aurora": True, "DynamoDB": True},
                "ResourceTypeManagementPreference": {"DynamoDB": True},
            },
            physical_resource_id=cr.PhysicalResourceId.of("backup-opt-in"),
        )
        return cr.AwsCustomResource(
            self,
            "OptIn",
            install_latest_aws_sdk=False,
            on_create=call,
            on_update=call,
            policy=cr.AwsCustomResourcePolicy.from_statements(
                # the setting is the account's in this Region: it has no resource
                [iam.PolicyStatement(actions=["backup:UpdateRegionSettings"], resources=["*"])]
            ),
        )
