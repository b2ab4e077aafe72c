"""How an alarm's state follows from its periods, and which metrics a function's log declares."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("ministack", reason="runs in the embedded AWS's environment")

from emulator.alarms import embedded_metrics, missing_data_of, reason_data, state_of

TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")
KEPT = "the state that it is in"


def _states(range_: str, *, periods: int, needed: int) -> list[str]:
    """The states for each treatment of missing data; the range is written as in the guide, the newest last."""
    breaching = [{"X": True, "0": False, "-": None}[each] for each in reversed(range_)]
    states = []
    for missing in TREATMENTS:
        after = {now: state_of(breaching, periods=periods, needed=needed, missing=missing, now=now) for now in NOW}
        states.append(KEPT if all(state == now for now, state in after.items()) else after["OK"])
    return states


NOW = ("OK", "ALARM")


@pytest.mark.parametrize(
    ("range_", "expected"),
    [
        ("0-X-X", ["OK", "OK", "OK", "OK"]),
        ("----0", ["OK", "OK", "OK", "OK"]),
        ("-----", ["INSUFFICIENT_DATA", KEPT, "ALARM", "OK"]),
        ("0XX-X", ["ALARM", "ALARM", "ALARM", "ALARM"]),
        ("--X--", ["ALARM", KEPT, "ALARM", "OK"]),
    ],
)
def test_three_of_three_periods_are_evaluated_as_in_the_guides_table(range_: str, expected: list[str]) -> None:
    assert _states(range_, periods=3, needed=3) == expected


@pytest.mark.parametrize(
    ("range_", "expected"),
    [
        ("0-X-X", ["ALARM", "ALARM", "ALARM", "ALARM"]),
        ("00X0X", ["ALARM", "ALARM", "ALARM", "ALARM"]),
        ("0-X--", ["OK", "OK", "ALARM", "OK"]),
        ("----0", ["OK", "OK", "ALARM", "OK"]),
        ("---X-", ["ALARM", KEPT, "ALARM", "OK"]),
    ],
)
def test_two_of_three_periods_are_evaluated_as_in_the_guides_table(range_: str, expected: list[str]) -> None:
    assert _states(range_, periods=3, needed=2) == expected


def test_an_alarm_whose_only_data_breach_waits_until_the_oldest_is_old_enough() -> None:
    assert _states("----X", periods=3, needed=3)[0] == KEPT


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


def test_a_state_s_reason_names_the_data_points_that_were_there_and_none_where_all_were_missing() -> None:
    alarm = {"Threshold": 60, "Period": 60}
    assert json.loads(reason_data(alarm, [None, 2.0, None, 1.0]))["recentDatapoints"] == [1.0, 2.0]
    assert json.loads(reason_data(alarm, [None, None]))["recentDatapoints"] == []


def test_a_log_line_in_the_embedded_format_is_a_metric() -> None:
    declaration = {"Namespace": "N", "Dimensions": [["service"]], "Metrics": [{"Name": "Age", "Unit": "Seconds"}]}
    line = json.dumps({"_aws": {"Timestamp": 1, "CloudWatchMetrics": [declaration]}, "service": "s", "Age": 61.5})
    log = f'{{"message": "other"}}\n{line}\nplain text'
    assert embedded_metrics(log) == [("N", "Age", {"service": "s"}, "Seconds", 61.5)]


def test_a_declaration_without_its_value_is_no_metric() -> None:
    declaration = {"Namespace": "N", "Dimensions": [["service"]], "Metrics": [{"Name": "Age"}]}
    assert embedded_metrics(json.dumps({"_aws": {"CloudWatchMetrics": [declaration]}, "service": "s"})) == []
