"""Restore tests: what is restored, where to, who may reach it, and who proves it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk.assertions import Template

    Stage = Callable[[str], dict[str, Template]]

PLAN, SELECTION = "AWS::Backup::RestoreTestingPlan", "AWS::Backup::RestoreTestingSelection"
REGIONS = [("PrimaryRegionStack", "tandem-backup-{}"), ("SecondaryRegionStack", "tandem-copies-{}")]


def only(template: Template, kind: str) -> dict[str, Any]:
    [found] = template.find_resources(kind).values()
    properties: dict[str, Any] = found["Properties"]
    return properties


def named(template: Template, kind: str, part: str) -> dict[str, dict[str, Any]]:
    return {name: dict(each) for name, each in template.find_resources(kind).items() if part in name}


@pytest.mark.parametrize("stage", ["staging", "prod"])
@pytest.mark.parametrize(("stack", "vault"), REGIONS)
def test_the_newest_point_of_each_vault_is_restored_every_week(
    templates: Stage, stage: str, stack: str, vault: str
) -> None:
    plan = only(templates(stage)[stack], PLAN)
    assert plan["ScheduleExpression"].endswith("? * SUN *)")
    selection = plan["RecoveryPointSelection"]
    assert selection["Algorithm"] == "LATEST_WITHIN_WINDOW"
    [tested] = selection["IncludeVaults"]
    assert tested.endswith(vault.format(stage))


@pytest.mark.parametrize("stack", ["PrimaryRegionStack", "SecondaryRegionStack"])
def test_a_restored_ledger_lands_in_the_ledgers_subnets_behind_a_group_that_only_the_proof_reaches(
    templates: Stage, stack: str
) -> None:
    template = templates("prod")[stack]
    overrides = only(template, SELECTION)["RestoreMetadataOverrides"]
    [cluster] = template.find_resources("AWS::RDS::DBCluster").values()
    assert overrides["dbSubnetGroupName"] == cluster["Properties"]["DBSubnetGroupName"]
    assert overrides["enableIamDatabaseAuthentication"] == "true"
    [restored] = named(template, "AWS::EC2::SecurityGroup", "RestoreTestingRestored")
    [proof] = named(template, "AWS::EC2::SecurityGroup", "RestoreTestingProof")
    assert restored in json.dumps(overrides["vpcSecurityGroupIds"])
    admitted = [
        rule["Properties"]["SourceSecurityGroupId"]["Fn::GetAtt"][0]
        for rule in template.find_resources("AWS::EC2::SecurityGroupIngress").values()
        if rule["Properties"]["GroupId"] == {"Fn::GetAtt": [restored, "GroupId"]}
    ]
    assert admitted == [proof]
    [function] = named(template, "AWS::Lambda::Function", "RestoreTestingProve").values()
    assert function["Properties"]["VpcConfig"]["SecurityGroupIds"] == [{"Fn::GetAtt": [proof, "GroupId"]}]


@pytest.mark.parametrize("stack", ["PrimaryRegionStack", "SecondaryRegionStack"])
def test_what_reports_runs_outside_the_vpc_and_touches_nothing_but_what_a_test_restored(
    templates: Stage, stack: str
) -> None:
    template = templates("prod")[stack]
    [function] = named(template, "AWS::Lambda::Function", "RestoreTestingAttest").values()
    assert "VpcConfig" not in function["Properties"]
    [policy] = named(template, "AWS::IAM::Policy", "RestoreTestingAttestRole").values()
    changed = [
        resource
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if "rds:DeleteDBInstance" in statement["Action"]
        for resource in statement["Resource"]
    ]
    assert len(changed) == 2
    assert all(":awsbackup-restore-test-*" in resource for resource in changed)


@pytest.mark.parametrize("stack", ["PrimaryRegionStack", "SecondaryRegionStack"])
def test_a_completed_restore_of_a_ledger_starts_the_proof_and_its_failures_are_an_alarm(
    templates: Stage, stack: str
) -> None:
    template = templates("prod")[stack]
    [rule] = named(template, "AWS::Events::Rule", "RestoreTestingCompleted").values()
    pattern = rule["Properties"]["EventPattern"]
    assert pattern["detail-type"] == ["Restore Job State Change"]
    assert pattern["detail"] == {"status": ["COMPLETED"], "resourceType": ["Aurora"]}
    alarms = named(template, "AWS::CloudWatch::Alarm", "RestoreTestFailed")
    assert len(alarms) == 1


def test_a_stage_of_one_region_has_no_copy_to_prove(templates: Stage) -> None:
    for template in templates("dev").values():
        template.resource_count_is(PLAN, 0)
