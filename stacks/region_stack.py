"""What both Regions' stacks do in the same way, once network, tables, documents and ledger are there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import Stack

from contract import parameters
from tandem.api import Authorization, CustomDomain, TransactionApi
from tandem.functions import RegionFunctions
from tandem.monitoring import RegionMonitoring
from tandem.network import RegionNetwork
from tandem.notifications import Notifications
from tandem.parameters import Parameters
from tandem.projector import Projection, SweepSchedule
from tandem.routing import FailoverRecord
from tandem.verification import RecoveryVerification

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_route53 as route53
    from aws_cdk import aws_s3 as s3
    from constructs import Construct

    from stacks.placement import Placement
    from stacks.settings.tables import Network
    from tandem.ledger import PrimaryLedger, SecondaryLedger
    from tandem.monitoring import Replication

__all__ = ["RegionStack"]


class RegionStack(Stack):
    """A Region that takes transactions."""

    def __init__(self, scope: Construct, construct_id: str, *, placement: Placement, role: str, **stack: Any) -> None:
        super().__init__(scope, construct_id, **stack)
        self.placement = placement
        self.role = role
        self.region_name = placement.primary if role == "primary" else placement.secondary
        networks = placement.settings.networks
        network = networks.primary if role == "primary" else networks.secondary
        if network:
            # CDK checks a VPC's zones against a look-up of the account: the settings answer it
            look_up = f"availability-zones:account={placement.settings.account}:region={self.region_name}"
            self.node.set_context(look_up, list(network.availability_zones))

    def add_network(self, network: Network, key: kms.IKey) -> RegionNetwork:
        """The Region's VPC."""
        return RegionNetwork(
            self,
            "Network",
            cidr=network.cidr,
            availability_zones=network.availability_zones,
            key=key,
            log_retention=self.placement.log_retention,
            retain=self.placement.settings.retain,
        )

    def add_notifications(self, key: kms.IKey) -> Notifications:
        """The Region's topic."""
        return Notifications(self, "Notifications", key=key, notify=self.placement.settings.notify)

    def add_functions(
        self,
        *,
        key: kms.IKey,
        network: RegionNetwork,
        ledger: PrimaryLedger | SecondaryLedger,
        cluster_resource_id: str,
        documents: s3.IBucket,
        stream_arn: str,
    ) -> RegionFunctions:
        """The Region's functions, and what makes them run."""
        settings = self.placement.settings
        functions = RegionFunctions(
            self,
            "Functions",
            defaults=self.placement.function_defaults(role=self.role, key=key),
            network=network,
            ledger=ledger,
            cluster_resource_id=cluster_resource_id,
            documents=documents,
            strong_reads=settings.journal.consistency == "strong",
            sweep_margin_seconds=settings.functions.sweep_margin_seconds,
            idle_seconds=settings.ledger.idle_seconds,
            health_concurrency=settings.functions.health_concurrency,
            projector_concurrency=settings.functions.projector_concurrency,
        )
        self.projection = Projection(self, "Projection", projector=functions.projector, stream_arn=stream_arn)
        SweepSchedule(self, "Sweep", sweeper=functions.sweeper)
        return functions

    def add_api(self, *, functions: RegionFunctions, key: kms.IKey, zone: route53.IHostedZone) -> TransactionApi:
        """The Region's API."""
        settings = self.placement.settings
        domain = CustomDomain(name=self.placement.api_name, zone=zone) if settings.domain.delegated else None
        return TransactionApi(
            self,
            "Api",
            transactions=functions.transactions,
            health=functions.health,
            authorization=Authorization(issuer=settings.api.jwt_issuer, audience=settings.api.jwt_audience),
            rate=settings.api.rate,
            burst=settings.api.burst,
            key=key,
            log_retention=self.placement.log_retention,
            retain=settings.retain,
            domain=domain,
        )

    def add_record(
        self, *, api: TransactionApi, zone: route53.IHostedZone, not_taken_over: route53.IHealthCheck | None = None
    ) -> None:
        """The Region's answer to the API's name."""
        FailoverRecord(
            self,
            "Record",
            zone=zone,
            record_name=self.placement.api_name,
            api=api,
            region=self.region_name,
            primary=self.role == "primary",
            not_taken_over=not_taken_over,
        )

    def add_verification(self, key: kms.IKey) -> None:
        """What the stage's recovery plan verifies this Region with."""
        placement = self.placement
        if placement.settings.recovery.plan:
            RecoveryVerification(
                self,
                "Verification",
                defaults=placement.function_defaults(role=self.role, key=key),
                regions=[placement.primary, placement.secondary],
            )

    def add_monitoring(
        self,
        *,
        functions: RegionFunctions,
        api: TransactionApi,
        notifications: Notifications,
        replication: Replication | None,
    ) -> None:
        """The Region's alarms and dashboard."""
        RegionMonitoring(
            self,
            "Monitoring",
            names=self.placement.names,
            functions=functions,
            api=api,
            topic=notifications.topic,
            region=self.region_name,
            replication=replication,
        )

    def add_parameters(
        self, *, api: TransactionApi, zone: route53.IHostedZone, cluster_arn: str, secret_arn: str
    ) -> None:
        """What operators and clients look up."""
        names = self.placement.names
        Parameters(
            self,
            "Parameters",
            names=names,
            values={
                parameters.ROLE: self.role,
                parameters.TOPOLOGY: self.placement.settings.topology,
                parameters.API_URL: api.url,
                parameters.API_NAME: self.placement.api_name,
                parameters.HOSTED_ZONE_ID: zone.hosted_zone_id,
                parameters.JOURNAL_TABLE: names.journal_table,
                parameters.OPERATIONAL_TABLE: names.operational_table,
                parameters.LEDGER_CLUSTER_ARN: cluster_arn,
                parameters.DATABASE_SECRET_ARN: secret_arn,
                parameters.DOCUMENTS_BUCKET: names.documents_bucket(self.region_name),
                parameters.SWEEPER_FUNCTION: names.function("sweeper"),
                parameters.PROJECTOR_MAPPING_ID: self.projection.mapping.event_source_mapping_id,
                **({parameters.TAKEOVER_FUNCTION: names.function("takeover")} if self.placement.dual else {}),
            },
        )
