"""The takeover switch: one item that says whether the secondary Region has taken over."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ACTIONS", "Switch", "action_of"]

ACTIONS = ("set", "release", "status")
_OF_A_ROLE = {"secondary": "set", "primary": "release"}
_KEY = {"pk": {"S": "takeover"}}
_PLAN = re.compile(r"arn:aws[a-z-]*:arc-region-switch:[a-z0-9-]*:\d{12}:plan/.+")
_MOST_CHARACTERS = 200


def action_of(event: Mapping[str, Any], *, role: str, region: str) -> tuple[str, str]:
    """What a direct invocation asks for, and why: by its `action`, or by the plan that names itself in it.

    A plan runs in the Region that it activates: in the secondary it sets the switch, in the primary it releases it. AWS
    does not document the names in a plan's event, so that a plan is known by its ARN alone, and what else it may say
    must agree. Raises ValueError for anything else: the switch moves all traffic, and a typo must not.
    """
    action = event.get("action")
    if isinstance(action, str) and action in ACTIONS:
        return action, str(event.get("reason", "direct invocation"))
    plans = [value for value in event.values() if isinstance(value, str) and _PLAN.fullmatch(value)]
    if (
        len(plans) == 1
        and "action" not in event
        and role in _OF_A_ROLE
        and event.get("executionAction", "activate") == "activate"
        and event.get("executionRegion", region) == region
    ):
        return _OF_A_ROLE[role], plans[0]
    raise ValueError(
        f"{str(dict(event))[:_MOST_CHARACTERS]} is nothing that takeover does, and nothing was changed: send "
        '{"action": "set"}, "release" or "status", or have a plan activate this region'
    )


class Switch:
    """The switch's table, which exists in the secondary Region only."""

    def __init__(self, dynamodb: Any, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def set(self, *, active: bool, reason: str, at: float) -> None:
        """Pull the switch, or release it."""
        self._dynamodb.put_item(
            TableName=self._table,
            Item={**_KEY, "active": {"BOOL": active}, "reason": {"S": reason[:500]}, "at": {"N": repr(at)}},
        )

    def active(self) -> bool:
        """Whether the secondary has taken over."""
        return bool(self.state()["active"])

    def state(self) -> dict[str, Any]:
        """Whether the secondary has taken over, and the reason that was given when the switch was last moved."""
        item = self._dynamodb.get_item(TableName=self._table, Key=_KEY, ConsistentRead=True).get("Item", {})
        return {
            "active": bool(item.get("active", {}).get("BOOL", False)),
            "reason": str(item.get("reason", {}).get("S", "")),
        }
