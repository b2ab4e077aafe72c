from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aws_cdk.assertions import Match

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk.assertions import Template

    Stage = Callable[[str], dict[str, Template]]


def test_every_route_but_the_health_check_asks_who_calls(templates: Stage) -> None:
    routes = templates("prod")["PrimaryRegionStack"].find_resources("AWS::ApiGatewayV2::Route")
    by_key = {found["Properties"]["RouteKey"]: found["Properties"] for found in routes.values()}
    [checked] = [key for key in by_key if key.startswith("GET /healthz")]
    assert by_key.pop(checked).get("AuthorizationType") == "NONE"
    assert by_key
    assert {route["AuthorizationType"] for route in by_key.values()} == {"AWS_IAM"}


def test_the_stage_logs_access_and_throttles_each_route(templates: Stage) -> None:
    templates("prod")["PrimaryRegionStack"].has_resource_properties(
        "AWS::ApiGatewayV2::Stage",
        {
            "StageName": "$default",
            "AccessLogSettings": Match.object_like({"DestinationArn": Match.any_value()}),
            "RouteSettings": Match.object_like(
                {"POST /transactions": Match.object_like({"ThrottlingRateLimit": 500, "ThrottlingBurstLimit": 1000})}
            ),
        },
    )


def test_a_zone_that_nobody_delegated_has_no_certificate(templates: Stage) -> None:
    for stack in templates("prod").values():
        stack.resource_count_is("AWS::CertificateManager::Certificate", 0)


@pytest.mark.parametrize("stack", ["PrimaryRegionStack", "SecondaryRegionStack"])
def test_every_request_carries_the_url_of_the_api_that_took_it(templates: Stage, stack: str) -> None:
    template = templates("prod")[stack]
    [api] = template.find_resources("AWS::ApiGatewayV2::Api")
    [stage] = template.find_resources("AWS::ApiGatewayV2::Stage").values()
    assert stage["Properties"]["StageVariables"] == {"endpoint": {"Fn::GetAtt": [api, "ApiEndpoint"]}}
