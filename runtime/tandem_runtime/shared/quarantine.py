"""Journal items that no retry will make projectable.

They are kept here and counted, so that they block nothing, and they are released once the journal holds them right.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from contract.operational import QUARANTINE
from contract.tables import PARTITION_KEY, SORT_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


_MOST_KEY_BYTES = 900
_MOST_IMAGE_BYTES = 300_000
"""A sort key has at most 1,024 bytes, an item 400 KB (DynamoDB quotas).

A put that is refused would block the stream.
"""


@dataclass(frozen=True)
class Kept:
    """An image of a journal item in quarantine.

    `key` is the item's in the journal. `released_at` is when it was found to be accounted for, None while it is held.
    """

    name: str
    key: str
    released_at: datetime | None = None


class Quarantine:
    """The quarantine in the operational table, a global one: both Regions see the same.

    Its items carry no expiry: a person releases them.
    """

    def __init__(self, dynamodb: Any, table: str, region: str) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._region = region

    def keep(self, item: Mapping[str, Any], reason: str) -> None:
        """Keep `item` with the reason; the same item is kept once however often it is delivered, in either Region."""
        image = json.dumps(item, sort_keys=True, default=_base64)
        digest = hashlib.sha256(image.encode()).hexdigest()
        key = _key(item)
        with self._unless_condition_fails():
            self._dynamodb.put_item(
                TableName=self._table,
                Item={
                    PARTITION_KEY: {"S": QUARANTINE},
                    SORT_KEY: {"S": f"{_shortened(key, _MOST_KEY_BYTES)}#{digest}"},
                    "key": {"S": _shortened(key, _MOST_IMAGE_BYTES)},
                    "reason": {"S": _shortened(reason, 500)},
                    "region": {"S": self._region},
                    "quarantined_at": {"S": datetime.now(UTC).isoformat(timespec="seconds")},
                    "image": {"S": image[:_MOST_IMAGE_BYTES]},
                },
                ConditionExpression=f"attribute_not_exists({SORT_KEY})",
            )

    def everything(self) -> Iterator[Kept]:
        """What is in quarantine, held or released."""
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression=f"{PARTITION_KEY} = :pk",
            ExpressionAttributeNames={"#key": "key"},
            ExpressionAttributeValues={":pk": {"S": QUARANTINE}},
            ProjectionExpression=f"{SORT_KEY}, #key, released_at",
            ConsistentRead=True,
        )
        for page in pages:
            for item in page["Items"]:
                at = item.get("released_at")
                yield Kept(item[SORT_KEY]["S"], item["key"]["S"], datetime.fromisoformat(at["S"]) if at else None)

    def release(self, kept: Kept, now: datetime) -> None:
        """Note that it was accounted for at `now`; one that somebody removed in between stays away."""
        self._update(kept, "SET released_at = :at", {":at": {"S": now.isoformat()}})

    def hold(self, kept: Kept) -> None:
        """Take a release back; one that somebody removed in between stays away."""
        self._update(kept, "REMOVE released_at", None)

    def forget(self, kept: Kept) -> None:
        """Remove it."""
        self._dynamodb.delete_item(TableName=self._table, Key=_address(kept))

    def _update(self, kept: Kept, update: str, values: dict[str, Any] | None) -> None:
        """Change what is there: UpdateItem by itself makes the item that it does not find (API Reference)."""
        with self._unless_condition_fails():
            self._dynamodb.update_item(
                TableName=self._table,
                Key=_address(kept),
                UpdateExpression=update,
                ConditionExpression=f"attribute_exists({SORT_KEY})",
                **({"ExpressionAttributeValues": values} if values else {}),
            )

    @contextmanager
    def _unless_condition_fails(self) -> Iterator[None]:
        try:
            yield
        except self._dynamodb.exceptions.ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise


def _address(kept: Kept) -> dict[str, Any]:
    return {PARTITION_KEY: {"S": QUARANTINE}, SORT_KEY: {"S": kept.name}}


def _key(item: Mapping[str, Any]) -> str:
    key = item.get(PARTITION_KEY)
    return str(key["S"]) if isinstance(key, dict) and "S" in key else "unknown"


def _shortened(text: str, most_bytes: int) -> str:
    return text.encode("utf-8", "replace")[:most_bytes].decode("utf-8", "ignore")


def _base64(value: object) -> str:
    """Bytes as the stream delivers them, so that stream and sweep keep one item once."""
    return b64encode(value).decode() if isinstance(value, bytes) else str(value)
