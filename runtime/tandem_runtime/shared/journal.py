"""The journal table: one conditional put, one read."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

from contract.journal import BUCKET, PAYLOAD_HASH, RECORDED_AT, TIME_INDEX, id_of, is_transaction, key_of
from contract.tables import PARTITION_KEY
from tandem_runtime.shared.backoff import pauses
from tandem_runtime.shared.transaction import Transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping


_CONFLICT_TRIES = 5
_CONFLICT_FIRST_SECONDS, _CONFLICT_MOST_SECONDS = 0.05, 0.4
"""A strong write takes about as long as the way between the Regions: a client waits a second for all tries at most."""

_BATCH_TRIES = 10
_BATCH_FIRST_SECONDS, _BATCH_MOST_SECONDS = 0.1, 5.0
"""Half a minute in a row without a single key, at most: what waits for this is tried again, or told that it failed."""


class Entry(NamedTuple):
    """A journal item as an index or a scan tells it; entries sort by their time.

    `payload_hash` is empty where it is not told: the item itself tells it then.
    """

    recorded_at: str
    key: str
    payload_hash: str

    @property
    def transaction_id(self) -> str:
        """The id in the item's key."""
        return id_of(self.key)


class Page(NamedTuple):
    """A part of a segment of the table, and the key that it ends with; None when the segment ends."""

    entries: list[Entry]
    last: str | None


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
                    ConditionExpression=f"attribute_not_exists({PARTITION_KEY})",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
            except self._dynamodb.exceptions.ClientError as error:
                code = error.response["Error"]["Code"]
                if code == "ConditionalCheckFailedException":
                    recorded: Mapping[str, Any] = error.response["Item"]
                    return Transaction.from_item(recorded)
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
        key = {PARTITION_KEY: {"S": key_of(transaction_id)}}
        answer = self._dynamodb.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return Transaction.from_item(answer["Item"]) if "Item" in answer else None

    def entries_in(self, bucket: str, since: str, before: str) -> Iterator[Entry]:
        """What one partition of the time index holds from `since` to just before `before`, in order of time."""
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            IndexName=TIME_INDEX,
            KeyConditionExpression=f"#bucket = :bucket AND {RECORDED_AT} BETWEEN :since AND :before",
            ExpressionAttributeNames={"#bucket": BUCKET},
            ExpressionAttributeValues={":bucket": {"S": bucket}, ":since": {"S": since}, ":before": {"S": before}},
        )
        for page in pages:
            for item in page["Items"]:
                if item[RECORDED_AT]["S"] != before:  # BETWEEN includes both ends
                    yield _entry(item)

    def scan(self, segment: int, segments: int, after: str | None) -> Page:
        """The next page of one of the table's `segments`, after the key `after`, which a page before ended with."""
        start = {"ExclusiveStartKey": {PARTITION_KEY: {"S": after}}} if after is not None else {}
        answer = self._dynamodb.scan(
            TableName=self._table,
            ProjectionExpression=f"{PARTITION_KEY}, {PAYLOAD_HASH}",
            ConsistentRead=True,
            Segment=segment,
            TotalSegments=segments,
            **start,
        )
        last = answer.get("LastEvaluatedKey")
        return Page(
            [_entry(item) for item in answer["Items"] if is_transaction(item[PARTITION_KEY]["S"])],
            last[PARTITION_KEY]["S"] if last else None,
        )

    def fetch(self, keys: Iterable[str]) -> Iterator[Mapping[str, Any]]:
        """The raw items of `keys`, read consistently; raises `ThrottledError` when DynamoDB yields none any more.

        What it leaves unprocessed is asked for again after a pause, as it wants (DynamoDB API Reference, BatchGetItem).
        """
        todo = list(keys)
        waits = _waits()
        while todo:
            chunk, todo = todo[:100], todo[100:]
            request = {self._table: {"Keys": [{PARTITION_KEY: {"S": key}} for key in chunk], "ConsistentRead": True}}
            answer = self._dynamodb.batch_get_item(RequestItems=request)
            yield from answer["Responses"].get(self._table, [])
            left = answer.get("UnprocessedKeys", {}).get(self._table, {}).get("Keys", [])
            todo += [key[PARTITION_KEY]["S"] for key in left]
            if len(left) < len(chunk):
                waits = _waits()
            if left:
                pause = next(waits, None)
                if pause is None:
                    raise ThrottledError(f"{self._table} is throttled: {len(todo)} items are not read yet, try again")
                self._sleep(pause)


def _entry(item: Mapping[str, Any]) -> Entry:
    """Whatever type an attribute has that somebody wrote around the API: only a text is taken for one."""
    recorded_at, payload_hash = (str(item.get(name, {}).get("S", "")) for name in (RECORDED_AT, PAYLOAD_HASH))
    return Entry(recorded_at, str(item[PARTITION_KEY]["S"]), payload_hash)


def _waits() -> Iterator[float]:
    return pauses(tries=_BATCH_TRIES, first=_BATCH_FIRST_SECONDS, most=_BATCH_MOST_SECONDS)
