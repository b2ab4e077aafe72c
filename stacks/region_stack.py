"""The order in which a Region is composed, which both Regions share, and what they fill in differently."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aws_cdk import Stack

from contract.checks import HEALTH_PATH, checked_path
from contract.settings_version import version_of
from stacks.game_days import game_days
from stacks.region_parameters import region_parameters
from stacks.restore_tests import restore_tests
from tandem.api import CustomDomain, TransactionApi
from tandem.backup import LedgerAndJournalBackup, Vault
from tandem.canary import Canary
from tandem.capacity import CapacityCheck
from tandem.functions import RegionFunctions
from tandem.heartbeat import HeartbeatSchedule
from tandem.monitoring import RegionMonitoring
from tandem.network import RegionNetwork
from tandem.notifications import Notifications
from tandem.parameters import Parameters
from tandem.projector import Projection, SweepSchedule
from tandem.routing import FailoverRecord
from tandem.sweep_symptoms import Sweeps
from tandem.symptoms import Replication
from tandem.verification import RecoveryVerification

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_route53 as route53
    from aws_cdk import aws_s3 as s3
    from constructs import Construct

    from stacks.global_stack import GlobalStack
    from stacks.placement import Placement
    from stacks.settings.tables import Network
    from tandem.failures import FailedInvocations
    from tandem.ledger import PrimaryLedger, SecondaryLedger


@dataclass(frozen=True, kw_only=True)
class RegionTables:
    """A Region's tables: the journal's stream, and the ARNs of those that the Region backs up."""

    stream_arn: str
    backed_up: Sequence[str]


class RegionStack(Stack):
    """A Region that takes transactions.

    `compose` is its table of contents. A subclass fills in the abstract methods (mypy holds it to that, because CDK's
    metaclass leaves no room for ABC's), overrides the other public ones where its Region has more, and calls `compose`
    when it knows what these methods need.
    """

    incoming_documents_rule: str
    """The id of the rule that replicates the other Region's documents to this one."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        placement: Placement,
        shared: GlobalStack,
        network: Network,
        role: str,
        **stack: Any,
    ) -> None:
        super().__init__(scope, construct_id, **stack)
        self.placement, self.shared, self.role = placement, shared, role
        primary = role == "primary"
        self.region_name = placement.primary if primary else placement.secondary
        self.other_region = placement.secondary if primary else placement.primary
        self._network_settings = network
        self.failures: dict[str, FailedInvocations] = {}
        # CDK checks a VPC's zones against a look-up of the account: the settings answer it
        look_up = f"availability-zones:account={placement.settings.account}:region={self.region_name}"
        self.node.set_context(look_up, list(network.availability_zones))

    def compose(self) -> None:
        """Build the Region, each part after those that it needs."""
        self.key = self.add_key()
        self.defaults = self.placement.function_defaults(role=self.role, key=self.key)
        self.network = self._add_network()
        self.add_links()
        notifications = Notifications(self, "Notifications", key=self.key, notify=self.placement.settings.notify)
        tables = self.add_tables()
        ledger = self.add_ledger()
        documents = self.add_documents()
        functions = self._add_functions(ledger, documents)
        projection = self._add_projection(functions, tables)
        self.add_schema(projection)
        api = self._add_api(functions)
        self._add_routing(functions, api, self.add_takeover())
        self._add_canary(api)
        self._add_capacity(tables)
        self._add_verification()
        self.add_comparison(ledger)
        self._add_backup(ledger, tables)
        self.failures |= restore_tests(self, ledger)
        self.alarms = self._add_monitoring(functions, api, notifications).by_name
        game_days(self)
        Parameters(
            self,
            "Parameters",
            names=self.placement.names,
            values=region_parameters(self, api=api, ledger=ledger, projection=projection),
        )

    @abstractmethod
    def add_key(self) -> kms.IKey:
        """The key that encrypts what the Region holds."""

    @abstractmethod
    def add_tables(self) -> RegionTables:
        """The journal and the operational table, or their replicas."""

    @abstractmethod
    def add_ledger(self) -> PrimaryLedger | SecondaryLedger:
        """The Region's Aurora cluster."""

    @abstractmethod
    def add_documents(self) -> s3.IBucket:
        """The Region's document bucket, and its replication to the other Region."""

    @abstractmethod
    def copy_vault_arn(self) -> str | None:
        """The vault of the other Region that backups are copied to; None in the single topology."""

    def add_links(self) -> None:
        """The connections between the two Regions' networks; the Region that joins later owns them."""

    def add_schema(self, projection: Projection) -> None:
        """The ledger's schema, which the projection waits for; a replica receives it by replication."""

    def add_comparison(self, ledger: PrimaryLedger | SecondaryLedger) -> None:
        """What compares both Regions' ledgers; the Region that joins later runs it, and the other one lets it in."""

    def add_takeover(self) -> route53.IHealthCheck | None:
        """The check that fails when the other Region has taken over; only the primary can be taken over from."""
        return None

    def _add_network(self) -> RegionNetwork:
        return RegionNetwork(self, "Network", settings=self._network_settings, keeping=self.defaults)

    def _add_functions(self, ledger: PrimaryLedger | SecondaryLedger, documents: s3.IBucket) -> RegionFunctions:
        settings = self.placement.settings
        return RegionFunctions(
            self,
            "Functions",
            defaults=self.defaults,
            network=self.network,
            ledger=ledger,
            documents=documents,
            strong_reads=settings.journal.consistency == "strong",
            settings=settings.functions,
            settings_version=version_of(settings.model_dump(mode="json")),
        )

    def _add_projection(self, functions: RegionFunctions, tables: RegionTables) -> Projection:
        self.failures["Sweep"] = SweepSchedule(self, "Sweep", sweeper=functions.sweeper, key=self.key).failures
        return Projection(self, "Projection", projector=functions.projector, stream_arn=tables.stream_arn)

    def _add_api(self, functions: RegionFunctions) -> TransactionApi:
        placement, settings = self.placement, self.placement.settings
        name, zone, domain = placement.api_name, self.shared.zone, None
        if name and zone and settings.domain and settings.domain.delegated:
            domain = CustomDomain(name=name, zone=zone)
        return TransactionApi(
            self,
            "Api",
            transactions=functions.transactions,
            health=functions.health,
            settings=settings.api,
            keeping=self.defaults,
            health_path=checked_path(HEALTH_PATH, placement.checked_part),
            domain=domain,
            canary=placement.dual,
        )

    def _add_routing(
        self, functions: RegionFunctions, api: TransactionApi, not_taken_over: route53.IHealthCheck | None
    ) -> None:
        name, zone = self.placement.api_name, self.shared.zone
        if name is None or zone is None:
            HeartbeatSchedule(self, "Heartbeat", health=functions.health, api=api)
            return
        FailoverRecord(
            self,
            "Record",
            zone=zone,
            record_name=name,
            api=api,
            region=self.region_name,
            primary=self.role == "primary",
            not_taken_over=not_taken_over,
        )

    def _add_canary(self, api: TransactionApi) -> None:
        placement = self.placement
        if placement.dual:
            self.failures["Canary"] = Canary(
                self,
                "Canary",
                defaults=self.defaults,
                regions=[placement.primary, placement.secondary],
                api=api,
                api_name=placement.api_name,
                keeps=self.role == "secondary",
            ).failures

    def _add_capacity(self, tables: RegionTables) -> None:
        if self.placement.dual or self.placement.settings.functions.projector_concurrency:
            self.failures["Capacity"] = CapacityCheck(
                self, "Capacity", defaults=self.defaults, stream_arn=tables.stream_arn
            ).failures

    def _add_verification(self) -> None:
        placement = self.placement
        if placement.settings.recovery.plan:
            regions = [placement.primary, placement.secondary]
            RecoveryVerification(self, "Verification", defaults=self.defaults, regions=regions)

    def _add_backup(self, ledger: PrimaryLedger | SecondaryLedger, tables: RegionTables) -> None:
        names, settings = self.placement.names, self.placement.settings
        vault = Vault(
            self,
            "Vault",
            name=names.backup_vault,
            account=names.account,
            keeping=self.defaults,
            lock=settings.backup.lock,
        )
        LedgerAndJournalBackup(
            self,
            "Backup",
            vault=vault,
            copy_vault_arn=self.copy_vault_arn(),
            cluster_arn=ledger.arn,
            table_arns=tables.backed_up,
            continuous=settings.retain,
            copy_hourly=settings.backup.copy_hourly,
        )

    def _add_monitoring(
        self, functions: RegionFunctions, api: TransactionApi, notifications: Notifications
    ) -> RegionMonitoring:
        return RegionMonitoring(
            self,
            "Monitoring",
            names=self.placement.names,
            functions=functions,
            api=api,
            topic=notifications.topic,
            region=self.region_name,
            failures=self.failures,
            has_plan=self.placement.settings.recovery.plan,
            sweeps=self._sweeps(),
            projector_concurrency=self.placement.settings.functions.projector_concurrency,
            decides=self.role == "secondary",
            tell_completed=self.placement.settings.backup.tell_completed,
            replication=self._replication() if self.placement.dual else None,
        )

    def _sweeps(self) -> Sweeps:
        settings = self.placement.settings.functions
        origins = [self.region_name, *([self.other_region] if self.placement.dual else [])]
        return Sweeps(origins=origins, margin_seconds=settings.sweep_margin_seconds)

    def _replication(self) -> Replication:
        placement, names = self.placement, self.placement.names
        return Replication(
            other_region=self.other_region,
            always_replicates=self.role == "secondary" and placement.settings.ledger.minimum_capacity > 0,
            heartbeat_limit_seconds=placement.heartbeat_limit_seconds,
            cluster=names.cluster(self.region_name),
            operational_table=names.operational_table,
            documents_source=names.documents_bucket(self.other_region),
            documents_bucket=names.documents_bucket(self.region_name),
            documents_rule=self.incoming_documents_rule if placement.documents_in_time else None,
        )
