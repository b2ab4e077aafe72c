"""The takeover switch: one item of a table that exists in the secondary Region only."""

from __future__ import annotations

from typing import Any

from contract.recovery import SWITCH_KEY


class Switch:
    """The item that says whether the secondary Region has taken over."""

    def __init__(self, dynamodb: Any, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def set(self, *, active: bool, reason: str, at: float) -> None:
        """Set the switch, or release it, at `at` (epoch seconds)."""
        self._dynamodb.put_item(
            TableName=self._table,
            Item={**SWITCH_KEY, "active": {"BOOL": active}, "reason": {"S": reason[:500]}, "at": {"N": repr(at)}},
        )

    def state(self) -> dict[str, Any]:
        """Whether the secondary has taken over; reason and time (epoch seconds) of when the switch was last moved."""
        item = self._dynamodb.get_item(TableName=self._table, Key=SWITCH_KEY, ConsistentRead=True).get("Item", {})
        moved = item.get("at", {}).get("N")
        return {
            "active": bool(item.get("active", {}).get("BOOL", False)),
            "reason": str(item.get("reason", {}).get("S", "")),
            "at": None if moved is None else float(moved),
        }
