"""The journal table: one conditional put, one read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tandem_runtime.journal_entry import JournalEntry, key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["Journal"]

_CONFLICT_RETRIES = 5


class Journal:
    """The local replica of the journal table."""

    def __init__(self, dynamodb: Any, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def record(self, entry: JournalEntry) -> JournalEntry:
        """Record `entry` once; returns what the journal holds under its id, which is `entry` itself when it was new.

        A strongly consistent table refuses a put that races with another Region's for the same item with
        ReplicatedWriteConflictException; it may be retried (DynamoDB Developer Guide, multi-Region strong consistency).
        """
        for attempt in range(_CONFLICT_RETRIES):
            try:
                self._dynamodb.put_item(
                    TableName=self._table,
                    Item=entry.to_item(),
                    ConditionExpression="attribute_not_exists(pk)",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
            except self._dynamodb.exceptions.ClientError as error:
                code = error.response["Error"]["Code"]
                if code == "ConditionalCheckFailedException":
                    held: Mapping[str, Any] = error.response["Item"]
                    return JournalEntry.from_item(held)
                if code != "ReplicatedWriteConflictException" or attempt == _CONFLICT_RETRIES - 1:
                    raise
            else:
                return entry
        raise AssertionError("unreachable: the last attempt returns or raises")

    def find(self, transaction_id: str) -> JournalEntry | None:
        """The entry of `transaction_id`, as the local replica has it."""
        answer = self._dynamodb.get_item(TableName=self._table, Key={"pk": {"S": key_of(transaction_id)}})
        return JournalEntry.from_item(answer["Item"]) if "Item" in answer else None

    def keys_in(self, bucket: str, since: str) -> Iterator[str]:
        """The keys of the items in one partition of the time index that were recorded at `since` or later."""
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            IndexName="by-origin-minute",
            KeyConditionExpression="#bucket = :bucket AND recorded_at >= :since",
            ExpressionAttributeNames={"#bucket": "bucket"},
            ExpressionAttributeValues={":bucket": {"S": bucket}, ":since": {"S": since}},
        )
        for page in pages:
            for item in page["Items"]:
                yield item["pk"]["S"]

    def every_key(self) -> Iterator[str]:
        """The key of every transaction in the journal."""
        pages = self._dynamodb.get_paginator("scan").paginate(
            TableName=self._table, ProjectionExpression="pk", ConsistentRead=True
        )
        for page in pages:
            for item in page["Items"]:
                if item["pk"]["S"].startswith("transaction#"):
                    yield item["pk"]["S"]

    def fetch(self, keys: Iterable[str]) -> Iterator[Mapping[str, Any]]:
        """The raw items of `keys`, read consistently."""
        todo = list(keys)
        while todo:
            chunk, todo = todo[:100], todo[100:]
            request = {self._table: {"Keys": [{"pk": {"S": key}} for key in chunk], "ConsistentRead": True}}
            answer = self._dynamodb.batch_get_item(RequestItems=request)
            yield from answer["Responses"].get(self._table, [])
            left = answer.get("UnprocessedKeys", {}).get(self._table, {}).get("Keys", [])
            todo += [key["pk"]["S"] for key in left]
