from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk.assertions import Match

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk.assertions import Template

    Stage = Callable[[str], dict[str, Template]]


def test_the_stream_is_read_from_its_start_and_retried_for_ever(templates: Stage) -> None:
    for region in ("PrimaryRegionStack", "SecondaryRegionStack"):
        templates("prod")[region].has_resource_properties(
            "AWS::Lambda::EventSourceMapping",
            {
                "StartingPosition": "TRIM_HORIZON",
                "BisectBatchOnFunctionError": True,
                "FunctionResponseTypes": ["ReportBatchItemFailures"],
                "MaximumRetryAttempts": Match.absent(),
                "MaximumRecordAgeInSeconds": Match.absent(),
            },
        )


def test_health_probes_never_reach_the_projector(templates: Stage) -> None:
    templates("dev")["PrimaryRegionStack"].has_resource_properties(
        "AWS::Lambda::EventSourceMapping",
        {
            "FilterCriteria": {
                "Filters": [
                    {
                        "Pattern": Match.serialized_json(
                            {
                                "eventName": ["INSERT", "MODIFY"],
                                "dynamodb": {"Keys": {"pk": {"S": [{"prefix": "transaction#"}]}}},
                            }
                        )
                    }
                ]
            }
        },
    )


def test_the_sweeper_runs_every_minute(templates: Stage) -> None:
    templates("dev")["PrimaryRegionStack"].has_resource_properties(
        "AWS::Events::Rule", {"ScheduleExpression": "rate(1 minute)"}
    )
