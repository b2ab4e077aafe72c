"""The secondary Region: it attaches itself, owns every link between the two, and takes them with it when it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import aws_s3 as s3

from contract.documents import rule_from
from stacks.region_stack import RegionStack, RegionTables
from tandem.comparison import FarLedger, LedgerComparison
from tandem.documents import ReplicationTarget, ReverseReplication
from tandem.ledger import SecondaryLedger
from tandem.network import Peering
from tandem.table_stream import ReplicaStream

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms
    from constructs import Construct

    from stacks.global_stack import GlobalStack
    from stacks.placement import Placement
    from stacks.primary_region_stack import PrimaryRegionStack
    from stacks.settings.tables import Network
    from tandem.ledger import PrimaryLedger


class SecondaryRegionStack(RegionStack):
    """The Region that takes over: it joins the primary's network, tables, ledger and documents."""

    incoming_documents_rule = rule_from(primary=True)

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
        super().__init__(
            scope, construct_id, placement=placement, shared=shared, network=network, role="secondary", **stack
        )
        self._primary = primary
        self.failures["Recovery"] = shared.recovery.failures  # its stack has no topic to tell
        self.compose()

    def add_key(self) -> kms.IKey:
        """The shared key, which lives in this Region."""
        return self.shared.key

    def add_links(self) -> None:
        """The peering of both networks."""
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

    def add_tables(self) -> RegionTables:
        """The journal's replica, which the primary's stack made; the operational table is backed up there."""
        names = self.placement.names
        stream = ReplicaStream(self, "JournalStream", defaults=self.defaults, table_name=names.journal_table)
        return RegionTables(
            stream_arn=stream.arn,
            backed_up=[names.table_arn(names.journal_table, self.placement.secondary)],
        )

    def add_ledger(self) -> SecondaryLedger:
        """A member of the global database that replicates from the primary Region."""
        placement = self.placement
        return SecondaryLedger(
            self,
            "Ledger",
            identifier=placement.names.cluster(placement.secondary),
            settings=placement.settings.ledger,
            network=self.network,
            keeping=self.defaults,
            global_cluster=placement.names.global_cluster,
            source_region=placement.primary,
        )

    def add_comparison(self, ledger: PrimaryLedger | SecondaryLedger) -> None:
        """The comparison with the primary Region's ledger, over the peering."""
        primary = self._primary
        LedgerComparison(
            self,
            "Comparison",
            defaults=self.defaults,
            network=self.network,
            near=ledger,
            far=FarLedger(ledger=primary.ledger, region=self.placement.primary, cidr=primary.network.cidr),
        )

    def add_documents(self) -> s3.IBucket:
        """The bucket of the global stack, and replication back to the primary where the stage replicates documents."""
        if self.placement.replicates_documents:
            self._add_reverse_replication()
        return s3.Bucket.from_bucket_attributes(
            self,
            "Documents",
            bucket_name=self.placement.names.documents_bucket(self.placement.secondary),
            encryption_key=self.shared.key,
        )

    def copy_vault_arn(self) -> str | None:
        """The primary's own vault."""
        return self.placement.names.vault_arn(self.placement.names.backup_vault, self.placement.primary)

    def _add_reverse_replication(self) -> None:
        placement, names = self.placement, self.placement.names
        ReverseReplication(
            self,
            "ReverseReplication",
            bucket_name=names.documents_bucket(placement.secondary),
            key=self.shared.key,
            target=ReplicationTarget(
                bucket_arn=names.bucket_arn(names.documents_bucket(placement.primary)),
                key_arn=self._primary.key.key_arn,
                region=placement.primary,
                time_control=placement.documents_in_time,
            ),
        )
