"""What empties a vault before it is deleted: AWS deletes only empty ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from contract.names import arn
from tandem.functions import BUNDLES
from tandem.provided_resource import provided_resource

if TYPE_CHECKING:
    from aws_cdk import aws_backup as backup

    from tandem.retention import Keeping

__all__ = ["VaultEmptier"]


class VaultEmptier(Construct):
    """A custom resource whose deletion, before the vault's, deletes every recovery point of a vault marked for removal.

    It has no fixed name, as other functions have: a Region may hold two vaults. Until 0.2.0 the function answered
    CloudFormation itself, for a resource `Contents`. A resource keeps its service token (CloudFormation User Guide,
    AWS::CloudFormation::CustomResource), so `Emptied` takes its place, and names the vault by other properties: neither
    the function of now for `Contents` nor the function of then for `Emptied` empties a vault that stays.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vault: backup.IBackupVault,
        account: str,
        keeping: Keeping,
    ) -> None:
        super().__init__(scope, construct_id)
        log_group = logs.LogGroup(
            self,
            "Logs",
            encryption_key=keeping.key,
            retention=keeping.log_retention,
            removal_policy=RemovalPolicy.DESTROY,
        )
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        log_group.grant_write(role)
        function = lambda_.Function(
            self,
            "Function",
            role=role,
            description="Empties a backup vault before it is deleted",
            runtime=lambda_.Runtime.PYTHON_3_14,
            architecture=lambda_.Architecture.ARM_64,
            handler="tandem_runtime.empty_vault.handler.handler",
            code=lambda_.Code.from_asset(str(BUNDLES / "empty_vault.zip")),
            timeout=Duration.minutes(14),  # the provider waits for it, and has 15 minutes itself
            memory_size=256,
            log_group=log_group,
            tracing=lambda_.Tracing.ACTIVE,
            environment_encryption=keeping.key,
        )
        for statement in _statements(vault.backup_vault_arn, region=Stack.of(self).region, account=account):
            role.add_to_policy(statement)
        resource = provided_resource(
            self,
            "Emptied",
            function=function,
            keeping=keeping,
            resource_type="Custom::TandemVaultContents",
            properties={"VaultName": vault.backup_vault_name, "VaultArn": vault.backup_vault_arn},
        )
        resource.node.add_dependency(role, log_group)


def _statements(vault_arn: str, *, region: str, account: str) -> list[iam.PolicyStatement]:
    """A recovery point is a snapshot of its own service, which AWS Backup deletes on the caller's behalf.

    (AWSBackupFullAccess grants the services' own deletions under the same condition.)
    """
    snapshots = arn("rds", "cluster-snapshot:awsbackup:*", region=region, account=account)
    own = arn("backup", "recovery-point:*", region=region, account=account)
    return [
        iam.PolicyStatement(
            actions=["backup:ListRecoveryPointsByBackupVault", "backup:ListTags"], resources=[vault_arn]
        ),
        iam.PolicyStatement(actions=["backup:DeleteRecoveryPoint"], resources=[own, snapshots]),
        iam.PolicyStatement(
            actions=["rds:DeleteDBClusterSnapshot"],
            resources=[snapshots],
            conditions={"ForAnyValue:StringEquals": {"aws:CalledVia": "backup.amazonaws.com"}},
        ),
    ]
