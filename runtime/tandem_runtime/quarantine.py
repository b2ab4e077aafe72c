"""Journal items that no retry will make projectable: kept, counted, never blocking."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Quarantine"]

_MOST_KEY_BYTES = 900
_MOST_IMAGE_BYTES = 300_000
"""A sort key has at most 1,024 bytes, an item 400 KB (DynamoDB quotas).

A put that is refused would block the stream.
"""


class Quarantine:
    """The quarantine in the operational table. Its items carry no expiry: a person releases them."""

    def __init__(self, dynamodb: Any, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def keep(self, item: Mapping[str, Any], reason: str) -> None:
        """Keep `item` with the reason; the same item is kept once however often it is delivered."""
        image = json.dumps(item, sort_keys=True, default=_base64)
        digest = hashlib.sha256(image.encode()).hexdigest()
        self._dynamodb.put_item(
            TableName=self._table,
            Item={
                "pk": {"S": "quarantine"},
                "sk": {"S": f"{_shortened(_key(item), _MOST_KEY_BYTES)}#{digest}"},
                "reason": {"S": _shortened(reason, 500)},
                "image": {"S": image[:_MOST_IMAGE_BYTES]},
            },
        )


def _key(item: Mapping[str, Any]) -> str:
    held = item.get("pk")
    return str(held["S"]) if isinstance(held, dict) and "S" in held else "unknown"


def _shortened(text: str, most_bytes: int) -> str:
    return text.encode("utf-8", "replace")[:most_bytes].decode("utf-8", "ignore")


def _base64(value: object) -> str:
    """Bytes as the stream delivers them, so that stream and sweep keep one item once."""
    return b64encode(value).decode() if isinstance(value, bytes) else str(value)
