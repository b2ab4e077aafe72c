"""Who may invoke the function that moves the takeover switch, and the one that sweeps."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from contract.names import StageNames

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from aws_cdk.assertions import Template

    Stage = Callable[[str], dict[str, Template]]

STAGES = ("staging", "prod")
GUARDED = ("takeover", "sweeper")
MAY_INVOKE = ("PeopleOperator", "Recovery", "RecoveryPlan", "Verification")
"""The constructs whose roles may, by the beginning of their policies' logical ids."""


def named(template: Template, name: str) -> str | None:
    """The logical id of the function of this name, None where the stack has none."""
    functions = template.find_resources("AWS::Lambda::Function", {"Properties": {"FunctionName": name}})
    return next(iter(functions), None)


def grants(template: Template, stage: str, name: str) -> Iterator[Mapping[str, Any]]:
    """The statements of the function's own policy."""
    function = named(template, StageNames(stage=stage).function(name))
    for permission in template.find_resources("AWS::Lambda::Permission").values():
        if function and permission["Properties"]["FunctionName"] == {"Fn::GetAtt": [function, "Arn"]}:
            yield permission["Properties"]


@pytest.mark.parametrize("stage", STAGES)
def test_nobody_but_one_route_and_the_rules_may_invoke_the_switch_and_the_sweeper_from_outside(
    templates: Stage, stage: str
) -> None:
    admitted = []
    for template in templates(stage).values():
        rules = template.find_resources("AWS::Events::Rule")
        for name in GUARDED:
            for grant in grants(template, stage, name):
                source = grant["SourceArn"]
                if grant["Principal"] == "events.amazonaws.com":
                    assert source["Fn::GetAtt"][0] in rules
                else:
                    assert grant["Principal"] == "apigateway.amazonaws.com"
                    assert "/takeover" in json.dumps(source)
                admitted.append((name, grant["Principal"].partition(".")[0]))
    assert sorted(admitted) == [*[("sweeper", "events")] * 4, ("takeover", "apigateway")]


@pytest.mark.parametrize("stage", STAGES)
def test_no_function_may_be_invoked_by_a_service_without_saying_for_what(templates: Stage, stage: str) -> None:
    permissions = [
        each["Properties"]
        for template in templates(stage).values()
        for each in template.find_resources("AWS::Lambda::Permission").values()
    ]
    assert permissions
    assert all(each.get("SourceArn") and each["Principal"].endswith(".amazonaws.com") for each in permissions)


@pytest.mark.parametrize("stage", STAGES)
def test_no_other_role_of_the_stage_may_invoke_them(templates: Stage, stage: str) -> None:
    functions = [StageNames(stage=stage).function(name) for name in GUARDED]
    invoking = set()
    for template in templates(stage).values():
        ids = [f'"{found}"' for name in functions if (found := named(template, name))]
        for policy_id, policy in template.find_resources("AWS::IAM::Policy").items():
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
                text = json.dumps(statement["Resource"])
                reaches = any(f":{name}" in text for name in functions) or any(each in text for each in ids)
                if "lambda:InvokeFunction" in statement["Action"] and (reaches or statement["Resource"] == "*"):
                    invoking.add(policy_id)
    assert invoking
    assert all(policy_id.startswith(MAY_INVOKE) for policy_id in invoking), invoking
