"""Journal items that no retry will make projectable: kept, counted, never blocking."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Quarantine"]


class Quarantine:
    """The quarantine in the operational table. Its items carry no expiry: a person releases them."""

    def __init__(self, dynamodb: Any, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def keep(self, item: Mapping[str, Any], reason: str) -> None:
        """Keep `item` with the reason; the same item is kept once however often it is delivered."""
        image = json.dumps(item, sort_keys=True, ensure_ascii=False, default=str)
        digest = hashlib.sha256(image.encode()).hexdigest()
        key = item.get("pk", {}).get("S", "unknown")
        self._dynamodb.put_item(
            TableName=self._table,
            Item={
                "pk": {"S": "quarantine"},
                "sk": {"S": f"{key}#{digest}"},
                "reason": {"S": reason[:500]},
                "image": {"S": image[:300_000]},
            },
        )
