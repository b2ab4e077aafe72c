"""The ledger's databases: Aurora PostgreSQL, a member of the global database or, in one Region, by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import Duration, Token
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_logs as logs
from aws_cdk import aws_rds as rds
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from contract.database import ADMINISTRATOR, DATABASE, PORT
from tandem.database_monitoring import MONITORING_SECONDS, DatabaseMonitoring
from tandem.retention import removal

if TYPE_CHECKING:
    from tandem.network import RegionNetwork
    from tandem.retention import Keeping
    from tandem.settings import LedgerSettings

__all__ = ["GlobalLedger", "LedgerReplica", "PrimaryLedger", "SecondaryLedger"]


def _engine(version: str) -> rds.IClusterEngine:
    major = version.partition(".")[0]
    return rds.DatabaseClusterEngine.aurora_postgres(version=rds.AuroraPostgresEngineVersion.of(version, major))


def _parameters(scope: Construct, engine_version: str) -> rds.ParameterGroup:
    return rds.ParameterGroup(
        scope,
        "Parameters",
        engine=_engine(engine_version),
        description="Tandem ledger: TLS only",
        parameters={"rds.force_ssl": "1", "log_min_duration_statement": "1000"},
    )


def _database_logs(scope: Construct, *, cluster: str, keeping: Keeping) -> logs.LogGroup:
    """The cluster's log group: RDS would make one that is not encrypted, never expires and outlives the cluster."""
    return logs.LogGroup(
        scope,
        "Logs",
        log_group_name=f"/aws/rds/cluster/{cluster}/postgresql",
        encryption_key=keeping.key,
        retention=keeping.log_retention,
        removal_policy=removal(retain=keeping.retain),
    )


class GlobalLedger(Construct):
    """The global database, which outlives every one of its members. L1: CDK has no L2 for it (aws-cdk #22212)."""

    def __init__(
        self, scope: Construct, construct_id: str, *, identifier: str, engine_version: str, retain: bool
    ) -> None:
        super().__init__(scope, construct_id)
        cluster = rds.CfnGlobalCluster(
            self,
            "Cluster",
            global_cluster_identifier=identifier,
            engine="aurora-postgresql",
            engine_version=engine_version,
            storage_encrypted=True,
            deletion_protection=retain,
        )
        cluster.apply_removal_policy(removal(retain=retain))


@dataclass(frozen=True, kw_only=True)
class LedgerReplica:
    """What the writer needs for its replica: their global database, and the Region and key of the secret's copy."""

    global_cluster: str
    region: str
    key_arn: str


