"""What a verification on AWS costs follows from the templates and the price list."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from costs.prices import read_prices
from costs.template import Resource
from costs.verification import action_minutes, lines, main

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def experiment(name: str, *minutes: int) -> Resource:
    actions: dict[str, Any] = {
        f"Action{number}": {"Parameters": {"duration": f"PT{each}M"}} for number, each in enumerate(minutes)
    }
    properties = {"Actions": actions}
    return Resource(region="us-east-1", id=name, type="AWS::FIS::ExperimentTemplate", properties=properties)


def test_experiments_are_charged_by_the_minute_of_each_action() -> None:
    resources = [experiment("One", 10, 10), experiment("Two", 5)]
    assert action_minutes(resources) == 25
    told = "\n".join(lines(resources, read_prices(), hours=4))
    assert "creates 2 resources of 1 types: 2 AWS::FIS::ExperimentTemplate" in told
    assert "25 minutes of actions: 2.50 dollars" in told
    assert "in all about 2.50 dollars" in told


def test_the_stage_is_charged_for_the_hours_it_stands() -> None:
    prices = read_prices()
    key = Resource(region="us-west-2", id="Key", type="AWS::KMS::Key", properties={})
    month = prices.of("kms", "key_month")
    for hours in (2.0, 20.0):
        assert f"{month * hours / prices.hours:.2f} dollars" in lines([key], prices, hours=hours)[2]


def test_a_folder_without_templates_and_a_type_without_a_price_are_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    (tmp_path / "Stack.template.json").write_text(json.dumps({"Resources": {"X": {"Type": "AWS::None::Such"}}}))
    assert main([str(tmp_path)]) == 2
