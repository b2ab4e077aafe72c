"""The secondary Region: it attaches itself, owns every link between the two, and takes them with it when it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import custom_resources as cr

from stacks.region_stack import RegionStack
from tandem.backup import LedgerAndJournalBackup, Vault
from tandem.documents import REVERSE_RULE, ReplicationTarget, ReverseReplication
from tandem.ledger import SecondaryLedger
from tandem.monitoring import Replication
from tandem.network import Peering

if TYPE_CHECKING:
    from constructs import Construct

    from stacks.global_stack import GlobalStack
    from stacks.placement import Placement
    from stacks.primary_region_stack import PrimaryRegionStack
    from stacks.settings.tables import Network

__all__ = ["SecondaryRegionStack"]


class SecondaryRegionStack(RegionStack):
    """Network and peering, ledger, functions, API, record, reverse replication, backup and monitoring."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        placement: Placement,
        shared: GlobalStack,
        primary: PrimaryRegionStack,
        network: Network,
        **stack: Any,
    ) -> None:
        super().__init__(scope, construct_id, placement=placement, role="secondary", **stack)
        names, retain = placement.names, placement.settings.retain
        self._shared, self._primary = shared, primary
        self.network = self.add_network(network, shared.key)
        self._add_peering()
        notifications = self.add_notifications(shared.key)
        ledger = self._add_ledger()
        documents = s3.Bucket.from_bucket_attributes(
            self,
            "Documents",
            bucket_name=names.documents_bucket(placement.secondary),
            encryption_key=shared.key,
        )
        functions = self.add_functions(
            key=shared.key,
            network=self.network,
            ledger=ledger,
            cluster_resource_id=ledger.cluster.attr_db_cluster_resource_id,
            documents=documents,
            stream_arn=self._journal_stream(),
        )
        api = self.add_api(functions=functions, key=shared.key, zone=shared.zone)
        self.add_record(api=api, zone=shared.zone)
        if placement.replicates_documents:
            self._add_reverse_replication()
        self.add_verification(shared.key)
        vault = Vault(
            self,
            "Vault",
            name=names.backup_vault,
            key=shared.key,
            account=names.account,
            log_retention=placement.log_retention,
            retain=retain,
            lock=placement.settings.backup.lock,
        )
        LedgerAndJournalBackup(
            self,
            "Backup",
            vault=vault,
            copy_vault_arn=names.vault_arn(names.backup_vault, placement.primary),
            cluster_arn=ledger.cluster.attr_db_cluster_arn,
            table_arns=[names.table_arn(names.journal_table, placement.secondary)],
            continuous=retain,
            copy_hourly=placement.settings.backup.copy_hourly,
        )
        self.add_monitoring(functions=functions, api=api, notifications=notifications, replication=self._replication())
        self.add_parameters(
            api=api,
            zone=shared.zone,
            cluster_arn=ledger.cluster.attr_db_cluster_arn,
            secret_arn=names.administrator_secret_arn(placement.secondary),
        )

    def _add_peering(self) -> None:
        placement, far = self.placement, self._primary.network
        Peering(
            self,
            "Peering",
            near=self.network,
            far_vpc_id=far.vpc.vpc_id,
            far_cidr=far.cidr,
            far_route_tables=far.route_tables,
            far_region=placement.primary,
            account=placement.settings.account,
        )

    def _add_ledger(self) -> SecondaryLedger:
        placement, settings = self.placement, self.placement.settings.ledger
        return SecondaryLedger(
            self,
            "Ledger",
            identifier=placement.names.cluster(placement.secondary),
            engine_version=settings.engine_version,
            readers=settings.readers,
            minimum_capacity=settings.minimum_capacity,
            maximum_capacity=settings.maximum_capacity,
            backup_days=settings.backup_days,
            network=self.network,
            key=self._shared.key,
            log_retention=placement.log_retention,
            retain=placement.settings.retain,
            global_cluster=placement.names.global_cluster,
            source_region=placement.primary,
        )

    def _journal_stream(self) -> str:
        """The replica's stream: its ARN carries a time stamp that only its own Region knows."""
        names = self.placement.names
        table = names.table_arn(names.journal_table, self.placement.secondary)
        lookup = cr.AwsCustomResource(
            self,
            "JournalStream",
            install_latest_aws_sdk=False,
            on_update=cr.AwsSdkCall(
                service="DynamoDB",
                action="describeTable",
                parameters={"TableName": names.journal_table},
                physical_resource_id=cr.PhysicalResourceId.of("journal-stream"),
                output_paths=["Table.LatestStreamArn"],
            ),
            policy=cr.AwsCustomResourcePolicy.from_statements(
                [iam.PolicyStatement(actions=["dynamodb:DescribeTable"], resources=[table])]
            ),
        )
        return lookup.get_response_field("Table.LatestStreamArn")

    def _add_reverse_replication(self) -> None:
        placement, names = self.placement, self.placement.names
        ReverseReplication(
            self,
            "ReverseReplication",
            bucket_name=names.documents_bucket(placement.secondary),
            key=self._shared.key,
            target=ReplicationTarget(
                bucket_arn=names.bucket_arn(names.documents_bucket(placement.primary)),
                key_arn=self._primary.key.key_arn,
                region=placement.primary,
                time_control=placement.settings.documents.replication == "time-control",
            ),
        )

    def _replication(self) -> Replication:
        placement, names = self.placement, self.placement.names
        return Replication(
            other_region=placement.primary,
            cluster=names.cluster(placement.secondary),
            operational_table=names.operational_table,
            documents_bucket=names.documents_bucket(placement.secondary),
            documents_target=names.documents_bucket(placement.primary),
            documents_rule=REVERSE_RULE if placement.settings.documents.replication == "time-control" else None,
        )
