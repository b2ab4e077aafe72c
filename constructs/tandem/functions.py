"""The functions of a Region."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from contract import environment
from contract.database import APPLICATION_USER, DATABASE, PORT
from contract.journal import TIME_INDEX
from contract.metrics import service_of
from tandem.retention import Keeping, removal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_s3 as s3

    from contract.names import Names
    from tandem.ledger import PrimaryLedger, SecondaryLedger
    from tandem.network import RegionNetwork
    from tandem.settings import FunctionSettings

__all__ = ["BUNDLES", "FunctionDefaults", "RegionFunctions", "RuntimeFunction"]

BUNDLES = Path(__file__).resolve().parents[2] / "build" / "functions"
"""Where `make` puts one archive for each function."""

_ATTACH = (
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
)


@dataclass(frozen=True, kw_only=True)
class FunctionDefaults(Keeping):
    """What all functions of a Region share."""

    names: Names
    region: str
    region_role: str
    other_region: str


class RuntimeFunction(Construct):
    """One function: its bundle, its log group, its trace, its role."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        defaults: FunctionDefaults,
        description: str,
        told: Sequence[environment.Record] = (),
        timeout: Duration | None = None,
        memory_megabytes: int = 512,
        network: RegionNetwork | None = None,
        security_group: ec2.ISecurityGroup | None = None,
        reserved_concurrency: int | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        names = defaults.names
        function_name = names.function(name)
        self.log_group = logs.LogGroup(
            self,
            "Logs",
            log_group_name=f"/aws/lambda/{function_name}",
            encryption_key=defaults.key,
            retention=defaults.log_retention,
            removal_policy=removal(retain=defaults.retain),
        )
        self.role = self._add_role(names.function_arn(name, defaults.region) if network else None)
        self.function = lambda_.Function(
            self,
            "Function",
            role=self.role,
            function_name=function_name,
            description=description,
            runtime=lambda_.Runtime.PYTHON_3_14,
            architecture=lambda_.Architecture.ARM_64,
            handler=f"tandem_runtime.{name}.handler.handler",
            code=lambda_.Code.from_asset(str(BUNDLES / f"{name}.zip")),
            timeout=timeout or Duration.seconds(10),
            memory_size=memory_megabytes,
            tracing=lambda_.Tracing.ACTIVE,
            log_group=self.log_group,
            environment_encryption=defaults.key,
            vpc=network.vpc if network else None,
            vpc_subnets=network.subnets if network else None,
            security_groups=[security_group] if security_group else None,
            reserved_concurrent_executions=reserved_concurrency,
            environment={
                variable: value
                for record in (_place(name, defaults), *told)
                for variable, value in record.variables().items()
            },
        )

    def _add_role(self, inside_vpc: str | None) -> iam.Role:
        """Its own log group and nothing else, instead of AWS's managed policies, which allow every log group.

        `inside_vpc` is the ARN of a function that Lambda attaches to the VPC by this role. Lambda wants that on every
        resource, so the function's own code is denied it (Lambda Developer Guide, VPC-enabled functions).
        """
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        self.log_group.grant_write(role)
        if inside_vpc:
            role.add_to_policy(iam.PolicyStatement(actions=list(_ATTACH), resources=["*"]))
            role.add_to_policy(
                iam.PolicyStatement(
                    effect=iam.Effect.DENY,
                    actions=list(_ATTACH),
                    resources=["*"],
                    conditions={"ArnEquals": {"lambda:SourceFunctionArn": inside_vpc}},
                )
            )
        return role

    def allow_key(self, key: kms.IKey) -> None:
        """Allow the function to read and write what `key` encrypts."""
        self.allow("kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey", on=[key.key_arn])

    def allow(self, *actions: str, on: list[str]) -> None:
        """Allow the function `actions` on the ARNs `on`."""
        self.function.add_to_role_policy(iam.PolicyStatement(actions=list(actions), resources=on))


def _version(settings_version: str) -> str:
    """What stands for the code that takes transactions and the stage's settings: one digest."""
    digest = hashlib.sha256((BUNDLES / "transactions.zip").read_bytes())
    digest.update(settings_version.encode())
    return digest.hexdigest()


def _place(name: str, defaults: FunctionDefaults) -> environment.Place:
    names = defaults.names
    return environment.Place(
        stage=names.stage,
        region_role=defaults.region_role,
        other_region=defaults.other_region or None,
        journal_table=names.journal_table,
        operational_table=names.operational_table,
        service=service_of(name),
    )