class PrimaryLedger(Construct):
    """The cluster that is the writer at first."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        identifier: str,
        secret_name: str,
        settings: LedgerSettings,
        network: RegionNetwork,
        keeping: Keeping,
        replica: LedgerReplica | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        self.settings = settings
        key, retain = keeping.key, keeping.retain
        self.security_group = _security_group(self, network)
        self.logs = _database_logs(self, cluster=identifier, keeping=keeping)
        self.secret = self._administrator(secret_name, keeping, replica)
        monitoring = _monitoring(self, settings)
        self.cluster = rds.DatabaseCluster(
            self,
            "Cluster",
            cluster_identifier=identifier,
            engine=_engine(settings.engine_version),
            parameter_group=_parameters(self, settings.engine_version),
            credentials=rds.Credentials.from_secret(self.secret),
            default_database_name=DATABASE,
            port=PORT,
            vpc=network.vpc,
            vpc_subnets=network.subnets,
            security_groups=[self.security_group],
            writer=_instance("Writer"),
            readers=[_instance(f"Reader{number}", scale_with_writer=True) for number in range(1, settings.readers + 1)],
            serverless_v2_min_capacity=settings.minimum_capacity,
            serverless_v2_max_capacity=settings.maximum_capacity,
            serverless_v2_auto_pause_duration=Duration.minutes(5) if settings.minimum_capacity == 0 else None,
            storage_encryption_key=key,
            iam_authentication=True,
            enable_data_api=True,
            backup=rds.BackupProps(retention=Duration.days(settings.backup_days)),
            cloudwatch_logs_exports=["postgresql"],
            copy_tags_to_snapshot=True,
            monitoring_interval=Duration.seconds(MONITORING_SECONDS) if monitoring else None,
            monitoring_role=monitoring.role if monitoring else None,
            deletion_protection=retain,
            removal_policy=removal(retain=retain),
        )
        self.cluster.node.add_dependency(self.logs)
        # the L2 hands its instances and subnets no policy of this kind
        for each in self.cluster.node.find_all():
            if isinstance(each, rds.CfnDBInstance | rds.CfnDBSubnetGroup):
                each.apply_removal_policy(removal(retain=retain))
        if replica:
            member = self.cluster.node.default_child
            assert isinstance(member, rds.CfnDBCluster)  # noqa: S101 - narrows a type: what the L2 makes
            member.global_cluster_identifier = replica.global_cluster
        self.arn = self.cluster.cluster_arn
        self.resource_id = self.cluster.cluster_resource_identifier
        self.writer_host = self.cluster.cluster_endpoint.hostname
        self.reader_host = self.cluster.cluster_read_endpoint.hostname
        self.port = Token.as_string(self.cluster.cluster_endpoint.port)

    def _administrator(self, name: str, keeping: Keeping, replica: LedgerReplica | None) -> secretsmanager.Secret:
        """RDS manages no master password in a global database, so the secret is ours, with a replica."""
        replicas = None
        if replica:
            from aws_cdk import aws_kms as kms_module  # noqa: PLC0415 - only where there is a replica

            replica_key = kms_module.Key.from_key_arn(self, "ReplicaKey", replica.key_arn)
            replicas = [secretsmanager.ReplicaRegion(region=replica.region, encryption_key=replica_key)]
        return secretsmanager.Secret(
            self,
            "Administrator",
            secret_name=name,
            description="Administrator of the Tandem ledger: migrations only",
            encryption_key=keeping.key,
            replica_regions=replicas,
            removal_policy=removal(retain=keeping.retain),
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template=f'{{"username":"{ADMINISTRATOR}"}}',
                generate_string_key="password",
                password_length=40,
                exclude_punctuation=True,
            ),
        )


class SecondaryLedger(Construct):
    """A member that replicates: L1, because a secondary has no credentials of its own (aws-cdk #29880)."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        identifier: str,
        settings: LedgerSettings,
        network: RegionNetwork,
        keeping: Keeping,
        global_cluster: str,
        source_region: str,
    ) -> None:
        super().__init__(scope, construct_id)
        self.settings = settings
        key, retain = keeping.key, keeping.retain
        when_removed = removal(retain=retain)
        self.security_group = _security_group(self, network)
        self.logs = _database_logs(self, cluster=identifier, keeping=keeping)
        subnets = rds.SubnetGroup(
            self,
            "Subnets",
            description="Tandem ledger",
            vpc=network.vpc,
            vpc_subnets=network.subnets,
            removal_policy=when_removed,
        )
        parameters = _parameters(self, settings.engine_version).bind_to_cluster()
        self.cluster = rds.CfnDBCluster(
            self,
            "Cluster",
            db_cluster_identifier=identifier,
            global_cluster_identifier=global_cluster,
            # an encrypted member is made from the Region that the data comes from (Aurora User Guide, adding a Region)
            source_region=source_region,
            engine="aurora-postgresql",
            engine_version=settings.engine_version,
            db_cluster_parameter_group_name=parameters.parameter_group_name,
            db_subnet_group_name=subnets.subnet_group_name,
            vpc_security_group_ids=[self.security_group.security_group_id],
            port=PORT,
            storage_encrypted=True,
            kms_key_id=key.key_arn,
            enable_iam_database_authentication=True,
            enable_http_endpoint=True,
            enable_cloudwatch_logs_exports=["postgresql"],
            backup_retention_period=settings.backup_days,
            copy_tags_to_snapshot=True,
            deletion_protection=retain,
            serverless_v2_scaling_configuration=rds.CfnDBCluster.ServerlessV2ScalingConfigurationProperty(
                min_capacity=settings.minimum_capacity, max_capacity=settings.maximum_capacity
            ),
        )
        self.cluster.apply_removal_policy(when_removed)
        self.cluster.node.add_dependency(self.logs)
        monitoring = _monitoring(self, settings)
        for number in range(settings.readers + 1):
            instance = rds.CfnDBInstance(
                self,
                f"Instance{number}",
                db_cluster_identifier=self.cluster.ref,
                engine="aurora-postgresql",
                db_instance_class="db.serverless",
                auto_minor_version_upgrade=False,
                publicly_accessible=False,
                promotion_tier=min(number, 1),
                monitoring_interval=MONITORING_SECONDS if monitoring else None,
                monitoring_role_arn=monitoring.role.role_arn if monitoring else None,
            )
            instance.apply_removal_policy(when_removed)
        self.arn = self.cluster.attr_db_cluster_arn
        self.resource_id = self.cluster.attr_db_cluster_resource_id
        self.writer_host = self.cluster.attr_endpoint_address
        self.reader_host = self.cluster.attr_read_endpoint_address
        self.port = self.cluster.attr_endpoint_port


def _security_group(scope: Construct, network: RegionNetwork) -> ec2.SecurityGroup:
    return ec2.SecurityGroup(
        scope,
        "Access",
        vpc=network.vpc,
        description="The ledger: reached by the functions that read or write it",
        allow_all_outbound=False,
    )


def _monitoring(scope: Construct, settings: LedgerSettings) -> DatabaseMonitoring | None:
    """Enhanced monitoring, but not of a database that pauses: it is there to cost nothing."""
    return DatabaseMonitoring(scope, "Monitoring") if settings.minimum_capacity else None


def _instance(construct_id: str, *, scale_with_writer: bool = False) -> rds.IClusterInstance:
    """An instance that AWS never upgrades by itself, because managed failover needs equal versions in both Regions."""
    if scale_with_writer:
        return rds.ClusterInstance.serverless_v2(
            construct_id, scale_with_writer=True, auto_minor_version_upgrade=False, publicly_accessible=False
        )
    return rds.ClusterInstance.serverless_v2(construct_id, auto_minor_version_upgrade=False, publicly_accessible=False)
