"""No event that a function was given asynchronously vanishes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk.assertions import Template

    Stage = Callable[[str], dict[str, Template]]

STAGES = ("dev", "staging", "prod")


def destinations(template: Template) -> dict[str, str]:
    """The queue that keeps a function's failed events, by the function's logical id."""
    return {
        each["Properties"]["FunctionName"]["Ref"]: each["Properties"]["DestinationConfig"]["OnFailure"]["Destination"][
            "Fn::GetAtt"
        ][0]
        for each in template.find_resources("AWS::Lambda::EventInvokeConfig").values()
    }


def invoked_by_rules(template: Template) -> set[str]:
    """The logical ids of the functions that rules invoke."""
    rules = template.find_resources("AWS::Events::Rule").values()
    targets = [target["Arn"] for rule in rules for target in rule["Properties"]["Targets"]]
    return {arn["Fn::GetAtt"][0] for arn in targets if "Fn::GetAtt" in arn}


def allowed(template: Template, role: str) -> list[dict[str, Any]]:
    """The statements of the policies of a role."""
    return [
        statement
        for policy in template.find_resources("AWS::IAM::Policy").values()
        if {"Ref": role} in policy["Properties"]["Roles"]
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
    ]


@pytest.mark.parametrize("stage", STAGES)
def test_what_a_rule_invokes_leaves_its_failures_in_an_encrypted_queue_that_it_may_send_to(
    templates: Stage, stage: str
) -> None:
    for template in templates(stage).values():
        queues = template.find_resources("AWS::SQS::Queue")
        functions = template.find_resources("AWS::Lambda::Function")
        kept = destinations(template)
        assert set(kept) == invoked_by_rules(template)
        for function, queue in kept.items():
            assert "KmsMasterKeyId" in queues[queue]["Properties"]
            assert queues[queue]["Properties"]["MessageRetentionPeriod"] == 14 * 24 * 3600
            role, _ = functions[function]["Properties"]["Role"]["Fn::GetAtt"]
            sends = [each["Resource"] for each in allowed(template, role) if each["Action"] == "sqs:SendMessage"]
            assert sends == [{"Fn::GetAtt": [queue, "Arn"]}]


def test_recover_and_what_looks_after_each_region_are_what_rules_invoke(templates: Stage) -> None:
    names = {
        stack: {
            template.find_resources("AWS::Lambda::Function")[function]["Properties"]["FunctionName"]
            for function in invoked_by_rules(template)
        }
        for stack, template in templates("prod").items()
    }
    in_each = {f"tandem-{name}-prod" for name in ("sweeper", "canary", "attest", "capacity")}
    assert names == {
        "GlobalStack": {"tandem-recover-prod"},
        "PrimaryRegionStack": in_each,
        "SecondaryRegionStack": in_each,
    }


@pytest.mark.parametrize("stage", STAGES)
def test_an_alarm_of_the_region_watches_each_queue_until_it_is_emptied(templates: Stage, stage: str) -> None:
    alarms = [
        (stack, alarm["Properties"])
        for stack, template in templates(stage).items()
        for alarm in template.find_resources("AWS::CloudWatch::Alarm").values()
        if alarm["Properties"].get("Namespace") == "AWS/SQS"
    ]
    queues = [queue for template in templates(stage).values() for queue in template.find_resources("AWS::SQS::Queue")]
    assert len(alarms) == len(queues) == len({(stack, str(alarm["Dimensions"])) for stack, alarm in alarms})
    for _, alarm in alarms:
        assert (alarm["MetricName"], alarm["Threshold"]) == ("ApproximateNumberOfMessagesVisible", 0)
        assert alarm["TreatMissingData"] == "ignore"
        assert alarm["AlarmActions"]
