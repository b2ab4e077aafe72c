"""The takeover switch: one item that says whether the secondary Region has taken over."""

from __future__ import annotations

from typing import Any

__all__ = ["Switch"]

_KEY = {"pk": {"S": "takeover"}}


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
        item = self._dynamodb.get_item(TableName=self._table, Key=_KEY, ConsistentRead=True).get("Item", {})
        return bool(item.get("active", {}).get("BOOL", False))
