"""The takeover switch: one item that says whether the secondary Region has taken over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contract.tables import PARTITION_KEY

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ACTIONS", "STEPS", "Switch", "action_of"]

ACTIONS = ("set", "release", "status")
STEPS = {"set-takeover": "set", "release-takeover": "release"}
"""The plan's steps that move the switch, and what each asks for."""

_KEY = {PARTITION_KEY: {"S": "takeover"}}
_MOST_CHARACTERS = 200


def action_of(event: Mapping[str, Any]) -> tuple[str, str]:
    """What a direct invocation asks for, and why: by its `action`, or by the step of the plan that made it.

    Region switch invokes a custom action with `InvokedBy`, `PlanArn`, `ExecutionId` and `StepName` (ARC Region switch
    API Reference, Lambdas). Raises ValueError for anything else: the switch moves all traffic, and a typo must not.
    """
    action, step = event.get("action"), event.get("StepName")
    if isinstance(action, str) and action in ACTIONS:
        return action, str(event.get("reason", "direct invocation"))
    if "action" not in event and "PlanArn" in event and isinstance(step, str) and step in STEPS:
        return STEPS[step], str(event["PlanArn"])
    raise ValueError(
        f"{str(dict(event))[:_MOST_CHARACTERS]} is nothing that takeover does, and nothing was changed: send "
        f'{{"action": "set"}}, "release" or "status", or have a plan run {" or ".join(STEPS)}'
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
