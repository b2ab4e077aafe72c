"""The actions that are emulated, and what AWS FIS refuses in a template (User Guide, actions reference)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from contract.game_days import (
    ACTION_MINUTES,
    ALARM_SOURCE,
    CUT_REGION,
    CUT_SUBNETS,
    PAUSE_REPLICATION,
)
from emulator.fis.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping

_DURATION = re.compile(r"PT(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?")
_SUBNET, _TABLE = "aws:ec2:subnet", "aws:dynamodb:global-table"


@dataclass(frozen=True, kw_only=True)
class Action:
    """One action: what it calls its target, of which type that is, and the parameters beside `duration`.

    A parameter holds the values that are emulated, or none where any is.
    """

    target: str
    resource_type: str
    parameters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


ACTIONS: Mapping[str, Action] = {
    PAUSE_REPLICATION: Action(target="Tables", resource_type=_TABLE),
    CUT_REGION: Action(target="Subnets", resource_type=_SUBNET, parameters={"region": ()}),
    CUT_SUBNETS: Action(target="Subnets", resource_type=_SUBNET, parameters={"scope": ("dynamodb", "s3", "all")}),
}
"""Every action that is emulated. AWS has more: a template with another one is refused here."""


def seconds_of(duration: str) -> float:
    """The seconds of an ISO 8601 duration, as PT10M; raises ValidationError outside of what an action may last."""
    match = _DURATION.fullmatch(duration)
    given = {name: int(value or 0) for name, value in match.groupdict().items()} if match else {}
    seconds = given.get("hours", 0) * 3600 + given.get("minutes", 0) * 60 + given.get("seconds", 0)
    least, most = ACTION_MINUTES
    if not least * 60 <= seconds <= most * 60:
        raise ValidationError(f"duration {duration!r} is not from PT{least}M to PT{most // 60}H")
    return float(seconds)


def check(template: Mapping[str, Any]) -> None:
    """Raise ValidationError for a template that AWS FIS would not take."""
    targets = template.get("targets") or {}
    if not template.get("actions"):
        raise ValidationError("a template needs an action at least")
    for name, action in template["actions"].items():
        _check_action(name, action, targets)
    used = {target for action in template["actions"].values() for target in (action.get("targets") or {}).values()}
    if unused := sorted(set(targets) - used):
        raise ValidationError(f"target {unused[0]} is used by no action")
    for condition in template.get("stopConditions") or []:
        source, value = condition.get("source"), condition.get("value")
        if (source, bool(value)) not in ((ALARM_SOURCE, True), ("none", False)):
            raise ValidationError(f"stop condition {source!r} with value {value!r} is neither an alarm nor none")


def _check_action(name: str, action: Mapping[str, Any], targets: Mapping[str, Any]) -> None:
    known = ACTIONS.get(str(action.get("actionId")))
    if known is None:
        raise ValidationError(f"action {name}: {action.get('actionId')!r} is not an action that is emulated")
    parameters = action.get("parameters") or {}
    wanted = {"duration", *known.parameters}
    if set(parameters) != wanted:
        raise ValidationError(f"action {name} takes {', '.join(sorted(wanted))}: got {', '.join(sorted(parameters))}")
    seconds_of(parameters["duration"])
    for parameter, values in known.parameters.items():
        if values and parameters[parameter] not in values:
            raise ValidationError(
                f"action {name}: {parameter} {parameters[parameter]!r} is none of {', '.join(values)}"
            )
    if set(action.get("targets") or {}) != {known.target}:
        raise ValidationError(f"action {name} has one target, {known.target}")
    target = targets.get(action["targets"][known.target])
    if target is None or target.get("resourceType") != known.resource_type:
        raise ValidationError(f"action {name}: {known.target} must be a target of type {known.resource_type}")
    if bool(target.get("resourceArns")) == bool(target.get("resourceTags")):
        raise ValidationError(f"target of action {name} names resources by resourceArns or by resourceTags, not both")
    if not target.get("resourceArns") or target.get("selectionMode") != "ALL":
        raise ValidationError(f"target of action {name}: only resourceArns with selectionMode ALL are emulated")
