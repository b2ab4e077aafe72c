"""Delivery of DynamoDB streams to functions as Lambda does it.

MiniStack ignores partial batch responses and advances past the whole batch, which would lose what a function gave
back. Here a mapping resumes at the lowest failed sequence number, halves a batch that failed as a whole where the
mapping asks for that, and gives up what is too old or was tried too often (Lambda Developer Guide, "Lambda parameters
for Amazon DynamoDB event source mappings" and "Retaining discarded batch information"). Each mapping has as many lanes
as its ParallelizationFactor says: an item's records keep to one lane and to their order, as on AWS, and lanes wait
for nobody. A stream has as many shards as `--shards` says: on AWS one for each partition of the table (DynamoDB
Developer Guide, "Change data capture for DynamoDB Streams"), so all items of a partition key are in the same one, and
each shard has lanes of its own.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator import encryption, ministack
from emulator.functions import destinations
from emulator.functions.batches import Batches, fitting, resume_at, too_old
from emulator.ministack import request_scope

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_POLL_SECONDS = 0.25
"""How long a lane waits after it found nothing: Lambda polls a shard four times a second (Developer Guide, "Process
DynamoDB records with Lambda"). Where records are left it goes on at once."""

_WINDOW_SECONDS = 0.02
"""How often it looks whether a batch is full by now whose batching window is open."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Which records of a mapping a thread delivers: those of one lane of one shard."""

    shard: int
    shards: int
    lane: int
    lanes: int

    @property
    def shard_name(self) -> str:
        """The shard's identifier, as destinations are told it."""
        return f"shardId-{self.shard:020}-00000000"

    def has(self, record: dict[str, Any], partition_key: str) -> bool:
        """Whether a record of a table is delivered here; `partition_key` is the name of the table's."""
        return shard_of(record, partition_key, self.shards) == self.shard and lane_of(record, self.lanes) == self.lane


def shard_of(record: dict[str, Any], partition_key: str, shards: int) -> int:
    """Which of a stream's shards has a record: always the same for the same value of the partition key."""
    if shards == 1:
        return 0
    value = json.dumps(record["dynamodb"]["Keys"][partition_key], sort_keys=True)
    # another hash than that of lanes, or the items of one shard would meet in few of its lanes
    return hashlib.sha256(value.encode()).digest()[0] % shards


def lane_of(record: dict[str, Any], lanes: int) -> int:
    """Which of a mapping's lanes delivers a record: always the same for the same item."""
    return zlib.crc32(json.dumps(record["dynamodb"]["Keys"], sort_keys=True).encode()) % lanes if lanes > 1 else 0


class _Lane:
    """One thread of an event source mapping, which delivers the records of its own items in their order."""

    def __init__(
        self, account: str, region: str, mapping: dict[str, Any], place: Place, is_lost: Callable[[str], bool]
    ) -> None:
        self._account, self._region, self._mapping, self._is_lost = account, region, mapping, is_lost
        self._place, self._partition_key = place, ""
        self._position: int | None = None
        self._waiting_since: float | None = None
        self._batches = Batches()
        name = f"stream {mapping['UUID']} {place.shard} {place.lane}"
        self.thread = threading.Thread(target=self._run, daemon=True, name=name)
        self.thread.start()

    def _alive(self) -> bool:
        mappings = ministack.LAMBDA_MAPPINGS.value()
        return self._place.lanes == lanes_of(self._mapping) and any(each is self._mapping for _, _, each in mappings)

    def _run(self) -> None:
        checked = 0.0
        while True:
            if time.monotonic() - checked > 1.0:
                checked = time.monotonic()
                if not self._alive():
                    return
            if self._is_lost(self._region) or not self._mapping.get("Enabled", True):
                time.sleep(_POLL_SECONDS)
                continue
            with request_scope(self._account, self._region):
                pause = self._deliver()
            if pause:
                time.sleep(pause)

    def _deliver(self) -> float:
        """Deliver one batch; returns how long to pause before the next."""
        record, batch, size = self._read()
        if record is None or not batch:
            return _POLL_SECONDS
        own = [each for each in batch if self._place.has(each, self._partition_key)]
        matching = ministack.LAMBDA_FILTER.value(own, self._mapping) if own else []
        if not matching:
            return self._move_on(len(batch))
        filtered = fitting(matching)
        if len(filtered) < len(matching):
            batch = batch[: _index(batch, filtered[-1]) + 1]
        if self._gathers(len(filtered), size):
            return _WINDOW_SECONDS
        if self._give_up_the_old(batch, filtered, record):
            return 0.0
        result = ministack.LAMBDA_EXECUTE.value(record, {"Records": filtered})
        if self._is_lost(self._region):
            return _POLL_SECONDS  # the checkpoint died with the Region: what was processed is delivered again
        return self._advance(batch, filtered, result, record)

    def _read(self) -> tuple[dict[str, Any] | None, list[dict[str, Any]], int]:
        """The function, the stream's next records and how many were asked for; None without function or stream."""
        source = self._mapping["EventSourceArn"]
        resource: str = ministack.ARN_PARSE.value(source).resource
        name = resource.removeprefix("table/").partition("/")[0]
        table = ministack.DYNAMODB_TABLES.value.get(name)
        record, _ = ministack.LAMBDA_RECORD_OF.value(self._mapping["FunctionName"], self._mapping.get("Qualifier"))
        if not table or table.get("LatestStreamArn") != source or record is None or encryption.inaccessible(table):
            return None, [], 0
        self._partition_key = next(each["AttributeName"] for each in table["KeySchema"] if each["KeyType"] == "HASH")
        horizon = ministack.DYNAMODB_STREAM_START.value(name)
        if self._position is None:
            latest = self._mapping.get("StartingPosition") == "LATEST"
            self._position = ministack.DYNAMODB_STREAM_END.value(name) if latest else horizon
        self._position = max(self._position, horizon)
        size = self._batches.size(self._position, int(self._mapping.get("BatchSize", 100)))
        return record, list(ministack.DYNAMODB_STREAM_RECORDS.value(name, self._position, size)), size

    def _gathers(self, count: int, size: int) -> bool:
        """Whether the batching window is still open: it ends with its time, or with a full batch."""
        window = float(self._mapping.get("MaximumBatchingWindowInSeconds") or 0)
        if not window or count >= size or self._batches.attempts:
            return False
        self._waiting_since = self._waiting_since or time.monotonic()
        return time.monotonic() - self._waiting_since < window

    def _give_up_the_old(
        self, batch: Sequence[dict[str, Any]], filtered: Sequence[dict[str, Any]], record: dict[str, Any]
    ) -> bool:
        old = too_old(filtered, int(self._mapping.get("MaximumRecordAgeInSeconds") or -1), time.time())
        if not old:
            return False
        self._discard(old, "RecordAgeExceeded", None, record)
        self._move_on(_index(batch, old[-1]) + 1)
        return True

    def _advance(
        self,
        batch: Sequence[dict[str, Any]],
        filtered: Sequence[dict[str, Any]],
        result: dict[str, Any],
        record: dict[str, Any],
    ) -> float:
        processed = None if result.get("error") else self._processed(filtered, result.get("body"))
        if processed is not None and processed >= len(filtered):
            return self._move_on(len(batch))
        if processed:
            self._move_on(_index(batch, filtered[processed]))
            return self._batches.pause()
        assert self._position is not None  # noqa: S101 - set before the first delivery
        if not result.get("throttle"):  # a batch that was not taken is no attempt
            bisects = (
                str(self._mapping.get("BisectBatchOnFunctionError")).lower() == "true"
            )  # a template may write text
            if processed is None and bisects and len(filtered) > 1:
                self._batches.halve(self._position + _index(batch, filtered[len(filtered) // 2]))
            elif self._batches.fail(self._retries()):
                self._discard(filtered, "RetryAttemptsExhausted", result, record)
                return self._move_on(len(batch))
        return self._batches.pause()

    def _retries(self) -> int:
        told = self._mapping.get("MaximumRetryAttempts")
        return -1 if told is None else int(told)

    def _processed(self, records: Sequence[dict[str, Any]], answer: object) -> int | None:
        if "ReportBatchItemFailures" not in (self._mapping.get("FunctionResponseTypes") or []):
            return len(records)
        return resume_at(records, answer)

    def _move_on(self, count: int) -> float:
        assert self._position is not None  # noqa: S101 - set before the first delivery
        self._position += count
        self._waiting_since = None
        self._batches.move_on(self._position)
        return 0.0

    def _discard(
        self, records: Sequence[dict[str, Any]], condition: str, result: dict[str, Any] | None, record: dict[str, Any]
    ) -> None:
        target = ((self._mapping.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination")
        if not target:
            return
        told = destinations.batch_record(
            function_arn=(record.get("config") or record)["FunctionArn"],
            stream_arn=self._mapping["EventSourceArn"],
            shard=self._place.shard_name,
            condition=condition,
            attempts=self._batches.attempts,
            records=records,
            result=result,
        )
        destinations.send(target, told)


def _index(batch: Sequence[dict[str, Any]], record: dict[str, Any]) -> int:
    return next(index for index, each in enumerate(batch) if each is record)


def lanes_of(mapping: dict[str, Any]) -> int:
    """How many batches of one shard a mapping delivers at once."""
    return int(mapping.get("ParallelizationFactor") or 1)


def places(mapping: dict[str, Any], shards: int) -> list[Place]:
    """Every lane of every shard of a mapping's stream."""
    lanes = lanes_of(mapping)
    return [
        Place(shard=shard, shards=shards, lane=lane, lanes=lanes) for shard in range(shards) for lane in range(lanes)
    ]


def install(is_lost: Callable[[str], bool], shards: int) -> None:
    """Replace MiniStack's poller; `is_lost` tells whether a Region's pollers are gone. A stream has `shards`."""
    running: dict[tuple[str, Place], _Lane] = {}

    def supervise() -> bool:
        for account, region, mapping in list(ministack.LAMBDA_MAPPINGS.value()):
            if ":dynamodb:" not in mapping.get("EventSourceArn", ""):
                continue
            for place in places(mapping, shards):
                name = (mapping["UUID"], place)
                if name not in running or not running[name].thread.is_alive():
                    running[name] = _Lane(account, region, mapping, place, is_lost)
        return False

    ministack.LAMBDA_POLL_STREAMS.replace(supervise)
