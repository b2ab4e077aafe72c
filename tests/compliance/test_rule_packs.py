from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from aws_cdk import CfnResource, Stack
from aws_cdk import aws_sns as sns

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aws_cdk import App

PACKS = {"AwsSolutions", "NIST.800.53.R5"}


def primary(app: App) -> Stack:
    stack = app.node.find_child("PrimaryRegionStack")
    assert isinstance(stack, Stack)
    return stack


@pytest.mark.parametrize("stage", ["dev", "staging", "prod"])
def test_no_finding_of_the_rule_packs_or_of_template_validation_is_left(
    stage: str, synthesized: Callable[[str], Path]
) -> None:
    report = json.loads((synthesized(stage) / "validation-report.json").read_text(encoding="utf-8"))
    assert {each["pluginName"] for each in report["pluginReports"]} >= PACKS
    assert [each["violations"] for each in report["pluginReports"]] == [[]] * len(report["pluginReports"])
    assert len(list(synthesized(stage).glob("*.template.json"))) == (2 if stage == "dev" else 3)


def test_what_the_rule_packs_or_the_schemas_object_to_fails_synthesis(compose: Callable[[str], App]) -> None:
    """One synthesis with two mistakes: each has to be named by whoever objects to it."""
    app = compose("dev")
    sns.Topic(primary(app), "Unencrypted")
    CfnResource(primary(app), "Misspelt", type="AWS::SNS::Topic", properties={"KmsMasterKey": "alias/aws/sns"})
    with pytest.raises(RuntimeError, match="ValidationFailed") as failure:
        app.synth()
    assert "AwsSolutions-SNS3" in str(failure.value)
    assert "NIST.800.53.R5-SNSEncryptedKMS" in str(failure.value)
    assert "CloudFormation-Validate::F3002" in str(failure.value)
    assert "PrimaryRegionStack/Unencrypted" in str(failure.value)
    assert "PrimaryRegionStack/Misspelt" in str(failure.value)
