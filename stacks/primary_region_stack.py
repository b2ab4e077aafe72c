"""The primary Region, complete by itself: once it is deployed, data is already safe off-Region."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contract.documents import rule_from
from stacks.region_stack import RegionStack, RegionTables
from tandem.comparison import admit_peer
from tandem.documents import DocumentBucket, ReplicationTarget
from tandem.journal import Journal, OperationalTable
from tandem.keys import ReplicaKey
from tandem.ledger import LedgerReplica, PrimaryLedger
from tandem.migrations import LedgerMigrations
from tandem.takeover import TakeoverFunction

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_route53 as route53
    from aws_cdk import aws_s3 as s3
    from constructs import Construct

    from stacks.global_stack import GlobalStack
    from stacks.placement import Placement
    from tandem.ledger import SecondaryLedger
    from tandem.projector import Projection


class PrimaryRegionStack(RegionStack):
    """The Region that takes transactions at first: it owns both tables, the writer and its schema."""

    incoming_documents_rule = rule_from(primary=False)

    def __init__(
        self, scope: Construct, construct_id: str, *, placement: Placement, shared: GlobalStack, **stack: Any
    ) -> None:
        network = placement.settings.networks.primary
        super().__init__(
            scope, construct_id, placement=placement, shared=shared, network=network, role="primary", **stack
        )
        self.compose()

    def add_key(self) -> kms.IKey:
        """A replica of the shared key; where there is one Region, the key itself, which is in this Region already."""
        placement = self.placement
        if not placement.dual:
            return self.shared.key
        return ReplicaKey(
            self,
            "Key",
            primary_key_arn=self.shared.key.key_arn,
            account=placement.settings.account,
            role_prefixes=placement.role_prefixes,
            retain=placement.settings.retain,
        ).key

    def add_tables(self) -> RegionTables:
        """Both tables, with a replica in the secondary Region where there is one."""
        placement, names = self.placement, self.placement.names
        replica = placement.secondary if placement.dual else None
        replica_key = self.shared.key if placement.dual else None
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
        backed_up = [journal.table.table_arn, operational.table.table_arn]
        return RegionTables(stream_arn=journal.stream_arn, backed_up=backed_up)

    def add_ledger(self) -> PrimaryLedger:
        """The writer, a member of the global database where there is one."""
        placement, names = self.placement, self.placement.names
        replica = None
        if placement.dual:
            replica = LedgerReplica(
                global_cluster=names.global_cluster, region=placement.secondary, key_arn=self.shared.key.key_arn
            )
        self.ledger = PrimaryLedger(
            self,
            "Ledger",
            identifier=names.cluster(placement.primary),
            secret_name=names.administrator_secret,
            settings=placement.settings.ledger,
            network=self.network,
            keeping=self.defaults,
            replica=replica,
        )
        return self.ledger

    def add_documents(self) -> s3.IBucket:
        """The bucket, whose documents are copied to the secondary Region's where the stage replicates them."""
        placement, names = self.placement, self.placement.names
        target = None
        if placement.replicates_documents:
            target = ReplicationTarget(
                bucket_arn=names.bucket_arn(names.documents_bucket(placement.secondary)),
                key_arn=self.shared.key.key_arn,
                region=placement.secondary,
                time_control=placement.documents_in_time,
            )
        return DocumentBucket(
            self,
            "Documents",
            bucket_name=names.documents_bucket(placement.primary),
            key=self.key,
            retain=placement.settings.retain,
            target=target,
        ).bucket

    def add_schema(self, projection: Projection) -> None:
        """The ledger's migrations, before anything is projected into it."""
        migrations = LedgerMigrations(
            self,
            "Migrations",
            defaults=self.defaults,
            cluster_arn=self.ledger.arn,
            secret=self.ledger.secret,
            writer=self.ledger.cluster,
        )
        projection.node.add_dependency(migrations)

    def add_comparison(self, ledger: PrimaryLedger | SecondaryLedger) -> None:
        """The secondary Region's network may reach the ledger, where there is one."""
        far = self.placement.settings.networks.secondary
        if far:
            admit_peer(ledger, far.cidr)

    def add_takeover(self) -> route53.IHealthCheck | None:
        """The takeover switch's function and health check, where there is a Region that can take over."""
        if not self.placement.dual:
            return None
        TakeoverFunction(self, "TakeoverAction", defaults=self.defaults, table_region=self.placement.secondary)
        return self.shared.takeover.health_check

    def copy_vault_arn(self) -> str | None:
        """The vault for copies, in the secondary Region."""
        placement, names = self.placement, self.placement.names
        return names.vault_arn(names.copy_vault, placement.secondary) if placement.dual else None
