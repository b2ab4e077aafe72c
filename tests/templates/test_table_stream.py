from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk.assertions import Template

    Stage = Callable[[str], dict[str, Template]]


@pytest.mark.parametrize("stage", ["staging", "prod"])
def test_the_secondary_projects_from_a_stream_that_is_enabled_there_where_it_is_not(
    templates: Stage, stage: str
) -> None:
    template = templates(stage)["SecondaryRegionStack"]
    [(name, stream)] = template.find_resources("Custom::TandemReplicaStream").items()
    assert stream["Properties"]["Table"] == f"tandem-journal-{stage}"
    template.has_resource_properties(
        "AWS::Lambda::EventSourceMapping", {"EventSourceArn": {"Fn::GetAtt": [name, "StreamArn"]}}
    )


@pytest.mark.parametrize("stage", ["staging", "prod"])
def test_the_function_that_enables_it_may_change_the_replica_and_no_other_table(templates: Stage, stage: str) -> None:
    statements = [
        statement
        for policy in templates(stage)["SecondaryRegionStack"].find_resources("AWS::IAM::Policy").values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if "dynamodb:UpdateTable" in statement["Action"]
    ]
    assert [(statement["Action"], statement["Resource"]) for statement in statements] == [
        (
            ["dynamodb:DescribeTable", "dynamodb:UpdateTable"],
            f"arn:aws:dynamodb:us-west-2:000000000000:table/tandem-journal-{stage}",
        )
    ]
