"""A Region's alarms: which ring, and which of them are only too new to have been told anything."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from operations.deployment import Deployment
    from operations.endpoint import Endpoint

STACKS = ("global", "primary", "secondary")
FIRST_DATA = timedelta(minutes=5)
"""How long it may take, beyond an alarm's own periods, until a new alarm's metric has its first data point.

What tells the metric runs every minute, first within two minutes of its deployment, and CloudWatch takes data in late.
"""


@dataclass(frozen=True, kw_only=True)
class Ringing:
    """The names of the stage's alarms that are in ALARM, sorted.

    `starting` are those of them that ring because nothing has been told since they were deployed, a moment ago.
    """

    names: tuple[str, ...]
    starting: tuple[str, ...] = ()


def ringing(endpoint: Endpoint, deployment: Deployment, region: str) -> Ringing:
    """Return the stage's alarms in ALARM; raises BotoCoreError or ClientError."""
    names = deployment.names
    stacks = "|".join(re.escape(names.stack(which)) for which in STACKS)
    # CloudFormation names an alarm <stack>-<logical id>-<suffix>, and neither of the last two holds a hyphen
    own_names = (names.primary_lost_alarm, names.api_errors_alarm)
    own = "|".join(re.escape(name) for name in own_names)
    ours = re.compile(rf"(?:{stacks})-[A-Za-z0-9]+(?:-[A-Za-z0-9]+)?|{own}")
    pages = (
        endpoint.cloudwatch(region)
        .get_paginator("describe_alarms")
        .paginate(StateValue="ALARM", AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    )
    alarms: list[dict[str, Any]] = [
        dict(alarm) for page in pages for alarm in [*page.get("MetricAlarms", []), *page.get("CompositeAlarms", [])]
    ]
    now = datetime.now(tz=UTC)
    of_stage = [
        alarm for alarm in alarms if alarm.get("StateValue", "ALARM") == "ALARM" and ours.fullmatch(alarm["AlarmName"])
    ]
    return sort_out(of_stage, now=now)


def sort_out(alarms: Sequence[Mapping[str, Any]], *, now: datetime) -> Ringing:
    """Return which of the alarms in ALARM are only starting at the time `now`.

    A composite alarm is starting while each of these that its rule names is: it rings because of them.
    """
    starting = {alarm["AlarmName"] for alarm in alarms if _is_starting(alarm, now)}
    told = [alarm["AlarmName"] for alarm in alarms if "AlarmRule" not in alarm and alarm["AlarmName"] not in starting]
    for alarm in alarms:
        rule = alarm.get("AlarmRule")
        if rule is not None and _names(rule) & starting and not _names(rule) & set(told):
            starting.add(alarm["AlarmName"])
    return Ringing(names=tuple(sorted(alarm["AlarmName"] for alarm in alarms)), starting=tuple(sorted(starting)))


def _names(rule: str) -> set[str]:
    """The alarms that a composite alarm's rule names, by name or by ARN (CloudWatch API, PutCompositeAlarm)."""
    return {named.rpartition(":alarm:")[2].strip("\"'") for named in re.findall(r"\(\s*([^()\s]+)\s*\)", rule)}


def _is_starting(alarm: Mapping[str, Any], now: datetime) -> bool:
    """Whether an alarm on missing data has had no data since it was deployed, and could not have had any yet.

    The data of its state's reason name the data points that were there (CloudWatch User Guide, Alarm events and
    EventBridge).
    """
    configured = alarm.get("AlarmConfigurationUpdatedTimestamp")
    if alarm.get("TreatMissingData") != "breaching" or not isinstance(configured, datetime):
        return False
    looks_back = timedelta(seconds=int(alarm.get("EvaluationPeriods") or 1) * int(alarm.get("Period") or 60))
    try:
        reason = json.loads(alarm.get("StateReasonData") or "null")
        data = reason["recentDatapoints"]
    except (KeyError, TypeError, ValueError):
        return False  # what is not told counts as a real alarm
    return data == [] and now - configured < looks_back + FIRST_DATA
