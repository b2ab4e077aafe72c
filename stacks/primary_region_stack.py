"""The primary Region, complete by itself: once it is deployed, data is already safe off-Region."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stacks.region_stack import RegionStack
from tandem.backup import LedgerAndJournalBackup, Vault
from tandem.documents import FORWARD_RULE, DocumentBucket, ReplicationTarget
from tandem.journal import Journal, OperationalTable
from tandem.keys import ReplicaKey
from tandem.ledger import PrimaryLedger
from tandem.migrations import LedgerMigrations
from tandem.monitoring import Replication
from tandem.takeover import TakeoverFunction

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms
    from constructs import Construct

    from stacks.global_stack import GlobalStack
    from stacks.placement import Placement

__all__ = ["PrimaryRegionStack"]


class PrimaryRegionStack(RegionStack):
    """Network, journal, ledger, documents, functions, API, record, backup, monitoring."""

    def __init__(
        self, scope: Construct, construct_id: str, *, placement: Placement, shared: GlobalStack, **stack: Any
    ) -> None:
        super().__init__(scope, construct_id, placement=placement, role="primary", **stack)
        settings, names = placement.settings, placement.names
        self._shared = shared
        self.key = self._add_key()
        self.network = self.add_network(settings.networks.primary, self.key)
        notifications = self.add_notifications(self.key)
        journal, operational = self._add_tables()
        ledger = self.ledger = self._add_ledger()
        documents = self._add_documents()
        functions = self.add_functions(
            key=self.key,
            network=self.network,
            ledger=ledger,
            cluster_resource_id=ledger.cluster.cluster_resource_identifier,
            documents=documents.bucket,
            stream_arn=journal.stream_arn,
        )
        migrations = LedgerMigrations(
            self,
            "Migrations",
            defaults=placement.function_defaults(role="primary", key=self.key),
            cluster_arn=ledger.cluster.cluster_arn,
            secret=ledger.secret,
            writer=ledger.cluster,
        )
        self.projection.node.add_dependency(migrations)
        api = self.add_api(functions=functions, key=self.key, zone=shared.zone)
        if placement.dual:
            TakeoverFunction(
                self,
                "TakeoverAction",
                defaults=placement.function_defaults(role="primary", key=self.key),
                table_region=placement.secondary,
            )
        self.add_record(
            api=api,
            zone=shared.zone,
            not_taken_over=shared.takeover.health_check if placement.dual else None,
        )
        self.add_verification(self.key)
        vault = Vault(
            self,
            "Vault",
            name=names.backup_vault,
            key=self.key,
            account=names.account,
            log_retention=placement.log_retention,
            retain=settings.retain,
            lock=placement.settings.backup.lock,
        )
        LedgerAndJournalBackup(
            self,
            "Backup",
            vault=vault,
            copy_vault_arn=names.vault_arn(names.copy_vault, placement.secondary) if placement.dual else None,
            cluster_arn=ledger.cluster.cluster_arn,
            table_arns=[journal.table.table_arn, operational.table.table_arn],
            continuous=settings.retain,
            copy_hourly=placement.settings.backup.copy_hourly,
        )
        self.add_monitoring(functions=functions, api=api, notifications=notifications, replication=self._replication())
        self.add_parameters(
            api=api,
            zone=shared.zone,
            cluster_arn=ledger.cluster.cluster_arn,
            secret_arn=names.administrator_secret_arn(placement.primary),
        )

    def _add_key(self) -> kms.IKey:
        """In one Region the shared key is here already."""
        placement = self.placement
        if not placement.dual:
            return self._shared.key
        return ReplicaKey(
            self,
            "Key",
            primary_key_arn=self._shared.key.key_arn,
            account=placement.settings.account,
            role_prefixes=placement.role_prefixes,
            retain=placement.settings.retain,
        ).key

    def _add_tables(self) -> tuple[Journal, OperationalTable]:
        placement, names = self.placement, self.placement.names
        replica = placement.secondary if placement.dual else None
        replica_key = self._shared.key if placement.dual else None
        journal = Journal(
            self,
            "Journal",
            table_name=names.journal_table,
            key=self.key,
            retain=placement.settings.retain,
            replica=replica,
            replica_key=replica_key,
            witness=placement.settings.regions.witness,
        )
        operational = OperationalTable(
            self,
            "Operational",
            table_name=names.operational_table,
            key=self.key,
            retain=placement.settings.retain,
            replica=replica,
            replica_key=replica_key,
        )
        return journal, operational

    def _add_ledger(self) -> PrimaryLedger:
        placement, settings = self.placement, self.placement.settings.ledger
        return PrimaryLedger(
            self,
            "Ledger",
            identifier=placement.names.cluster(placement.primary),
            secret_name=placement.names.administrator_secret,
            engine_version=settings.engine_version,
            readers=settings.readers,
            minimum_capacity=settings.minimum_capacity,
            maximum_capacity=settings.maximum_capacity,
            backup_days=settings.backup_days,
            network=self.network,
            key=self.key,
            log_retention=placement.log_retention,
            retain=placement.settings.retain,
            global_cluster=placement.names.global_cluster if placement.dual else None,
            replica_region=placement.secondary if placement.dual else None,
            replica_key_arn=self._shared.key.key_arn if placement.dual else None,
        )

    def _add_documents(self) -> DocumentBucket:
        placement, names = self.placement, self.placement.names
        target = None
        if placement.replicates_documents:
            target = ReplicationTarget(
                bucket_arn=names.bucket_arn(names.documents_bucket(placement.secondary)),
                key_arn=self._shared.key.key_arn,
                region=placement.secondary,
                time_control=placement.settings.documents.replication == "time-control",
            )
        return DocumentBucket(
            self,
            "Documents",
            bucket_name=names.documents_bucket(placement.primary),
            key=self.key,
            retain=placement.settings.retain,
            target=target,
        )

    def _replication(self) -> Replication | None:
        placement, names = self.placement, self.placement.names
        if not placement.dual:
            return None
        return Replication(
            other_region=placement.secondary,
            cluster=names.cluster(placement.primary),
            operational_table=names.operational_table,
            documents_bucket=names.documents_bucket(placement.primary),
            documents_target=names.documents_bucket(placement.secondary),
            documents_rule=FORWARD_RULE if placement.settings.documents.replication == "time-control" else None,
        )
