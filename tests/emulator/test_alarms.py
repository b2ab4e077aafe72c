"""How an alarm's state follows from its periods, and which metrics a function's log declares."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("ministack", reason="runs in the embedded AWS's environment")

from emulator.alarms import embedded_metrics, missing_data_of, state_of


@pytest.mark.parametrize(
    ("breaching", "needed", "missing", "now", "expected"),
    [
        ([True, True], 2, "notBreaching", "OK", "ALARM"),
        ([True, False], 2, "notBreaching", "OK", "OK"),
        ([True, None], 2, "notBreaching", "OK", "OK"),
        ([True, None], 2, "breaching", "OK", "ALARM"),
        ([True, False, True], 2, "missing", "OK", "ALARM"),
        ([None, None], 2, "notBreaching", "ALARM", "OK"),
        ([None, None], 2, "missing", "ALARM", "INSUFFICIENT_DATA"),
        ([None, None], 2, "ignore", "ALARM", "ALARM"),
    ],
)
def test_the_state_follows_from_the_periods(
    breaching: list[bool | None], needed: int, missing: str, now: str, expected: str
) -> None:
    assert state_of(breaching, needed=needed, missing=missing, now=now) == expected


@pytest.mark.parametrize(
    ("namespace", "told", "treated"),
    [
        ("AWS/DynamoDB", "breaching", "ignore"),
        ("AWS/DynamoDB", None, "ignore"),
        ("AWS/RDS", "breaching", "breaching"),
        ("AWS/RDS", None, "missing"),
    ],
)
def test_alarms_on_metrics_of_dynamodbs_ignore_missing_data_whatever_they_are_told(
    namespace: str, told: str | None, treated: str
) -> None:
    assert missing_data_of({"Namespace": namespace, "TreatMissingData": told}) == treated


def test_a_log_line_in_the_embedded_format_is_a_metric() -> None:
    declaration = {"Namespace": "N", "Dimensions": [["service"]], "Metrics": [{"Name": "Age", "Unit": "Seconds"}]}
    line = json.dumps({"_aws": {"Timestamp": 1, "CloudWatchMetrics": [declaration]}, "service": "s", "Age": 61.5})
    log = f'{{"message": "other"}}\n{line}\nplain text'
    assert embedded_metrics(log) == [("N", "Age", {"service": "s"}, "Seconds", 61.5)]


def test_a_declaration_without_its_value_is_no_metric() -> None:
    declaration = {"Namespace": "N", "Dimensions": [["service"]], "Metrics": [{"Name": "Age"}]}
    assert embedded_metrics(json.dumps({"_aws": {"CloudWatchMetrics": [declaration]}, "service": "s"})) == []
