from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from contract.names import Names
from tandem.recovery_plan import RecoveryPlan
from tandem_runtime.takeover.logic import STEPS

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk.assertions import Template

    Stage = Callable[[str], dict[str, Template]]


def _plan(templates: Stage) -> dict[str, Any]:
    (plan,) = templates("prod")["GlobalStack"].find_resources("AWS::ARCRegionSwitch::Plan").values()
    properties: dict[str, Any] = plan["Properties"]
    return properties


def test_traffic_leaves_first_and_comes_back_last_once_the_ledger_is_verified(templates: Stage) -> None:
    workflows = {each["WorkflowTargetRegion"]: each["Steps"] for each in _plan(templates)["Workflows"]}
    steps = {region: [step["Name"] for step in found] for region, found in workflows.items()}
    assert steps == {
        "us-west-2": ["set-takeover", "move-ledger-writer", "verify-ledger"],
        "us-east-1": ["move-ledger-writer", "verify-ledger", "release-takeover"],
    }


def test_the_steps_that_move_the_switch_are_those_that_takeover_knows(templates: Stage) -> None:
    named = {
        step["Name"]
        for workflow in _plan(templates)["Workflows"]
        for step in workflow["Steps"]
        if "tandem-takeover" in str(step["ExecutionBlockConfiguration"])
    }
    assert named == set(STEPS)


def test_every_custom_action_is_a_function_of_both_regions_run_in_the_activated_one(templates: Stage) -> None:
    functions = {
        region: {
            each["Properties"].get("FunctionName") for each in template.find_resources("AWS::Lambda::Function").values()
        }
        for region, template in (
            ("us-east-1", templates("prod")["PrimaryRegionStack"]),
            ("us-west-2", templates("prod")["GlobalStack"]),
        )
    }
    functions["us-west-2"] |= {
        each["Properties"].get("FunctionName")
        for each in templates("prod")["SecondaryRegionStack"].find_resources("AWS::Lambda::Function").values()
    }
    for workflow in _plan(templates)["Workflows"]:
        for step in workflow["Steps"]:
            if step["ExecutionBlockType"] == "CustomActionLambda":
                action = step["ExecutionBlockConfiguration"]["CustomActionLambdaConfig"]
                assert action["RegionToRun"] == "activatingRegion"
                named = {tuple(each["Arn"].split(":")[i] for i in (3, 6)) for each in action["Lambdas"]}
                assert {region for region, _ in named} == set(functions)
                assert all(name in functions[region] for region, name in named)


def test_nothing_but_recover_and_people_start_the_plan(templates: Stage) -> None:
    assert "Triggers" not in _plan(templates)


def test_executions_are_reported_to_an_encrypted_private_bucket_that_the_plan_may_write_to(templates: Stage) -> None:
    template = templates("prod")["GlobalStack"]
    [output] = _plan(templates)["ReportConfiguration"]["ReportOutput"]
    reports = output["S3Configuration"]
    assert reports["BucketOwner"] == "000000000000"
    bucket = template.find_resources("AWS::S3::Bucket")[reports["BucketPath"]["Ref"]]
    assert "KMSMasterKeyID" in str(bucket["Properties"]["BucketEncryption"])
    assert set(bucket["Properties"]["PublicAccessBlockConfiguration"].values()) == {True}
    [policy] = [
        each
        for name, each in template.find_resources("AWS::IAM::Policy").items()
        if name.startswith("RecoveryPlanRoleDefaultPolicy")
    ]
    [write] = [each for each in policy["Properties"]["PolicyDocument"]["Statement"] if each.get("Sid") == "Reports"]
    assert write["Action"] == "s3:PutObject"
    assert reports["BucketPath"]["Ref"] in str(write["Resource"])


def _grants(templates: Stage) -> dict[str, dict[str, Any]]:
    """What the plan's role may do, by Sid."""
    [policy] = [
        each
        for name, each in templates("prod")["GlobalStack"].find_resources("AWS::IAM::Policy").items()
        if name.startswith("RecoveryPlanRoleDefaultPolicy")
    ]
    return {each["Sid"]: each for each in policy["Properties"]["PolicyDocument"]["Statement"]}


def test_the_plans_role_may_simulate_itself_and_nobody_else(templates: Stage) -> None:
    grants, role = _grants(templates), _plan(templates)["ExecutionRole"]["Fn::GetAtt"]
    assert grants["Evaluation"]["Action"] == "iam:SimulatePrincipalPolicy"
    assert grants["Evaluation"]["Resource"] == {"Fn::GetAtt": role}


