from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk.assertions import Match

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk.assertions import Template

    Stage = Callable[[str], dict[str, Template]]

REGIONS = ("PrimaryRegionStack", "SecondaryRegionStack")
DUAL = ("staging", "prod")


def canary_statements(template: Template) -> list[dict[str, Any]]:
    return [
        statement
        for name, policy in template.find_resources("AWS::IAM::Policy").items()
        if name.startswith("CanaryPost")
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
    ]


@pytest.mark.parametrize("stage", DUAL)
@pytest.mark.parametrize("stack", REGIONS)
def test_each_region_posts_to_each_region_every_minute_in_an_invocation_of_its_own(
    templates: Stage, stage: str, stack: str
) -> None:
    [rule] = [
        each["Properties"]
        for name, each in templates(stage)[stack].find_resources("AWS::Events::Rule").items()
        if name.startswith("Canary")
    ]
    assert rule["ScheduleExpression"] == "rate(1 minute)"
    regions = [json.loads(target["Input"])["target"] for target in rule["Targets"]]
    assert regions == ["us-east-1", "us-west-2"]
    assert {target["RetryPolicy"]["MaximumRetryAttempts"] for target in rule["Targets"]} == {0}


def test_a_stage_of_one_region_has_no_canary(templates: Stage) -> None:
    assert "canary" not in str(templates("dev")["PrimaryRegionStack"].to_json()).lower()


@pytest.mark.parametrize("stack", REGIONS)
def test_the_canarys_routes_are_authorized_by_iam_and_throttled(templates: Stage, stack: str) -> None:
    template = templates("prod")[stack]
    routes = {
        route["Properties"]["RouteKey"]: route["Properties"]["AuthorizationType"]
        for route in template.find_resources("AWS::ApiGatewayV2::Route").values()
    }
    [stage] = template.find_resources("AWS::ApiGatewayV2::Stage").values()
    for route in ("POST /canary", "GET /canary/{id}"):
        assert routes[route] == "AWS_IAM"
        assert stage["Properties"]["RouteSettings"][route]["ThrottlingRateLimit"] > 0


@pytest.mark.parametrize("stack", REGIONS)
def test_only_the_canarys_role_may_call_its_routes_and_no_other(templates: Stage, stack: str) -> None:
    template = templates("prod")[stack]
    [invoke] = [each for each in canary_statements(template) if each["Action"] == "execute-api:Invoke"]
    assert {arn.partition("*/*/")[2] for arn in invoke["Resource"]} == {"POST/canary", "GET/canary/*"}
    assert {arn.split(":")[3] for arn in invoke["Resource"]} == {"us-east-1", "us-west-2"}
    assert str(template.find_resources("AWS::IAM::Policy")).count("execute-api:Invoke") == 1


def test_what_it_saw_is_kept_in_the_secondary_region_alone(templates: Stage) -> None:
    for stack, kept in (("PrimaryRegionStack", False), ("SecondaryRegionStack", True)):
        template = templates("prod")[stack]
        updates = [each for each in canary_statements(template) if each["Action"] == "dynamodb:UpdateItem"]
        assert bool(updates) is kept
        template.has_resource_properties(
            "AWS::Lambda::Function",
            {
                "FunctionName": "tandem-canary-prod",
                "Timeout": 30,
                "Environment": {
                    "Variables": Match.object_like(
                        {"TANDEM_OBSERVATIONS_TABLE": "tandem-takeover-prod" if kept else "", "TANDEM_API_NAME": ""}
                    )
                },
            },
        )
