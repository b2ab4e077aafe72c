"""A stage without a domain: the same stage with its table [domain] left out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from aws_cdk import App
from aws_cdk.assertions import Match, Template

from contract.limits import SCHEDULED_HEARTBEAT_LIMIT_SECONDS
from costs.estimate import estimate
from costs.idle import unpriced
from costs.prices import read_prices
from costs.template import resources
from stacks import composition
from stacks.settings.stage import load

ROOT = Path(__file__).parents[2]
REGIONAL = ("PrimaryRegionStack", "SecondaryRegionStack")
DOMAIN = '[domain]\nname = "staging.tandem.example.com"\n'


def folder_without_domain(folder: Path) -> Path:
    text = (ROOT / "settings" / "staging.toml").read_text(encoding="utf-8")
    assert DOMAIN in text
    (folder / "staging.toml").write_text(text.replace(DOMAIN, ""), encoding="utf-8")
    return folder


def composed(folder: Path) -> App:
    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    app = App(context=context)
    settings = load("staging", folder, account="123456789012")
    composition.build(app, settings)
    composition.check(app, settings)
    return app


@pytest.fixture(scope="module")
def nameless(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Template]:
    """The templates of a staging without a domain; synthesis fails on any finding of the rule packs."""
    assembly = composed(folder_without_domain(tmp_path_factory.mktemp("settings"))).synth()
    return {stack.id: Template.from_json(stack.template) for stack in assembly.stacks}


def test_there_is_no_zone_no_record_no_health_check_and_no_certificate(nameless: dict[str, Template]) -> None:
    assert set(nameless) == {"GlobalStack", *REGIONAL}
    for template in nameless.values():
        kinds = {resource["Type"] for resource in template.to_json()["Resources"].values()}
        assert not {kind for kind in kinds if kind.startswith(("AWS::Route53::", "AWS::CertificateManager::"))}
        assert "AWS::ApiGatewayV2::DomainName" not in kinds


def test_clients_find_each_regions_url_and_no_name_among_the_parameters(nameless: dict[str, Template]) -> None:
    for region in REGIONAL:
        parameters = nameless[region].find_resources("AWS::SSM::Parameter").values()
        names = {str(each["Properties"]["Name"]).rpartition("/")[2] for each in parameters}
        assert "api-url" in names
        assert not names & {"api-name", "hosted-zone-id"}


def test_each_region_beats_its_heart_every_minute_and_says_where_its_api_answers(nameless: dict[str, Template]) -> None:
    for region in REGIONAL:
        template = nameless[region]
        [health] = template.find_resources(
            "AWS::Lambda::Function", {"Properties": {"FunctionName": "tandem-health-staging"}}
        )
        [api] = template.find_resources("AWS::ApiGatewayV2::Api")
        template.has_resource_properties(
            "AWS::Events::Rule",
            {
                "ScheduleExpression": "rate(1 minute)",
                "Targets": [
                    Match.object_like(
                        {
                            "Arn": {"Fn::GetAtt": [health, "Arn"]},
                            "Input": {
                                "Fn::Join": [
                                    "",
                                    [
                                        '{"stageVariables":{"endpoint":"',
                                        {"Fn::GetAtt": [api, "ApiEndpoint"]},
                                        '"}}',
                                    ],
                                ]
                            },
                        }
                    )
                ],
            },
        )


def test_alarms_wait_as_long_as_a_heartbeat_by_schedule_may_take(nameless: dict[str, Template]) -> None:
    alarms = [
        alarm["Properties"]
        for template in nameless.values()
        for alarm in template.find_resources("AWS::CloudWatch::Alarm").values()
        if alarm["Properties"].get("MetricName") == "HeartbeatAge"
    ]
    assert [alarm["Threshold"] for alarm in alarms] == [SCHEDULED_HEARTBEAT_LIMIT_SECONDS] * 3


def test_the_schedule_that_beats_a_regions_heart_is_priced(nameless: dict[str, Template]) -> None:
    where = {"GlobalStack": "us-west-2", "PrimaryRegionStack": "us-east-1", "SecondaryRegionStack": "us-west-2"}
    parts = [each for stack, template in nameless.items() for each in resources(where[stack], template.to_json())]
    assert unpriced(parts) == []
    beats = [line for line in estimate(parts, read_prices(), rate=10.0).idle if line.counted.startswith("health, ")]
    assert {line.region for line in beats} == {"us-east-1", "us-west-2"}
    assert all(0 < line.dollars < 1 for line in beats)


def test_the_takeover_switch_still_answers_whoever_asks(nameless: dict[str, Template]) -> None:
    nameless["GlobalStack"].has_resource_properties("AWS::ApiGatewayV2::Route", {"RouteKey": "GET /takeover"})
    nameless["GlobalStack"].has_resource_properties("AWS::SSM::Parameter", {"Name": "/tandem/staging/takeover-url"})
