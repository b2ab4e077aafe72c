from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk.assertions import Match

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk.assertions import Template

    Stage = Callable[[str], dict[str, Template]]


def test_the_switch_is_healthy_while_its_endpoint_does_not_answer(templates: Stage) -> None:
    templates("prod")["GlobalStack"].has_resource_properties(
        "AWS::Route53::HealthCheck",
        {"HealthCheckConfig": Match.object_like({"Inverted": True, "Type": "HTTPS"})},
    )


def test_both_regions_functions_write_to_the_secondary_regions_item(templates: Stage) -> None:
    for stack in ("GlobalStack", "PrimaryRegionStack"):
        templates("prod")[stack].has_resource_properties(
            "AWS::Lambda::Function",
            {
                "FunctionName": "tandem-takeover-prod",
                "Environment": {
                    "Variables": Match.object_like(
                        {"TANDEM_TAKEOVER_REGION": "us-west-2", "TANDEM_TAKEOVER_TABLE": "tandem-takeover-prod"}
                    )
                },
            },
        )


def test_one_region_has_no_switch(templates: Stage) -> None:
    dev = templates("dev")["GlobalStack"]
    dev.resource_count_is("AWS::ApiGatewayV2::Api", 0)
    dev.resource_properties_count_is("AWS::Lambda::Function", {"FunctionName": "tandem-takeover-dev"}, 0)
