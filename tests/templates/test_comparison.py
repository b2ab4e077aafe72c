"""The comparison of the ledgers: who reaches which cluster, by which way."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk.assertions import Match

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk.assertions import Template

    Stage = Callable[[str], dict[str, Template]]


@pytest.mark.parametrize("stage", ["staging", "prod"])
def test_each_cluster_admits_the_comparison_by_group_here_and_by_range_over_the_peering(
    templates: Stage, stage: str
) -> None:
    near, far = templates(stage)["SecondaryRegionStack"], templates(stage)["PrimaryRegionStack"]
    vpc = near.find_resources("AWS::EC2::VPC")
    [cidr] = [each["Properties"]["CidrBlock"] for each in vpc.values()]
    rules = [
        rule
        for group in far.find_resources("AWS::EC2::SecurityGroup").values()
        for rule in group["Properties"].get("SecurityGroupIngress", [])
        if "CidrIp" in rule
    ]
    assert [(rule["CidrIp"], rule["FromPort"], rule["ToPort"]) for rule in rules] == [(cidr, 5432, 5432)]
    near.has_resource_properties(
        "AWS::EC2::SecurityGroupIngress", {"FromPort": 5432, "SourceSecurityGroupId": Match.any_value()}
    )


@pytest.mark.parametrize("stage", ["staging", "prod"])
def test_the_comparison_may_connect_to_both_clusters_as_the_application_and_nothing_else(
    templates: Stage, stage: str
) -> None:
    template = templates(stage)["SecondaryRegionStack"]
    [policy] = [
        each["Properties"]["PolicyDocument"]["Statement"]
        for name, each in template.find_resources("AWS::IAM::Policy").items()
        if name.startswith("ComparisonCompareRole")
    ]
    connects = [statement for statement in policy if statement["Action"] == "rds-db:connect"]
    assert len(connects) == 1
    resources: list[Any] = connects[0]["Resource"]
    assert len(resources) == 2
    assert all(json.dumps(each).count("/tandem_app") == 1 and "dbuser:*" not in json.dumps(each) for each in resources)
    assert not [s for s in policy if "dynamodb" in json.dumps(s["Action"]) or "s3:" in json.dumps(s["Action"])]


def test_a_stage_of_one_region_has_no_comparison_and_opens_its_ledger_to_no_range(templates: Stage) -> None:
    template = templates("dev")["PrimaryRegionStack"]
    assert not [name for name in template.find_resources("AWS::Lambda::Function") if name.startswith("Comparison")]
    groups = template.find_resources("AWS::EC2::SecurityGroup").values()
    assert not [rule for group in groups for rule in group["Properties"].get("SecurityGroupIngress", [])]
