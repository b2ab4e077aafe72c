"""An alarm that is too new to have been told anything is not an alarm yet; every other one is."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from operations.alarms import FIRST_DATA, sort_out

NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
PERIODS, PERIOD = 5, 60
ALARM = "arn:aws:cloudwatch:us-west-2:123456789012:alarm:"


def alarm(name: str, *, seconds: float, data: list[float] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "AlarmName": name,
        "AlarmConfigurationUpdatedTimestamp": NOW - timedelta(seconds=seconds),
        "EvaluationPeriods": PERIODS,
        "Period": PERIOD,
        "TreatMissingData": "breaching",
        "StateReasonData": json.dumps({"version": "1.0", "recentDatapoints": data or []}),
        **more,
    }


def composite(*children: str) -> dict[str, Any]:
    rule = " OR ".join(f'ALARM("{ALARM}{name}")' for name in children)
    return {"AlarmName": "not-safe", "AlarmRule": f"({rule})"}


def test_a_new_alarm_without_any_data_is_starting_until_its_data_had_time_to_come() -> None:
    limit = PERIODS * PERIOD + FIRST_DATA.total_seconds()
    assert sort_out([alarm("a", seconds=limit - 1)], now=NOW).starting == ("a",)
    assert sort_out([alarm("a", seconds=limit + 1)], now=NOW).starting == ()


@pytest.mark.parametrize(
    "more",
    [
        {"data": [61.0]},
        {"TreatMissingData": "notBreaching"},
        {"StateReasonData": ""},
        {"StateReasonData": "no JSON"},
        {"StateReasonData": "[]"},
        {"AlarmConfigurationUpdatedTimestamp": None},
    ],
)
def test_a_new_alarm_rings_when_it_was_told_something_or_nobody_says_what_it_was_told(more: dict[str, Any]) -> None:
    ringing = sort_out([alarm("a", seconds=10, **more)], now=NOW)
    assert ringing.names == ("a",)
    assert ringing.starting == ()


def test_a_composite_alarm_is_starting_while_all_that_it_rings_for_is() -> None:
    new, old = alarm("new", seconds=10), alarm("old", seconds=10_000)
    assert sort_out([new, composite("new", "silent")], now=NOW).starting == ("new", "not-safe")
    assert sort_out([new, old, composite("new", "old")], now=NOW).starting == ("new",)
    assert sort_out([composite("new")], now=NOW).starting == ()
