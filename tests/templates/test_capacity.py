"""Each Region of two is alarmed on when it lacks room for the other one, and on a projector that is held short."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App
from aws_cdk.assertions import Match, Template

from stacks import composition
from stacks.settings.stage import load

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
OTHER = {"PrimaryRegionStack": "us-west-2", "SecondaryRegionStack": "us-east-1"}


def alarms(template: Template, metric: str) -> list[dict[str, Any]]:
    given = template.find_resources("AWS::CloudWatch::Alarm", {"Properties": {"MetricName": metric}})
    return [each["Properties"] for each in given.values()]


@pytest.mark.parametrize("stack", OTHER)
def test_a_limit_below_the_other_regions_peak_is_alarmed_on_and_stays_so_between_looks(
    templates: Callable[[str], dict[str, Template]], stack: str
) -> None:
    for stage in ("staging", "prod"):
        [alarm] = alarms(templates(stage)[stack], "ConcurrencyShortfall")
        assert {each["Name"]: each["Value"] for each in alarm["Dimensions"]} == {
            "region": OTHER[stack],
            "service": "tandem-capacity",
            "stage": stage,
        }
        assert (alarm["Threshold"], alarm["EvaluationPeriods"]) == (0, 1)
        assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
        assert alarm["TreatMissingData"] == "ignore"
        [safe] = templates(stage)[stack].find_resources("AWS::CloudWatch::CompositeAlarm").values()
        assert "ConcurrencyShortfall" in str(safe["Properties"]["AlarmRule"])


def test_no_stage_reserves_the_projectors_concurrency_so_none_has_an_alarm_on_it(
    templates: Callable[[str], dict[str, Template]],
) -> None:
    for stage in ("dev", "staging", "prod"):
        for template in templates(stage).values():
            assert alarms(template, "ProjectorDemand") == []


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_a_stage_that_reserves_it_is_told_when_the_stream_asks_for_more(tmp_path: Path, stage: str) -> None:
    text = (ROOT / "settings" / f"{stage}.toml").read_text(encoding="utf-8")
    line = "projector_concurrency = 7\n"
    text = (
        text.replace("[functions]\n", f"[functions]\n{line}")
        if "[functions]" in text
        else f"{text}\n[functions]\n{line}"
    )
    (tmp_path / f"{stage}.toml").write_text(text, encoding="utf-8")
    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    stacks = composition.build(App(context=context), load(stage, tmp_path, account="000000000000"))
    for stack in stacks:
        if stack.node.id not in OTHER:
            continue
        template = Template.from_stack(stack)
        [alarm] = alarms(template, "ProjectorDemand")
        assert alarm["Threshold"] == 7
        template.has_resource_properties(
            "AWS::Lambda::Function",
            {
                "FunctionName": f"tandem-capacity-{stage}",
                "Environment": {"Variables": Match.object_like({"TANDEM_PROJECTOR_LANES": "2"})},
            },
        )
        template.has_resource_properties("AWS::Lambda::EventSourceMapping", {"ParallelizationFactor": 2})
