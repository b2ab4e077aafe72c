"""Two Regions that write one item of a strongly consistent table at once: the second is refused.

"Write conflicts: a write to an item that is concurrently being modified in another Region fails with
ReplicatedWriteConflictException" and may be tried again (DynamoDB Developer Guide, "How global tables work",
multi-Region strong consistency). A write is under way until another Region has it, for which the lag between the
Regions is waited, 30 ms of it at most: the Regions of such a table are close to each other.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from emulator import ministack
from emulator.ministack import get_region

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from emulator.faults.replication import Replication

LONGEST_SECONDS = 0.03
CODE = "ReplicatedWriteConflictException"
MESSAGE = "One or more items in this request are being modified by a request in another Region."
_SUCCESS = 300


def written(operation: str, request: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each item that a request writes: its table's name or ARN, and its key or all of it."""
    table = str(request.get("TableName"))
    if operation == "PutItem":
        yield table, request.get("Item") or {}
    elif operation in ("UpdateItem", "DeleteItem"):
        yield table, request.get("Key") or {}
    elif operation == "BatchWriteItem":
        for name, writes in (request.get("RequestItems") or {}).items():
            for each in writes:
                yield (
                    name,
                    (each.get("PutRequest") or {}).get("Item") or (each.get("DeleteRequest") or {}).get("Key") or {},
                )


class Conflicts:
    """Which items are being written, and in which Region."""

    def __init__(self, replication: Replication) -> None:
        self._replication = replication
        self._under_way: Counter[tuple[str, str]] = Counter()
        self.refused = 0
        """How many writes were refused because another Region's was under way."""

    def install(self) -> None:
        """Stand in front of the tables' writes."""
        stock = ministack.DYNAMODB_HANDLE.value

        async def handle(
            method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
        ) -> Any:
            items = self._strongly_written(headers.get("x-amz-target", "").rpartition(".")[2], body)
            if not items:
                return await stock(method, path, headers, body, query)
            region = get_region()
            if any(item in items and where != region for item, where in +self._under_way):
                self.refused += 1
                return ministack.RESPONSES_JSON_ERROR.value(CODE, MESSAGE, 400)
            own = [(item, region) for item in items]
            self._under_way.update(own)
            try:
                answer = await stock(method, path, headers, body, query)
                if answer[0] < _SUCCESS:
                    await asyncio.sleep(min(self._replication.delay, LONGEST_SECONDS))
                return answer
            finally:
                self._under_way.subtract(own)
                self._under_way = +self._under_way

        ministack.DYNAMODB_HANDLE.replace(handle)

    def _strongly_written(self, operation: str, body: bytes) -> set[str]:
        """The items of strongly consistent tables that a request writes, each by its table and key."""
        if operation not in ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"):
            return set()
        try:
            request = json.loads(body or b"{}")
            pairs = list(written(operation, request))
        except (ValueError, AttributeError, TypeError):
            return set()  # MiniStack says what is wrong with it
        items = set()
        for named, item in pairs:
            name = named.rpartition("/")[2]
            table = ministack.DYNAMODB_TABLES.value.get(name) or {}
            if table.get("MultiRegionConsistency") == "STRONG":
                items.add(name + json.dumps([item.get(table.get(key) or "") for key in ("pk_name", "sk_name")]))
        return items
