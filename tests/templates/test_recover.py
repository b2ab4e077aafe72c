from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk.assertions import Match

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk.assertions import Template

    Stage = Callable[[str], dict[str, Template]]


def test_a_blind_secondary_does_not_start_a_recovery(templates: Stage) -> None:
    templates("prod")["GlobalStack"].has_resource_properties(
        "AWS::CloudWatch::Alarm",
        {
            "MetricName": "HeartbeatAge",
            "TreatMissingData": "notBreaching",
            "Dimensions": Match.array_with([{"Name": "region", "Value": "us-east-1"}]),
        },
    )


def test_the_alarm_starts_recover_through_eventbridge(templates: Stage) -> None:
    templates("prod")["GlobalStack"].has_resource_properties(
        "AWS::Events::Rule",
        {"EventPattern": Match.object_like({"source": ["aws.cloudwatch"], "detail": {"state": {"value": ["ALARM"]}}})},
    )


def test_a_schedule_asks_recover_every_minute(templates: Stage) -> None:
    for stage in ("staging", "prod"):
        templates(stage)["GlobalStack"].has_resource_properties(
            "AWS::Events::Rule",
            {
                "ScheduleExpression": "rate(1 minute)",
                "State": "ENABLED",
                "Targets": [
                    Match.object_like({"Arn": {"Fn::GetAtt": [Match.string_like_regexp("^RecoveryRecover"), "Arn"]}})
                ],
            },
        )


def test_recover_may_start_the_plan_where_there_is_one_and_fail_the_database_over_past_it(templates: Stage) -> None:
    own = {
        stage: str(
            [
                policy
                for name, policy in templates(stage)["GlobalStack"].find_resources("AWS::IAM::Policy").items()
                if name.startswith("RecoveryRecover")
            ]
        )
        for stage in ("prod", "staging")
    }
    assert "arc-region-switch:StartPlanExecution" in own["prod"]
    assert "arc-region-switch:StartPlanExecution" not in own["staging"]
    for policies in own.values():
        assert "rds:FailoverGlobalCluster" in policies
        assert "table/tandem-takeover-" in policies
