from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Stack

from tandem.names import Names
from tandem.recovery_plan import RecoveryPlan

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk.assertions import Template

    Stage = Callable[[str], dict[str, Template]]


def _plan(templates: Stage) -> dict[str, Any]:
    (plan,) = templates("prod")["GlobalStack"].find_resources("AWS::ARCRegionSwitch::Plan").values()
    properties: dict[str, Any] = plan["Properties"]
    return properties


def test_traffic_leaves_first_and_comes_back_last(templates: Stage) -> None:
    workflows = {each["WorkflowTargetRegion"]: each["Steps"] for each in _plan(templates)["Workflows"]}
    steps = {region: [step["ExecutionBlockType"] for step in found] for region, found in workflows.items()}
    assert steps == {
        "us-west-2": ["CustomActionLambda", "AuroraGlobalDatabase"],
        "us-east-1": ["AuroraGlobalDatabase", "CustomActionLambda"],
    }


def test_the_writer_switches_over_and_fails_over_only_when_executed_ungracefully(templates: Stage) -> None:
    for workflow in _plan(templates)["Workflows"]:
        for step in workflow["Steps"]:
            if step["ExecutionBlockType"] == "AuroraGlobalDatabase":
                ledger = step["ExecutionBlockConfiguration"]["GlobalAuroraConfig"]
                assert ledger["Behavior"] == "switchoverOnly"
                assert ledger["Ungraceful"] == {"Ungraceful": "failover"}


def test_the_plan_states_its_objective_and_names_regions_literally(templates: Stage) -> None:
    plan = _plan(templates)
    assert plan["RecoveryTimeObjectiveMinutes"] == 15
    assert plan["PrimaryRegion"] == "us-east-1"
    assert "Fn::" not in str(plan["Workflows"])


def test_stages_that_do_not_pay_for_a_plan_have_none(templates: Stage) -> None:
    for stage in ("dev", "staging"):
        templates(stage)["GlobalStack"].resource_count_is("AWS::ARCRegionSwitch::Plan", 0)


def test_a_name_that_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="shorten the stage"):
        RecoveryPlan(
            Stack(),
            "Plan",
            names=Names(stage="a" * 40, account="000000000000"),
            primary_region="us-east-1",
            secondary_region="us-west-2",
            objective_minutes=15,
        )
