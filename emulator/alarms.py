"""CloudWatch alarms: evaluated by period, and told to EventBridge.

MiniStack evaluates alarms when PutMetricData is called, over every series of the name whatever its dimensions, and
tells SNS alone. Here the embedded metric format in logs of functions becomes metrics, and a clock evaluates the own
series of each alarm, as the CloudWatch User Guide has it (alarm evaluation; how alarms treat missing data).
"""

from __future__ import annotations

import json
import logging
import threading
import time
from typing import TYPE_CHECKING, Any, Literal

from emulator import ministack
from emulator.ministack import request_scope

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

State = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
_TICK_SECONDS = 0.5
_MINIMUM_PERIOD_SECONDS = 0.5
LOOK_BACK_PERIODS = 2
"""How many more periods than EvaluationPeriods are looked at, as in the examples of the CloudWatch User Guide."""
_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
    "LessThanOrEqualToThreshold": lambda value, threshold: value <= threshold,
}
_logger = logging.getLogger(__name__)


def state_of(breaching: Sequence[bool | None], *, periods: int, needed: int, missing: str, now: str) -> State:
    """An alarm's state by the periods of its evaluation range, the newest first.

    True breaches, False does not, None has no data. `periods` is EvaluationPeriods, `needed` DatapointsToAlarm,
    `missing` TreatMissingData, `now` the state it is in. The newest real data points are evaluated, as many as there
    are periods; only what they lack of that is filled in. An alarm whose only data breach goes to ALARM early, once the
    oldest of them is as old as DatapointsToAlarm (CloudWatch User Guide, "Configuring how alarms treat missing data").
    """
    ages = [age for age, each in enumerate(breaching, 1) if each is not None][:periods]
    known = [breaching[age - 1] for age in ages]
    filled = periods - len(known)
    count = known.count(True) + (filled if missing == "breaching" else 0)
    if count >= needed:
        return "ALARM"
    if False in known or missing in ("breaching", "notBreaching"):
        return "OK"
    if missing == "missing" and (not known or ages[-1] >= needed):
        return "ALARM" if known else "INSUFFICIENT_DATA"
    kept: State = now if now in ("OK", "ALARM") else "INSUFFICIENT_DATA"  # type: ignore[assignment]
    return kept


def embedded_metrics(log: str) -> list[tuple[str, str, dict[str, str], str, float]]:
    """Namespace, name, dimensions, unit and value of what the lines of a log declare (embedded metric format)."""
    metrics = []
    for line in log.splitlines():
        start = line.find("{")
        if '"_aws"' not in line or start < 0:
            continue
        try:
            fields = json.loads(line[start:])
            for declared in fields["_aws"]["CloudWatchMetrics"]:
                for names in declared["Dimensions"] or [[]]:
                    dimensions = {name: str(fields[name]) for name in names}
                    for metric in declared["Metrics"]:
                        value = float(fields[metric["Name"]])
                        unit = metric.get("Unit", "None")
                        metrics.append((declared["Namespace"], metric["Name"], dimensions, unit, value))
        except (KeyError, TypeError, ValueError):
            continue  # CloudWatch extracts nothing from what it cannot read
    return metrics


class Alarms:
    """The clock that evaluates every alarm of every Region that lives; `scale` shortens their periods."""

    def __init__(self, scale: float, is_lost: Callable[[str], bool]) -> None:
        self.scale, self._is_lost = scale, is_lost

    def install(self) -> None:
        """Take the place of MiniStack's evaluation, and start."""
        ministack.CLOUDWATCH_EVALUATE_ALL.replace(lambda: None)
        stock = ministack.LAMBDA_EMIT_LOGS.value

        def emit(function: Any, request: str, log: str, *arguments: Any, **named: Any) -> None:
            stock(function, request, log, *arguments, **named)
            if log and '"_aws"' in log:
                self._record((function.get("config") or function)["FunctionArn"], log)

        ministack.LAMBDA_EMIT_LOGS.replace(emit)
        transition = ministack.CLOUDWATCH_TRANSITION.value

        def composite(alarm: dict[str, Any], state: State, reason: str, *arguments: Any, **named: Any) -> None:
            old = alarm["StateValue"]
            transition(alarm, state, reason, *arguments, **named)
            _tell(alarm, old, state, reason)

        ministack.CLOUDWATCH_TRANSITION.replace(composite)
        threading.Thread(target=self._run, daemon=True, name="alarms").start()

    @staticmethod
    def _record(function_arn: str, log: str) -> None:
        _, _, _, region, account, *_ = function_arn.split(":")
        with request_scope(account, region):
            for namespace, name, dimensions, unit, value in embedded_metrics(log):
                ministack.CLOUDWATCH_RECORD.value(namespace, name, value, unit, dimensions)

    def _run(self) -> None:
        while True:
            time.sleep(_TICK_SECONDS)
            for (account, region, _), alarm in _every_alarm():
                if self._is_lost(region):
                    continue
                with request_scope(account, region):
                    try:
                        self._evaluate(alarm, time.time())
                    except Exception:
                        _logger.exception("alarm %s could not be evaluated", alarm.get("AlarmName"))

    def _evaluate(self, alarm: dict[str, Any], now: float) -> None:
        compare = _COMPARISONS.get(alarm.get("ComparisonOperator", ""))
        if not alarm.get("MetricName") or compare is None:
            return  # metric math and anomaly bands are not emulated
        periods, period = int(alarm.get("EvaluationPeriods") or 1), int(alarm.get("Period") or 60)
        length = max(period * self.scale, _MINIMUM_PERIOD_SECONDS)
        end = now - now % length  # whole periods only
        looked_at = range(periods + LOOK_BACK_PERIODS)
        values = _values(alarm, [(end - (index + 1) * length, end - index * length) for index in looked_at])
        threshold = float(alarm["Threshold"])
        state = state_of(
            [None if value is None else compare(value, threshold) for value in values],
            periods=periods,
            needed=int(alarm.get("DatapointsToAlarm") or periods),
            missing=missing_data_of(alarm),
            now=alarm["StateValue"],
        )
        if state != alarm["StateValue"]:
            _change(alarm, state, f"Threshold Crossed: datapoints {values}, threshold {threshold}", values, now)


