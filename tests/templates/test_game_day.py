"""The experiments of a game day: what they touch, what stops them, and what their role may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from contract.game_days import EXPERIMENTS, NAME_TAG
from contract.names import Names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aws_cdk.assertions import Template

    Templates = Callable[[str], dict[str, Template]]

TYPE = "AWS::FIS::ExperimentTemplate"
PRIMARY, SECONDARY = "us-east-1", "us-west-2"
ACCOUNT = "000000000000"

ACTIONS = {
    "cross-region": {
        "aws:network:route-table-disrupt-cross-region-connectivity": {"duration": "PT10M", "region": SECONDARY},
        "aws:dynamodb:global-table-pause-replication": {"duration": "PT10M"},
    },
    "paused-replication": {"aws:dynamodb:global-table-pause-replication": {"duration": "PT10M"}},
    "cut-dynamodb": {"aws:network:disrupt-connectivity": {"duration": "PT10M", "scope": "dynamodb"}},
}

NEEDED = {
    # AWS FIS User Guide, actions reference: aws:network:disrupt-connectivity
    "ec2:CreateNetworkAcl",
    "ec2:CreateNetworkAclEntry",
    "ec2:CreateTags",
    "ec2:DeleteNetworkAcl",
    "ec2:DescribeManagedPrefixLists",
    "ec2:DescribeNetworkAcls",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
    "ec2:GetManagedPrefixListEntries",
    "ec2:ReplaceNetworkAclAssociation",
    # aws:network:route-table-disrupt-cross-region-connectivity
    "ec2:AssociateRouteTable",
    "ec2:CreateManagedPrefixList",
    "ec2:CreateNetworkInterface",
    "ec2:CreateRoute",
    "ec2:CreateRouteTable",
    "ec2:DeleteManagedPrefixList",
    "ec2:DeleteNetworkInterface",
    "ec2:DeleteRouteTable",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeRouteTables",
    "ec2:DescribeVpcPeeringConnections",
    "ec2:DisassociateRouteTable",
    "ec2:ModifyManagedPrefixList",
    "ec2:ModifyVpcEndpoint",
    "ec2:ReplaceRouteTableAssociation",
    # aws:dynamodb:global-table-pause-replication
    "dynamodb:PutResourcePolicy",
    "dynamodb:DeleteResourcePolicy",
    "dynamodb:GetResourcePolicy",
    "dynamodb:DescribeTable",
    "tag:GetResources",
    # experiment logging
    "logs:CreateLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:PutResourcePolicy",
}
"""What the role needs, as AWS's documents list it; it may do this and look at endpoints, and nothing else."""


def experiments(templates: Templates, stage: str) -> dict[str, dict[str, Any]]:
    """The properties of each template by its name tag without prefix and stage."""
    found = templates(stage)["PrimaryRegionStack"].find_resources(TYPE).values()
    by_tag = {each["Properties"]["Tags"][NAME_TAG]: each["Properties"] for each in found}
    names = Names(stage=stage, account=ACCOUNT)
    return {name: by_tag[names.experiment(name)] for name in EXPERIMENTS if names.experiment(name) in by_tag}


def statements(templates: Templates, stage: str) -> list[dict[str, Any]]:
    policies = templates(stage)["PrimaryRegionStack"].find_resources("AWS::IAM::Policy")
    [policy] = [each for name, each in policies.items() if name.startswith("GameDayRole")]
    found: list[dict[str, Any]] = policy["Properties"]["PolicyDocument"]["Statement"]
    return found


def actions_of(statement: Mapping[str, Any]) -> list[str]:
    named = statement["Action"]
    return [named] if isinstance(named, str) else list(named)


@pytest.mark.parametrize("stage", ["staging", "prod"])
def test_each_experiment_does_what_it_is_named_after_and_nothing_else(templates: Templates, stage: str) -> None:
    done = {
        name: {action["ActionId"]: action["Parameters"] for action in properties["Actions"].values()}
        for name, properties in experiments(templates, stage).items()
    }
    assert done == ACTIONS


@pytest.mark.parametrize("stage", ["staging", "prod"])
def test_alarms_of_the_same_stack_stop_every_experiment(templates: Templates, stage: str) -> None:
    alarms = templates(stage)["PrimaryRegionStack"].find_resources("AWS::CloudWatch::Alarm")
    for properties in experiments(templates, stage).values():
        stops = properties["StopConditions"]
        assert {each["Source"] for each in stops} == {"aws:cloudwatch:alarm"}
        assert len(stops) == 2
        for each in stops:
            alarm, attribute = each["Value"]["Fn::GetAtt"]
            assert (attribute, alarm in alarms) == ("Arn", True)


def test_targets_are_named_by_their_arns_and_never_by_tags(templates: Templates) -> None:
    names = Names(stage="prod", account=ACCOUNT)
    found = experiments(templates, "prod")
    tables = [names.table_arn(table, PRIMARY) for table in (names.journal_table, names.operational_table)]
    assert found["paused-replication"]["Targets"]["Tables"]["ResourceArns"] == tables
    assert len(found["cut-dynamodb"]["Targets"]["Subnets"]["ResourceArns"]) == 3
    assert all("ResourceTags" not in target for each in found.values() for target in each["Targets"].values())
    assert all(each["ExperimentOptions"]["EmptyTargetResolutionMode"] == "fail" for each in found.values())


def test_only_experiments_of_this_account_and_region_assume_the_role(templates: Templates) -> None:
    roles = templates("prod")["PrimaryRegionStack"].find_resources("AWS::IAM::Role")
    [role] = [each for name, each in roles.items() if name.startswith("GameDayRole")]
    [trust] = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "fis.amazonaws.com"}
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnLike": {"aws:SourceArn": f"arn:aws:fis:{PRIMARY}:{ACCOUNT}:experiment/*"},
    }


@pytest.mark.parametrize(("stage", "more"), [("staging", set()), ("prod", {"dynamodb:InjectError"})])
def test_the_role_may_do_what_the_actions_need_and_no_more(templates: Templates, stage: str, more: set[str]) -> None:
    granted = {action for statement in statements(templates, stage) for action in actions_of(statement)}
    assert granted == NEEDED | {"ec2:DescribeVpcEndpoints"} | more


def test_what_is_made_is_tagged_and_nothing_else_is_deleted(templates: Templates) -> None:
    for statement in statements(templates, "prod"):
        actions = actions_of(statement)
        condition = str(statement.get("Condition", ""))
        if any(action.startswith("ec2:Delete") for action in actions):
            assert "ec2:ResourceTag/managedByFIS" in condition, statement
        if "ec2:CreateTags" in actions:
            assert "aws:RequestTag/managedByFIS" in condition, statement


def test_a_stage_with_one_region_has_no_experiment(templates: Templates) -> None:
    assert experiments(templates, "dev") == {}
