"""What docs/costs.md says is what the templates and the price table say."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import app as tandem_app
from costs.estimate import estimate, page, total
from costs.idle import unpriced
from costs.prices import read_prices
from costs.template import Resource, resources
from stacks.settings.stage import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk.assertions import Template

PAGE = Path(__file__).parents[2] / "docs/costs.md"
MARK = "<!-- generated -->\n"
RATE = 10.0
STAGES = ("dev", "staging", "prod")


def resources_of(stage: str, templates: dict[str, Template]) -> list[Resource]:
    regions = load(stage, tandem_app.SETTINGS, account="000000000000").regions
    primary, secondary = regions.primary, regions.secondary or regions.primary
    where = {"GlobalStack": secondary, "PrimaryRegionStack": primary, "SecondaryRegionStack": secondary}
    return [each for stack, template in templates.items() for each in resources(where[stack], template.to_json())]


@pytest.mark.parametrize("stage", STAGES)
def test_every_resource_type_has_a_price_or_a_reason_to_have_none(
    stage: str, templates: Callable[[str], dict[str, Template]]
) -> None:
    assert unpriced(resources_of(stage, templates(stage))) == []


def test_a_stage_that_waits_for_a_region_s_loss_costs_more_than_one_that_does_not(
    templates: Callable[[str], dict[str, Template]],
) -> None:
    dev, staging, prod = (
        total(estimate(resources_of(stage, templates(stage)), read_prices(), rate=RATE).idle) for stage in STAGES
    )
    assert 0 < dev < staging < prod


def test_the_page_says_what_the_templates_and_the_price_table_say(
    templates: Callable[[str], dict[str, Template]],
) -> None:
    prices = read_prices()
    parts = [
        page(stage, estimate(resources_of(stage, templates(stage)), prices, rate=RATE), rate=RATE) for stage in STAGES
    ]
    wanted = f"List prices of {prices.as_of}.\n\n" + "\n\n".join(parts) + "\n"
    before, _, now = PAGE.read_text().partition(MARK)
    if os.environ.get("TANDEM_WRITE_COSTS"):
        PAGE.write_text(before + MARK + "\n" + wanted)
    else:
        assert now.lstrip("\n") == wanted, "docs/costs.md is stale: run make costs-page"
