from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

import pytest
from aws_cdk.assertions import Match

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk.assertions import Template

    Stage = Callable[[str], dict[str, Template]]

REGIONS = ("PrimaryRegionStack", "SecondaryRegionStack")
STAGES = ("dev", "staging", "prod")


def regional(templates: dict[str, Template]) -> list[Template]:
    return [templates[name] for name in REGIONS if name in templates]


@pytest.mark.parametrize(("stage", "zones"), [("dev", 2), ("staging", 2), ("prod", 3)])
def test_subnets_are_isolated_one_per_zone(templates: Stage, stage: str, zones: int) -> None:
    for template in regional(templates(stage)):
        template.resource_count_is("AWS::EC2::Subnet", zones)
        template.all_resources_properties("AWS::EC2::Subnet", {"MapPublicIpOnLaunch": False})


@pytest.mark.parametrize("stage", STAGES)
def test_traffic_is_logged_and_the_default_security_group_is_locked(templates: Stage, stage: str) -> None:
    for template in regional(templates(stage)):
        template.has_resource_properties("AWS::EC2::FlowLog", {"TrafficType": "ALL"})
        template.resource_count_is("Custom::VpcRestrictDefaultSG", 1)


@pytest.mark.parametrize("stage", ["staging", "prod"])
def test_networks_do_not_overlap_and_are_peered_with_routes_on_both_ends(templates: Stage, stage: str) -> None:
    primary, secondary = (templates(stage)[name] for name in REGIONS)
    cidrs = [
        ipaddress.ip_network(vpc["Properties"]["CidrBlock"])
        for template in (primary, secondary)
        for vpc in template.find_resources("AWS::EC2::VPC").values()
    ]
    assert not cidrs[0].overlaps(cidrs[1])
    primary.resource_count_is("AWS::EC2::VPCPeeringConnection", 0)
    secondary.has_resource_properties("AWS::EC2::VPCPeeringConnection", {"PeerRegion": "us-east-1"})
    tables = len(secondary.find_resources("AWS::EC2::RouteTable"))
    near = secondary.find_resources(
        "AWS::EC2::Route", {"Properties": Match.object_like({"VpcPeeringConnectionId": Match.any_value()})}
    )
    far = [
        resource
        for resource in secondary.find_resources("Custom::AWS").values()
        if "createRoute" in str(resource["Properties"].get("Create"))
    ]
    assert len(near) == len(far) == tables
    assert all("deleteRoute" in str(resource["Properties"]["Delete"]) for resource in far)
