from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk.assertions import Match

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk.assertions import Template

    Stage = Callable[[str], dict[str, Template]]


def test_endpoints_are_checked_every_ten_seconds_and_fail_after_three(templates: Stage) -> None:
    for region in ("PrimaryRegionStack", "SecondaryRegionStack"):
        templates("prod")[region].has_resource_properties(
            "AWS::Route53::HealthCheck",
            {"HealthCheckConfig": Match.object_like({"Type": "HTTPS", "RequestInterval": 10, "FailureThreshold": 3})},
        )


def test_the_primary_serves_only_while_it_answers_and_nobody_has_taken_over(templates: Stage) -> None:
    primary = templates("prod")["PrimaryRegionStack"]
    primary.has_resource_properties(
        "AWS::Route53::HealthCheck",
        {
            "HealthCheckConfig": {
                "Type": "CALCULATED",
                "HealthThreshold": 2,
                "ChildHealthChecks": [Match.any_value(), Match.any_value()],
            }
        },
    )
    primary.has_resource_properties("AWS::Route53::RecordSet", {"Type": "CNAME", "TTL": "30", "Failover": "PRIMARY"})


def test_the_secondary_does_not_ask_the_primary(templates: Stage) -> None:
    secondary = templates("prod")["SecondaryRegionStack"]
    secondary.resource_count_is("AWS::Route53::HealthCheck", 1)
    secondary.has_resource_properties(
        "AWS::Route53::RecordSet", {"Type": "CNAME", "TTL": "30", "Failover": "SECONDARY"}
    )
