"""The log groups of CDK's own providers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk.assertions import Template

    Stage = Callable[[str], dict[str, Template]]


@pytest.mark.parametrize("stage", ["dev", "staging", "prod"])
def test_every_function_but_one_names_a_log_group_of_its_stack(templates: Stage, stage: str) -> None:
    nameless = [
        f"{name} {logical_id}"
        for name, template in templates(stage).items()
        for logical_id, function in template.find_resources("AWS::Lambda::Function").items()
        if "LogGroup" not in function["Properties"].get("LoggingConfig", {})
    ]
    expected = 0 if stage == "dev" else 1
    assert len(nameless) == expected
    assert all(each.startswith("PrimaryRegionStack CustomCrossRegionExportReader") for each in nameless)


def test_provider_logs_go_with_the_stack(templates: Stage) -> None:
    for template in templates("prod").values():
        groups = template.find_resources("AWS::Logs::LogGroup")
        [kept] = [group for name, group in groups.items() if name.startswith("ProviderLogs")]
        assert kept["DeletionPolicy"] == "Delete"