def missing_data_of(alarm: Mapping[str, Any]) -> str:
    """What missing data mean; alarms on DynamoDB's metrics ignore them whatever is set (API, PutMetricAlarm)."""
    return "ignore" if alarm["Namespace"] == "AWS/DynamoDB" else str(alarm.get("TreatMissingData") or "missing")


def _every_alarm() -> list[tuple[tuple[str, str, str], dict[str, Any]]]:
    return list(ministack.everywhere(ministack.CLOUDWATCH_ALARMS.value).items())


def _values(alarm: dict[str, Any], periods: Sequence[tuple[float, float]]) -> list[float | None]:
    """What the alarm's metric was in each of `periods`, from its start until before its end; None without data."""
    dimensions = ministack.CLOUDWATCH_DIMENSIONS.value(alarm.get("Dimensions") or [])
    key = (alarm["Namespace"], alarm["MetricName"], ministack.CLOUDWATCH_DIMENSIONS_KEY.value(dimensions))
    series = list(ministack.CLOUDWATCH_METRICS.value.get(key) or [])
    return [_statistic(alarm, [each for each in series if start <= each["Timestamp"] < end]) for start, end in periods]


def _statistic(alarm: dict[str, Any], points: list[dict[str, Any]]) -> float | None:
    if not points:
        return None
    name = alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average"
    statistics = ministack.CLOUDWATCH_CALC_STATS.value(points)
    value: float | None = ministack.CLOUDWATCH_STAT_VALUE.value(statistics, name, points)
    return value


def reason_data(alarm: Mapping[str, Any], values: Sequence[float | None]) -> str:
    """The data of a state's reason: those data points that were there, oldest first (User Guide, Alarm events)."""
    recent = [value for value in reversed(values) if value is not None]
    return json.dumps(
        {
            "version": "1.0",
            "period": int(alarm.get("Period") or 60),
            "recentDatapoints": recent,
            "threshold": float(alarm["Threshold"]),
        }
    )


def _change(alarm: dict[str, Any], state: State, reason: str, values: Sequence[float | None], now: float) -> None:
    old = alarm["StateValue"]
    alarm.update(
        StateValue=state,
        StateReason=reason,
        StateReasonData=reason_data(alarm, values),
        StateUpdatedTimestamp=int(now),
    )
    ministack.CLOUDWATCH_HISTORY.value(alarm["AlarmName"], old, state, reason)
    ministack.CLOUDWATCH_ACT.value(alarm, old, state, reason)
    ministack.CLOUDWATCH_EVALUATE_PARENTS.value(alarm)
    _tell(alarm, old, state, reason)


def _tell(alarm: dict[str, Any], old: str, state: State, reason: str) -> None:
    """Tell EventBridge of a change."""
    detail = {
        "alarmName": alarm["AlarmName"],
        "state": {"value": state, "reason": reason},
        "previousState": {"value": old},
        "configuration": {"description": alarm.get("AlarmDescription") or ""},
    }
    entry = {
        "Source": "aws.cloudwatch",
        "DetailType": "CloudWatch Alarm State Change",
        "Resources": [alarm["AlarmArn"]],
        "Detail": json.dumps(detail),
    }
    ministack.EVENTBRIDGE_PUT.value({"Entries": [entry]}, allow_aws_source=True)
