"""Two stages live in one account: no alarm of one takes the other's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk.assertions import Template

    Stage = Callable[[str], dict[str, Template]]

KINDS = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")


def names(stage: dict[str, Template], stack: str) -> set[str]:
    told = [
        each["Properties"].get("AlarmName") for kind in KINDS for each in stage[stack].find_resources(kind).values()
    ]
    return {str(name) for name in told if name}


@pytest.mark.parametrize("stack", ["PrimaryRegionStack", "SecondaryRegionStack"])
def test_no_alarm_of_a_stage_has_the_name_of_another_stages(templates: Stage, stack: str) -> None:
    staging, prod = (names(templates(stage), stack) for stage in ("staging", "prod"))
    assert any(name.endswith("-NotSafe") for name in staging)
    assert staging.isdisjoint(prod)
