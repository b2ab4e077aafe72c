"""CloudWatch's composite alarms."""

from __future__ import annotations

import os

from emulator.cloudformation.calls import api, call, ignoring_errors
from emulator.cloudformation.resource_types.registry import Properties, register

TYPE = "AWS::CloudWatch::CompositeAlarm"


def _create(logical_id: str, properties: Properties, stack: str) -> tuple[str, Properties]:
    return _put(properties.get("AlarmName") or f"{stack}-{logical_id}-{os.urandom(4).hex()}", properties)


def _update(name: str, _old: Properties, properties: Properties, _stack: str) -> tuple[str, Properties]:
    return _put(name, properties)


def _put(name: str, properties: Properties) -> tuple[str, Properties]:
    client = api("cloudwatch")
    call(client, "put_composite_alarm", properties, AlarmName=name)
    found = client.describe_alarms(AlarmNames=[name], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    return name, {"Arn": found[0]["AlarmArn"]}


def _delete(name: str, _properties: Properties) -> None:
    ignoring_errors(api("cloudwatch").delete_alarms, AlarmNames=[name])


def register_composite_alarms() -> None:
    """Register them."""
    register(TYPE, create=_create, update=_update, delete=_delete)
