"""The journal table: one conditional put, one read."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from tandem_runtime.shared.backoff import pauses
from tandem_runtime.shared.transaction import Transaction, key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

__all__ = ["Journal", "ThrottledError"]

_CONFLICT_TRIES = 5
_CONFLICT_FIRST_SECONDS, _CONFLICT_MOST_SECONDS = 0.05, 0.4
"""A strong write takes about as long as the way between the Regions: a client waits a second for all tries at most."""

_BATCH_TRIES = 10
_BATCH_FIRST_SECONDS, _BATCH_MOST_SECONDS = 0.1, 5.0
"""Half a minute in a row without a single key, at most: what waits for this is tried again, or told that it failed."""


class ThrottledError(Exception):
    """DynamoDB returned none of the keys that it was asked for, however often it was asked."""


class Journal:
    """The local replica of the journal table."""

    def __init__(self, dynamodb: Any, table: str, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._sleep = sleep

    def record(self, transaction: Transaction) -> Transaction:
        """Record `transaction` once; returns what the journal holds under its id: `transaction` itself when it was new.

        A strongly consistent table refuses a put that races with another Region's for the same item with
        ReplicatedWriteConflictException; it may be retried (DynamoDB Developer Guide, multi-Region strong consistency).
        """
        tries = pauses(tries=_CONFLICT_TRIES, first=_CONFLICT_FIRST_SECONDS, most=_CONFLICT_MOST_SECONDS)
        for pause in [*tries, None]:
            try:
                self._dynamodb.put_item(
                    TableName=self._table,
                    Item=transaction.to_item(),
                    ConditionExpression="attribute_not_exists(pk)",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
            except self._dynamodb.exceptions.ClientError as error:
                code = error.response["Error"]["Code"]
                if code == "ConditionalCheckFailedException":
                    held: Mapping[str, Any] = error.response["Item"]
                    return Transaction.from_item(held)
                if code != "ReplicatedWriteConflictException" or pause is None:
                    raise
                self._sleep(pause)
            else:
                return transaction
        raise AssertionError("unreachable: the last attempt returns or raises")

    def find(self, transaction_id: str) -> Transaction | None:
        """The transaction as the local replica has it, with all that was acknowledged here before.

        Without ConsistentRead an item may be missing that this Region has just written (DynamoDB Developer Guide, read
        consistency).
        """
        key = {"pk": {"S": key_of(transaction_id)}}
        answer = self._dynamodb.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return Transaction.from_item(answer["Item"]) if "Item" in answer else None

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
        """The raw items of `keys`, read consistently; raises `ThrottledError` when DynamoDB yields none any more.

        What it leaves unprocessed is asked for again after a pause, as it wants (DynamoDB API Reference, BatchGetItem).
        """
        todo = list(keys)
        waits = _waits()
        while todo:
            chunk, todo = todo[:100], todo[100:]
            request = {self._table: {"Keys": [{"pk": {"S": key}} for key in chunk], "ConsistentRead": True}}
            answer = self._dynamodb.batch_get_item(RequestItems=request)
            yield from answer["Responses"].get(self._table, [])
            left = answer.get("UnprocessedKeys", {}).get(self._table, {}).get("Keys", [])
            todo += [key["pk"]["S"] for key in left]
            if len(left) < len(chunk):
                waits = _waits()
            if left:
                pause = next(waits, None)
                if pause is None:
                    raise ThrottledError(f"{self._table} is throttled: {len(todo)} items are not read yet, try again")
                self._sleep(pause)


def _waits() -> Iterator[float]:
    return pauses(tries=_BATCH_TRIES, first=_BATCH_FIRST_SECONDS, most=_BATCH_MOST_SECONDS)
