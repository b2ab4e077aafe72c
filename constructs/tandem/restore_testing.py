"""Restore tests: once a week AWS Backup restores the newest copy of the ledger, and two functions prove it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from aws_cdk import Duration, Stack
from aws_cdk import aws_backup as backup
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_rds as rds
from constructs import Construct

from contract import environment
from contract.database import APPLICATION_USER, DATABASE, PORT
from contract.names import arn
from tandem.failures import FailedInvocations
from tandem.functions import FunctionDefaults, RuntimeFunction

if TYPE_CHECKING:
    from tandem.ledger import PrimaryLedger, SecondaryLedger
    from tandem.network import RegionNetwork

__all__ = ["RestoreTesting"]

_ANY_RESOURCE = "*"
_RUN = Duration.minutes(15)


class RestoreTesting(Construct):
    """The plan of a Region, which restores from one vault, and what proves that the restored ledger is whole.

    A restored cluster would land in the default VPC, so the selection names the ledger's subnets and a security group
    that only `prove` reaches: no restored copy of the data can be reached by anything else (AWS Backup Developer Guide,
    restore testing inferred metadata). `attest` runs outside the VPC, where the APIs of RDS and AWS Backup are; `prove`
    inside, where the restored ledger and the journal are.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        defaults: FunctionDefaults,
        network: RegionNetwork,
        ledger: PrimaryLedger | SecondaryLedger,
        vault_arn: str,
        hour: int,
    ) -> None:
        super().__init__(scope, construct_id)
        self._defaults, self._names = defaults, defaults.names
        self._capacities = (ledger.settings.minimum_capacity or 0.5, ledger.settings.maximum_capacity)
        self._restored_arns = [
            arn("rds", f"{kind}:{self._names.restored_clusters}*", region=defaults.region, account=self._names.account)
            for kind in ("cluster", "db")
        ]
        access = self._add_access(network)
        self._add_plan(ledger, access["restored"], vault_arn, hour)
        self._add_proof(network, access["proof"])
        self.attest = self._add_attest()
        self.failures = FailedInvocations(self, "Failures", runtime=self.attest, key=defaults.key)

    def _add_access(self, network: RegionNetwork) -> dict[str, ec2.SecurityGroup]:
        described = {
            "restored": "A restored ledger: reached by what proves it, and by nothing else",
            "proof": "Proof: to a restored ledger, and to DynamoDB over its gateway endpoint",
        }
        groups = {
            name: ec2.SecurityGroup(
                self, name.capitalize(), vpc=network.vpc, description=text, allow_all_outbound=False
            )
            for name, text in described.items()
        }
        groups["proof"].add_egress_rule(groups["restored"], ec2.Port.tcp(PORT), "restored ledger")
        groups["restored"].add_ingress_rule(groups["proof"], ec2.Port.tcp(PORT), "proof")
        # a gateway endpoint has public addresses: the route table, not the group, keeps this to DynamoDB and S3
        groups["proof"].add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443), "DynamoDB")
        return groups

    def _add_plan(
        self, ledger: PrimaryLedger | SecondaryLedger, group: ec2.SecurityGroup, vault_arn: str, hour: int
    ) -> None:
        [cluster] = [each for each in ledger.node.find_all() if isinstance(each, rds.CfnDBCluster)]
        subnets, parameters = str(cluster.db_subnet_group_name), str(cluster.db_cluster_parameter_group_name)
        plan = backup.CfnRestoreTestingPlan(
            self,
            "Plan",
            restore_testing_plan_name=self._names.restore_testing_plan,
            schedule_expression=f"cron(0 {hour} ? * SUN *)",
            start_window_hours=1,
            recovery_point_selection=backup.CfnRestoreTestingPlan.RestoreTestingRecoveryPointSelectionProperty(
                algorithm="LATEST_WITHIN_WINDOW",
                include_vaults=[vault_arn],
                recovery_point_types=["SNAPSHOT"],
                selection_window_days=7,
            ),
        )
        backup.CfnRestoreTestingSelection(
            self,
            "Ledger",
            restore_testing_plan_name=plan.ref,
            restore_testing_selection_name="ledger",
            iam_role_arn=self._add_restorer(f"subgrp:{subnets}", f"cluster-pg:{parameters}").role_arn,
            protected_resource_type="Aurora",
            protected_resource_arns=[_ANY_RESOURCE],  # the vault holds the points of one stage
            validation_window_hours=4,
            restore_metadata_overrides={
                "dbSubnetGroupName": subnets,
                "vpcSecurityGroupIds": Stack.of(self).to_json_string([group.security_group_id]),
                "dbClusterParameterGroupName": parameters,
                "enableIamDatabaseAuthentication": json.dumps(obj=True),
                "port": str(PORT),
            },
        )

    def _add_restorer(self, *used: str) -> iam.Role:
        """What AWS Backup restores and deletes with; AWS's managed policy allows it for every service."""
        region, account = self._defaults.region, self._names.account
        role = iam.Role(
            self,
            "Restorer",
            assumed_by=iam.ServicePrincipal(
                "backup.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": account}}
            ),
            description="AWS Backup: restores the Tandem ledger for a test",
        )
        named = [arn("rds", each, region=region, account=account) for each in used]
        snapshots = arn("rds", "cluster-snapshot:awsbackup:*", region=region, account=account)
        for actions, resources in (
            (["rds:RestoreDBClusterFromSnapshot"], [*self._restored_arns, *named, snapshots]),
            (
                ["rds:ModifyDBCluster", "rds:DeleteDBCluster", "rds:DeleteDBInstance", "rds:AddTagsToResource"],
                self._restored_arns,
            ),
            (
                ["rds:DescribeDBClusters", "rds:DescribeDBClusterSnapshots", "rds:ListTagsForResource"],
                [*self._restored_arns, snapshots],
            ),
            (["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"], [self._defaults.key.key_arn]),
        ):
            role.add_to_policy(iam.PolicyStatement(actions=actions, resources=resources))
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["kms:CreateGrant"],
                resources=[self._defaults.key.key_arn],
                conditions={"Bool": {"kms:GrantIsForAWSResource": "true"}},
            )
        )
        return role

    def _add_proof(self, network: RegionNetwork, group: ec2.SecurityGroup) -> None:
        defaults, names, region = self._defaults, self._names, self._defaults.region
        runtime = RuntimeFunction(
            self,
            "Prove",
            name="prove",
            defaults=defaults,
            description="Compares a restored ledger with the journal up to the ledger's time",
            told=(environment.Prove(ledger_database=DATABASE, ledger_user=APPLICATION_USER),),
            timeout=Duration.seconds(90),
            memory_megabytes=1024,
            network=network,
            security_group=group,
        )
        runtime.allow("dynamodb:Scan", on=[names.table_arn(names.journal_table, region)])
        runtime.allow("dynamodb:Query", on=[names.table_arn(names.operational_table, region)])
        # a restored cluster's resource id is known to nobody before; the security group leads to restored ones only
        runtime.allow("rds-db:connect", on=[names.database_user_arn(_ANY_RESOURCE, APPLICATION_USER, region)])
        runtime.allow_key(defaults.key)

    def _add_attest(self) -> RuntimeFunction:
        defaults, names, region = self._defaults, self._names, self._defaults.region
        least, most = self._capacities
        runtime = RuntimeFunction(
            self,
            "Attest",
            name="attest",
            defaults=defaults,
            description="Has a restored ledger proven, and tells AWS Backup what came out",
            told=(
                environment.Attest(
                    restore_testing_plan=names.restore_testing_plan,
                    prove_function=names.function("prove"),
                    minimum_capacity=f"{least:g}",
                    maximum_capacity=f"{most:g}",
                ),
            ),
            timeout=_RUN,
        )
        runtime.allow("backup:DescribeRestoreJob", "backup:PutRestoreValidationResult", on=["*"])
        runtime.allow(
            "rds:DescribeDBClusters",
            "rds:ModifyDBCluster",
            "rds:DescribeDBInstances",
            "rds:CreateDBInstance",
            "rds:DeleteDBInstance",
            on=self._restored_arns,
        )
        runtime.allow("lambda:InvokeFunction", on=[names.function_arn("prove", region)])
        runtime.allow_key(defaults.key)
        events.Rule(
            self,
            "Completed",
            description="A ledger was restored: prove it",
            event_pattern=events.EventPattern(
                source=["aws.backup"],
                detail_type=["Restore Job State Change"],
                detail={"status": ["COMPLETED"], "resourceType": ["Aurora"]},
            ),
            targets=[targets.LambdaFunction(runtime.function)],
        )
        return runtime
