"""The log groups of CDK's own providers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk.assertions import Template

    Stage = Callable[[str], dict[str, Template]]


@pytest.mark.parametrize("stage", ["dev", "staging", "prod"])
def test_every_function_names_a_log_group_of_its_stack(templates: Stage, stage: str) -> None:
    nameless = [
        f"{name} {logical_id}"
        for name, template in templates(stage).items()
        for logical_id, function in template.find_resources("AWS::Lambda::Function").items()
        if "LogGroup" not in function["Properties"].get("LoggingConfig", {})
    ]
    assert nameless == []


def test_the_reader_that_the_replica_key_waits_for_waits_for_no_key(templates: Stage) -> None:
    template = templates("prod")["PrimaryRegionStack"]
    [reader] = [
        function["Properties"]["LoggingConfig"]["LogGroup"]["Ref"]
        for logical_id, function in template.find_resources("AWS::Lambda::Function").items()
        if logical_id.startswith("CustomCrossRegionExportReader")
    ]
    assert "KmsKeyId" not in template.find_resources("AWS::Logs::LogGroup")[reader].get("Properties", {})


def test_provider_logs_go_with_the_stack(templates: Stage) -> None:
    for template in templates("prod").values():
        groups = template.find_resources("AWS::Logs::LogGroup")
        own = [group for name, group in groups.items() if name.startswith(("ProviderLogs", "ReaderLogs"))]
        assert own
        assert {group["DeletionPolicy"] for group in own} == {"Delete"}
