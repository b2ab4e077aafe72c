"""The zone, the health checks, and the failover records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk import aws_route53 as route53
from constructs import Construct

from tandem.retention import removal

if TYPE_CHECKING:
    from tandem.api import TransactionApi
    from tandem.settings import DomainSettings

__all__ = ["ApiZone", "FailoverRecord", "endpoint_check"]

CHECK_INTERVAL_SECONDS = 10
CHECK_FAILURES = 3
RECORD_TTL = Duration.seconds(30)


class ApiZone(Construct):
    """The zone of the API's name: created, imported, or created and delegated from an imported parent."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: DomainSettings,
        retain: bool = False,
    ) -> None:
        super().__init__(scope, construct_id)
        name, imported_zone_id, parent_name = settings.name, settings.hosted_zone_id, settings.parent_name
        self.zone: route53.IHostedZone
        if imported_zone_id and parent_name is None:
            self.zone = route53.HostedZone.from_hosted_zone_attributes(
                self, "Zone", hosted_zone_id=imported_zone_id, zone_name=name
            )
            return
        zone = route53.PublicHostedZone(self, "Zone", zone_name=name)
        zone.apply_removal_policy(removal(retain=retain))
        self.zone = zone
        if imported_zone_id and parent_name:
            parent = route53.HostedZone.from_hosted_zone_attributes(
                self, "Parent", hosted_zone_id=imported_zone_id, zone_name=parent_name
            )
            route53.ZoneDelegationRecord(
                self,
                "Delegation",
                zone=parent,
                record_name=name,
                name_servers=zone.hosted_zone_name_servers or [],
                ttl=Duration.minutes(5),
            )


def endpoint_check(
    scope: Construct, construct_id: str, *, host: str, path: str, inverted: bool = False
) -> route53.HealthCheck:
    """A check of an HTTPS endpoint every 10 s that fails after 3 failures; inverted, it is healthy when that fails."""
    return route53.HealthCheck(
        scope,
        construct_id,
        type=route53.HealthCheckType.HTTPS,
        fqdn=host,
        port=443,
        resource_path=path,
        request_interval=Duration.seconds(CHECK_INTERVAL_SECONDS),
        failure_threshold=CHECK_FAILURES,
        inverted=inverted,
    )


class FailoverRecord(Construct):
    """The Region's answer to the API's name.

    The primary answers while its endpoint does and nobody has taken over; otherwise the secondary does, while its own
    endpoint answers. When both are unhealthy Route 53 returns the primary (Developer Guide, active-passive failover).
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        zone: route53.IHostedZone,
        record_name: str,
        api: TransactionApi,
        region: str,
        primary: bool,
        not_taken_over: route53.IHealthCheck | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        check: route53.IHealthCheck = endpoint_check(self, "Endpoint", host=api.endpoint_host, path=api.health_path)
        check.node.add_dependency(api.stage)  # it would fail while its path has no route yet
        if primary and not_taken_over:
            check = route53.HealthCheck(
                self,
                "Serving",
                type=route53.HealthCheckType.CALCULATED,
                child_health_checks=[check, not_taken_over],
                health_threshold=2,
            )
        self.record = route53.CnameRecord(
            self,
            "Record",
            zone=zone,
            record_name=record_name,
            domain_name=api.domain_name.regional_domain_name if api.domain_name else api.endpoint_host,
            ttl=RECORD_TTL,
            set_identifier=region,
            failover=route53.Failover.PRIMARY if primary else route53.Failover.SECONDARY,
            health_check=check,
        )
