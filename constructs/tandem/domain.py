"""What a stage with a domain needs and CloudFormation cannot do: a part that nobody can guess, and an empty zone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import CustomResource, Duration
from constructs import Construct

from contract import parameters
from contract.names import arn
from tandem.functions import FunctionDefaults, RuntimeFunction

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_route53 as route53

__all__ = ["DomainResources"]


class DomainResources(Construct):
    """The end of the paths that health checks ask; and what empties the stage's own zone before it is deleted.

    `part` is for this stack. Other stacks read the parameter of their Region by a dynamic reference: an export would be
    an output, and CDK's own reference to another Region would be logged by the functions that carry it.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, defaults: FunctionDefaults, regions: Sequence[str]
    ) -> None:
        super().__init__(scope, construct_id)
        self._names = defaults.names
        self.runtime = RuntimeFunction(
            self,
            "Domain",
            name="domain",
            defaults=defaults,
            description="Makes the end of the checked paths, and empties the stage's zone before it is deleted",
            timeout=Duration.minutes(1),
            memory_megabytes=256,
        )
        self.part = self._add_part(regions).get_att_string("Part")

    def _add_part(self, regions: Sequence[str]) -> CustomResource:
        names = self._names
        name = names.parameter(parameters.CHECKED_PART)
        self.runtime.allow(
            "ssm:GetParameter",
            "ssm:PutParameter",
            "ssm:DeleteParameter",
            on=[arn("ssm", f"parameter{name}", region=region, account=names.account) for region in regions],
        )
        return self._resource("CheckedPart", "Custom::TandemCheckedPart", {"Parameter": name, "Regions": list(regions)})

    def empty_before_deletion(self, zone: route53.IHostedZone) -> None:
        """Have the records that validated certificates deleted before the zone is, which else could not be."""
        self.runtime.allow(
            "route53:ListResourceRecordSets", "route53:ChangeResourceRecordSets", on=[zone.hosted_zone_arn]
        )
        resource = self._resource("ValidationRecords", "Custom::TandemValidationRecords", {"Zone": zone.hosted_zone_id})
        resource.node.add_dependency(zone)

    def _resource(self, construct_id: str, resource_type: str, properties: Mapping[str, Any]) -> CustomResource:
        resource = CustomResource(
            self,
            construct_id,
            resource_type=resource_type,
            service_token=self.runtime.function.function_arn,
            properties=properties,
        )
        resource.node.add_dependency(self.runtime.role, self.runtime.log_group)
        return resource
