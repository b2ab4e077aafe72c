"""Every alarm's description ends with its section of the runbook, and every section there has its alarm."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tandem.runbook import FOLDER, PAGES

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk.assertions import Template


@pytest.mark.parametrize("stage", ["dev", "staging", "prod"])
def test_every_alarm_leads_to_a_section_and_every_section_to_an_alarm(
    templates: Callable[[str], dict[str, Template]], stage: str
) -> None:
    linked, lost = set(), []
    for template in templates(stage).values():
        for kind in ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"):
            for name, alarm in template.find_resources(kind).items():
                link = re.search(rf"{FOLDER}/([\w-]+)\.md#(\w+)$", alarm["Properties"]["AlarmDescription"])
                if link is None:
                    lost.append(name)
                else:
                    linked.add((link[1], link[2]))
    assert lost == [], "give each of these a page in constructs/tandem/runbook.py and a section there"
    sections = {(page, alarm.lower()) for page, alarms in PAGES.items() for alarm in alarms}
    assert linked <= sections
    if stage == "prod":
        # an alarm of a setting that no stage here has
        assert sections - linked <= {("functions-fail", "projectordemand")}