def test_the_plan_counts_a_regions_recovery_until_the_alarm_on_its_api_is_green(templates: Stage) -> None:
    associated = _plan(templates)["AssociatedAlarms"].values()
    assert {alarm["AlarmType"] for alarm in associated} == {"applicationHealth"}
    named = {alarm["ResourceIdentifier"] for alarm in associated}
    made = {
        f"arn:aws:cloudwatch:{region}:000000000000:alarm:{alarm['Properties']['AlarmName']}"
        for region, stack in (("us-east-1", "PrimaryRegionStack"), ("us-west-2", "SecondaryRegionStack"))
        for alarm in templates("prod")[stack].find_resources("AWS::CloudWatch::Alarm").values()
        if alarm["Properties"].get("MetricName") == "5xx"
    }
    assert len(made) == 2
    assert named == made == set(_grants(templates)["Alarms"]["Resource"])


@pytest.mark.parametrize(("stage", "rules"), [("staging", 0), ("prod", 1)])
def test_what_the_plan_does_and_is_warned_of_reaches_the_topic_of_both_regions(
    templates: Stage, stage: str, rules: int
) -> None:
    for name in ("PrimaryRegionStack", "SecondaryRegionStack"):
        template = templates(stage)[name]
        [topic] = template.find_resources("AWS::SNS::Topic")
        targets = [
            [target["Arn"] for target in rule["Properties"]["Targets"]]
            for rule in template.find_resources("AWS::Events::Rule").values()
            if rule["Properties"].get("EventPattern", {}).get("source") == ["aws.arc-region-switch"]
        ]
        assert targets == [[{"Ref": topic}]] * rules


def test_the_plans_role_reads_the_alarms_of_its_stage_in_both_regions(templates: Stage) -> None:
    alarms = _grants(templates)["Alarms"]
    assert set(alarms["Action"]) == {"cloudwatch:DescribeAlarms", "cloudwatch:DescribeAlarmHistory"}
    assert alarms["Resource"] == [
        f"arn:aws:cloudwatch:{region}:000000000000:alarm:tandem-api-errors-prod"
        for region in ("us-east-1", "us-west-2")
    ]


def test_region_switch_assumes_the_plans_role_under_no_condition(templates: Stage) -> None:
    role, _ = _plan(templates)["ExecutionRole"]["Fn::GetAtt"]
    found = templates("prod")["GlobalStack"].find_resources("AWS::IAM::Role")[role]["Properties"]
    assert found["AssumeRolePolicyDocument"]["Statement"] == [
        {"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": {"Service": "arc-region-switch.amazonaws.com"}}
    ]


def test_the_writer_switches_over_and_fails_over_only_when_executed_ungracefully(templates: Stage) -> None:
    for workflow in _plan(templates)["Workflows"]:
        for step in workflow["Steps"]:
            if step["ExecutionBlockType"] == "AuroraGlobalDatabase":
                ledger = step["ExecutionBlockConfiguration"]["GlobalAuroraConfig"]
                assert ledger["Behavior"] == "switchoverOnly"
                assert ledger["Ungraceful"] == {"Ungraceful": "failover"}


def test_the_plan_states_its_objective_and_names_regions_literally(templates: Stage) -> None:
    plan = _plan(templates)
    assert plan["RecoveryTimeObjectiveMinutes"] == 15
    assert plan["PrimaryRegion"] == "us-east-1"
    assert "Fn::" not in str(plan["Workflows"])


def test_stages_that_do_not_pay_for_a_plan_have_none(templates: Stage) -> None:
    for stage in ("dev", "staging"):
        templates(stage)["GlobalStack"].resource_count_is("AWS::ARCRegionSwitch::Plan", 0)
        for template in templates(stage).values():
            assert "tandem-verify" not in str(template.find_resources("AWS::Lambda::Function"))


def test_a_name_that_is_too_long_is_refused() -> None:
    stack = Stack()
    with pytest.raises(ValueError, match="shorten the stage"):
        RecoveryPlan(
            stack,
            "Plan",
            names=Names(stage="a" * 40, account="000000000000"),
            primary_region="us-east-1",
            secondary_region="us-west-2",
            objective_minutes=15,
            key=kms.Key(stack, "Key"),
            access_logs=s3.Bucket(stack, "AccessLogs"),
            retain=False,
        )
