"""The paths that health checks ask end in a part that nobody can guess, and that nothing shows who may not know it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App
from aws_cdk.assertions import Template

from stacks import composition
from stacks.settings.stage import load

if TYPE_CHECKING:
    from collections.abc import Callable

    Stage = Callable[[str], dict[str, Template]]

ROOT = Path(__file__).parents[2]
STAGES = ("dev", "staging", "prod")
RESOURCES = frozenset(
    {
        "AWS::ApiGatewayV2::Route",
        "AWS::Lambda::Permission",
        "AWS::Route53::HealthCheck",
        "AWS::SSM::Parameter",
    }
)
"""What names a checked path: the route, who may invoke its function by it, the check, and the URL for operators."""


def reference(stage: str) -> str:
    """How a Region's stack refers to the part: CloudFormation reads it when it deploys."""
    return f"{{{{resolve:ssm:/tandem/{stage}/checked-part}}}}"


def part(templates: Stage, stage: str) -> dict[str, list[str]]:
    """How the stack that makes the part refers to it."""
    [made] = templates(stage)["GlobalStack"].find_resources("Custom::TandemCheckedPart")
    return {"Fn::GetAtt": [made, "Part"]}


@pytest.mark.parametrize("stage", STAGES)
def test_every_check_asks_a_path_that_ends_in_the_part_and_has_a_route(templates: Stage, stage: str) -> None:
    asked: list[Any] = []
    for template in templates(stage).values():
        keys = [each["Properties"]["RouteKey"] for each in template.find_resources("AWS::ApiGatewayV2::Route").values()]
        for check in template.find_resources("AWS::Route53::HealthCheck").values():
            path = check["Properties"]["HealthCheckConfig"].get("ResourcePath")
            if isinstance(path, str):
                assert f"GET {path}" in keys
                asked.append(path)
            elif path is not None:
                assert {"Fn::Join": ["", ["GET /takeover/", part(templates, stage)]]} in keys
                asked.append(path)
        assert not {"GET /healthz", "GET /takeover"} & {key for key in keys if isinstance(key, str)}
    health = f"/healthz/{reference(stage)}"
    takeover = {"Fn::Join": ["", ["/takeover/", part(templates, stage)]]}
    assert asked == ([health] if stage == "dev" else [takeover, health, health])


@pytest.mark.parametrize("stage", STAGES)
def test_no_output_no_access_log_no_metric_of_a_route_and_no_functions_environment_holds_it(
    templates: Stage, stage: str
) -> None:
    for template in templates(stage).values():
        whole = template.to_json()
        for place in ("Outputs", "Metadata", "Parameters"):
            assert "checked-part" not in json.dumps(whole.get(place, {}))
            assert "CheckedPart" not in json.dumps(whole.get(place, {}))
        named = {
            resource["Type"]
            for resource in whole["Resources"].values()
            if reference(stage) in json.dumps(resource) or '"Part"' in json.dumps(resource)
        }
        assert named <= RESOURCES
        for each in template.find_resources("AWS::ApiGatewayV2::Stage").values():
            log = each["Properties"]["AccessLogSettings"]["Format"]
            assert not {"$context.routeKey", "$context.path"} & set(json.loads(log).values())
            assert not each["Properties"].get("DefaultRouteSettings", {}).get("DetailedMetricsEnabled", False)
            assert all("healthz" not in key for key in each["Properties"].get("RouteSettings", {}))


@pytest.mark.parametrize("stage", STAGES)
def test_the_function_that_makes_it_may_keep_it_in_each_region_and_touch_no_other_parameter(
    templates: Stage, stage: str
) -> None:
    regions = ["us-east-1"] if stage == "dev" else ["us-east-1", "us-west-2"]
    template = templates(stage)["GlobalStack"]
    [made] = template.find_resources("Custom::TandemCheckedPart").values()
    assert made["Properties"]["Regions"] == regions
    statements = [
        statement
        for policy in template.find_resources("AWS::IAM::Policy").values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if "ssm:PutParameter" in statement["Action"]
    ]
    [statement] = statements
    expected = [f"arn:aws:ssm:{region}:000000000000:parameter/tandem/{stage}/checked-part" for region in regions]
    assert statement["Resource"] == (expected if len(expected) > 1 else expected[0])


@pytest.mark.parametrize("retain", [True, False])
@pytest.mark.parametrize("zone", ["created", "delegated", "child", "imported"])
def test_only_a_zone_that_goes_with_the_stage_and_had_certificates_is_emptied(
    zone: str, tmp_path: Path, *, retain: bool
) -> None:
    given = {
        "imported": 'hosted_zone_id = "Z0123456789ABC"\n',
        "child": 'hosted_zone_id = "Z0123456789ABC"\nparent_name = "tandem.example.com"\n',
    }
    text = (ROOT / "settings" / "staging.toml").read_text(encoding="utf-8")
    name = 'name = "staging.tandem.example.com"'
    text = text.replace(name, f'{name}\nzone = "{zone}"\n{given.get(zone, "")}')
    text = text.replace("retain = false", f"retain = {str(retain).lower()}")
    (tmp_path / "staging.toml").write_text(text, encoding="utf-8")
    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    stacks = composition.build(App(context=context), load("staging", tmp_path, account="000000000000"))
    template = Template.from_stack(next(stack for stack in stacks if stack.node.id == "GlobalStack"))
    emptied = zone in ("delegated", "child") and not retain
    template.resource_count_is("Custom::TandemValidationRecords", int(emptied))
    for each in template.find_resources("Custom::TandemValidationRecords").values():
        [own] = template.find_resources("AWS::Route53::HostedZone")
        assert own in each["DependsOn"], "the records would be removed after the zone"