class RegionFunctions(Construct):
    """The functions that every Region runs: transactions, health, projector, sweeper."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        defaults: FunctionDefaults,
        network: RegionNetwork,
        ledger: PrimaryLedger | SecondaryLedger,
        documents: s3.IBucket,
        strong_reads: bool,
        settings: FunctionSettings,
        settings_version: str,
    ) -> None:
        super().__init__(scope, construct_id)
        self._defaults = defaults
        self._network = network
        self._security_group = self._access(network, ledger)
        access = environment.LedgerAccess(
            ledger_writer_host=ledger.writer_host,
            ledger_reader_host=ledger.reader_host,
            ledger_port=ledger.port,
            ledger_database=DATABASE,
            ledger_user=APPLICATION_USER,
            ledger_idle_seconds=ledger.settings.idle_seconds or None,
        )
        self.transactions = self._inside(
            "Transactions",
            "transactions",
            "Takes transactions, answers for transactions and accounts",
            told=(access, environment.Transactions(documents_bucket=documents.bucket_name)),
        )
        self.health = RuntimeFunction(
            self,
            "Health",
            name="health",
            defaults=defaults,
            description="Says whether this Region takes transactions, and beats its heart",
            told=(environment.Health(strong_reads=strong_reads, version=_version(settings_version)),),
            timeout=Duration.seconds(3),
            reserved_concurrency=settings.health_concurrency,
        )
        self.projector = self._inside(
            "Projector",
            "projector",
            "Brings the ledger up to the journal, or verifies that it is",
            told=(access,),
            timeout=Duration.minutes(1),
            reserved_concurrency=settings.projector_concurrency,
        )
        self.sweeper = self._inside(
            "Sweeper",
            "sweeper",
            "Inserts what the stream did not bring, and raises the mark",
            told=(access, environment.Sweeper(sweep_margin_seconds=settings.sweep_margin_seconds)),
            timeout=Duration.minutes(5),
        )
        self._grant(ledger.resource_id)

    def _inside(
        self,
        construct_id: str,
        name: str,
        description: str,
        *,
        told: Sequence[environment.Record],
        timeout: Duration | None = None,
        reserved_concurrency: int | None = None,
    ) -> RuntimeFunction:
        return RuntimeFunction(
            self,
            construct_id,
            name=name,
            defaults=self._defaults,
            description=description,
            told=told,
            timeout=timeout,
            memory_megabytes=1024,
            network=self._network,
            security_group=self._security_group,
            reserved_concurrency=reserved_concurrency,
        )

    def _access(self, network: RegionNetwork, ledger: PrimaryLedger | SecondaryLedger) -> ec2.SecurityGroup:
        group = ec2.SecurityGroup(
            self,
            "Access",
            vpc=network.vpc,
            description="Functions: to the ledger, and to DynamoDB and S3 over gateway endpoints",
            allow_all_outbound=False,
        )
        port = ec2.Port.tcp(PORT)
        group.add_egress_rule(ledger.security_group, port, "ledger")
        ledger.security_group.add_ingress_rule(group, port, "functions")
        # gateway endpoints have public addresses: the route table, not the group, keeps this to DynamoDB and S3
        group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443), "DynamoDB and S3")
        return group

    def _grant(self, cluster_resource_id: str) -> None:
        names, region = self._defaults.names, self._defaults.region
        journal = names.table_arn(names.journal_table, region)
        operational = names.table_arn(names.operational_table, region)
        self.transactions.allow("dynamodb:PutItem", "dynamodb:GetItem", on=[journal])
        bucket = names.bucket_arn(names.documents_bucket(region))
        self.transactions.allow("s3:PutObject", "s3:GetObject", on=[f"{bucket}/transactions/*"])
        self.transactions.allow("s3:ListBucket", on=[bucket])
        self.health.allow("dynamodb:PutItem", "dynamodb:GetItem", on=[journal])
        self.health.allow("dynamodb:UpdateItem", "dynamodb:GetItem", on=[operational])
        self.projector.allow("dynamodb:PutItem", on=[operational])
        self.sweeper.allow("dynamodb:Query", on=[names.index_arn(names.journal_table, TIME_INDEX, region)])
        self.sweeper.allow("dynamodb:Scan", "dynamodb:BatchGetItem", on=[journal])
        # heartbeats are read, what is seen of them is kept; what is in quarantine is kept, listed, released and removed
        reads, writes = ("GetItem", "Query"), ("PutItem", "UpdateItem", "DeleteItem")
        self.sweeper.allow(*(f"dynamodb:{action}" for action in (*reads, *writes)), on=[operational])
        user = names.database_user_arn(cluster_resource_id, APPLICATION_USER, region)
        for each in (self.transactions, self.health, self.projector, self.sweeper):
            each.allow_key(self._defaults.key)
        for each in (self.transactions, self.projector, self.sweeper):
            each.allow("rds-db:connect", on=[user])
