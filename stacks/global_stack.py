"""What must outlive the primary Region, and what is needed to leave it. It lives in the secondary Region."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import Stack

from contract import parameters
from tandem.access import PeopleRoles
from tandem.backup import Vault
from tandem.documents import DocumentBucket
from tandem.domain import DomainResources
from tandem.keys import MultiRegionKey
from tandem.ledger import GlobalLedger
from tandem.parameters import Parameters
from tandem.recover import Recovery
from tandem.recovery_plan import RecoveryPlan
from tandem.routing import ApiZone
from tandem.takeover import TakeoverSwitch

if TYPE_CHECKING:
    from aws_cdk import aws_route53 as route53
    from constructs import Construct

    from stacks.placement import Placement
    from stacks.settings.tables import Domain


class GlobalStack(Stack):
    """Key, zone where the stage has a domain, and more where it has two Regions.

    That is: the global database, the targets of copies, the takeover switch and the recovery plan.
    """

    def __init__(self, scope: Construct, construct_id: str, *, placement: Placement, **stack: Any) -> None:
        super().__init__(scope, construct_id, **stack)
        self._placement = placement
        settings, names = placement.settings, placement.names
        self.key = MultiRegionKey(
            self,
            "Key",
            account=settings.account,
            role_prefixes=placement.role_prefixes,
            retain=settings.retain,
        ).key
        self.zone: route53.IHostedZone | None = None
        self._part: str | None = None
        if settings.domain:
            self.zone = ApiZone(self, "Zone", settings=settings.domain, retain=settings.retain).zone
            self._add_domain(settings.domain, self.zone)
        PeopleRoles(
            self,
            "People",
            names=names,
            regions=list(dict.fromkeys([placement.primary, placement.secondary])),
            hosted_zone_id=self.zone.hosted_zone_id if self.zone else None,
            has_plan=settings.recovery.plan and placement.dual,
            has_experiments=settings.game_days.experiments and placement.dual,
        )
        if placement.dual:
            GlobalLedger(
                self,
                "Ledger",
                identifier=names.global_cluster,
                engine_version=settings.ledger.engine_version,
                retain=settings.retain,
            )
            self._add_copy_targets()
            self._add_recovery()

    def _add_domain(self, domain: Domain, zone: route53.IHostedZone) -> None:
        placement = self._placement
        resources = DomainResources(
            self,
            "Domain",
            defaults=placement.function_defaults(role="secondary" if placement.dual else "primary", key=self.key),
            regions=sorted({placement.primary, placement.secondary}),
        )
        self._part = resources.part
        if domain.owned and domain.delegated and not placement.settings.retain:
            resources.empty_before_deletion(zone)

    def _add_copy_targets(self) -> None:
        placement, names = self._placement, self._placement.names
        self._documents = DocumentBucket(
            self,
            "Documents",
            bucket_name=names.documents_bucket(placement.secondary),
            key=self.key,
            retain=placement.settings.retain,
        )
        Vault(
            self,
            "Copies",
            name=names.copy_vault,
            account=names.account,
            keeping=placement.function_defaults(role="secondary", key=self.key),
            lock=placement.settings.backup.lock,
        )

    def _add_recovery(self) -> None:
        placement, settings, names = self._placement, self._placement.settings, self._placement.names
        defaults = placement.function_defaults(role="secondary", key=self.key)
        self.takeover = TakeoverSwitch(self, "Takeover", defaults=defaults, part=self._part)
        plan_arn = None
        if settings.recovery.plan:
            plan_arn = RecoveryPlan(
                self,
                "RecoveryPlan",
                names=names,
                primary_region=placement.primary,
                secondary_region=placement.secondary,
                objective_minutes=settings.recovery.objective_minutes,
                key=self.key,
                access_logs=self._documents.access_logs,
                retain=settings.retain,
            ).plan.attr_arn
        self.recovery = Recovery(
            self,
            "Recovery",
            defaults=defaults,
            primary_region=placement.primary,
            heartbeat_limit_seconds=placement.heartbeat_limit_seconds,
            plan_arn=plan_arn,
        )
        values = {parameters.TAKEOVER_URL: self.takeover.url, parameters.LEDGER_GLOBAL_CLUSTER: names.global_cluster}
        if plan_arn:
            values[parameters.PLAN_ARN] = plan_arn
        Parameters(self, "Parameters", names=names, values=values)
