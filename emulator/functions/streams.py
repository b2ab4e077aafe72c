"""Delivery of DynamoDB streams to functions as Lambda does it.

MiniStack ignores partial batch responses and advances past the whole batch, which would lose what a function gave
back. Here a mapping resumes at the lowest failed sequence number, halves a batch that failed as a whole where the
mapping asks for that, keeps the order, and retries for ever (Lambda Developer Guide, DynamoDB batch item failures).
One thread per mapping, so that a slow consumer in one Region holds up nobody in another.
"""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING, Any

from emulator import ministack
from emulator.ministack import request_scope

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_FIRST_BACKOFF_SECONDS = 0.05
_LONGEST_BACKOFF_SECONDS = 2.0
_IDLE_SECONDS = 0.02


def resume_at(records: Sequence[dict[str, Any]], answer: object) -> int | None:
    """Return how many of `records` a function's `answer` says were processed; None when none can be taken as processed.

    An empty answer is a success; an identifier that is not in the batch, or empty, fails the batch as a whole.
    """
    if isinstance(answer, bytes | str):
        try:
            answer = json.loads(answer or "null")
        except ValueError:
            return len(records)
    failures = answer.get("batchItemFailures") if isinstance(answer, dict) else None
    if not failures:
        return len(records)
    positions = {record["dynamodb"]["SequenceNumber"]: index for index, record in enumerate(records)}
    failed = [positions.get(failure.get("itemIdentifier", "")) for failure in failures]
    if any(position is None for position in failed):
        return None
    return min(position for position in failed if position is not None)


class _Mapping:
    """One event source mapping's thread."""

    def __init__(self, account: str, region: str, mapping: dict[str, Any], is_lost: Callable[[str], bool]) -> None:
        self._account, self._region, self._mapping, self._is_lost = account, region, mapping, is_lost
        self._position: int | None = None
        self._size: int | None = None
        self._backoff = _FIRST_BACKOFF_SECONDS
        self.thread = threading.Thread(target=self._run, daemon=True, name=f"stream {mapping['UUID']}")
        self.thread.start()

    def _alive(self) -> bool:
        return any(each is self._mapping for _, _, each in ministack.LAMBDA_MAPPINGS.value())

    def _run(self) -> None:
        checked = 0.0
        while True:
            if time.monotonic() - checked > 1.0:
                checked = time.monotonic()
                if not self._alive():
                    return
            if self._is_lost(self._region) or not self._mapping.get("Enabled", True):
                time.sleep(_IDLE_SECONDS)
                continue
            with request_scope(self._account, self._region):
                pause = self._deliver()
            if pause:
                time.sleep(pause)

    def _deliver(self) -> float:
        """Deliver one batch; returns how long to pause before the next."""
        source = self._mapping["EventSourceArn"]
        resource: str = ministack.ARN_PARSE.value(source).resource
        name = resource.removeprefix("table/").partition("/")[0]
        table = ministack.DYNAMODB_TABLES.value.get(name)
        record, _ = ministack.LAMBDA_RECORD_OF.value(self._mapping["FunctionName"], self._mapping.get("Qualifier"))
        if not table or table.get("LatestStreamArn") != source or record is None:
            return _IDLE_SECONDS * 10
        horizon = ministack.DYNAMODB_STREAM_START.value(name)
        if self._position is None:
            latest = self._mapping.get("StartingPosition") == "LATEST"
            self._position = ministack.DYNAMODB_STREAM_END.value(name) if latest else horizon
        self._position = max(self._position, horizon)
        size = self._size or self._mapping.get("BatchSize", 100)
        batch = ministack.DYNAMODB_STREAM_RECORDS.value(name, self._position, size)
        if not batch:
            return _IDLE_SECONDS
        filtered = ministack.LAMBDA_FILTER.value(batch, self._mapping)
        if not filtered:
            self._position += len(batch)
            return 0.0
        result = ministack.LAMBDA_EXECUTE.value(record, {"Records": filtered})
        if self._is_lost(self._region):
            return _IDLE_SECONDS  # the checkpoint died with the Region: what was processed is delivered again
        processed = None if result.get("error") else self._processed(filtered, result.get("body"))
        return self._advance(batch, filtered, processed)

    def _processed(self, records: Sequence[dict[str, Any]], answer: object) -> int | None:
        if "ReportBatchItemFailures" not in (self._mapping.get("FunctionResponseTypes") or []):
            return len(records)
        return resume_at(records, answer)

    def _advance(
        self, batch: Sequence[dict[str, Any]], filtered: Sequence[dict[str, Any]], processed: int | None
    ) -> float:
        assert self._position is not None  # noqa: S101 - set before the first delivery
        if processed is not None and processed >= len(filtered):
            self._position += len(batch)
            self._size, self._backoff = None, _FIRST_BACKOFF_SECONDS
            return 0.0
        if processed:
            failed = filtered[processed]
            self._position += next(index for index, each in enumerate(batch) if each is failed)
            self._backoff = _FIRST_BACKOFF_SECONDS
        elif processed is None and self._mapping.get("BisectBatchOnFunctionError") and len(batch) > 1:
            self._size = max(1, len(batch) // 2)
        pause, self._backoff = self._backoff, min(self._backoff * 2, _LONGEST_BACKOFF_SECONDS)
        return pause


def install(is_lost: Callable[[str], bool]) -> None:
    """Replace MiniStack's poller; `is_lost` tells whether a Region's pollers are gone."""
    running: dict[str, _Mapping] = {}

    def supervise() -> bool:
        for account, region, mapping in list(ministack.LAMBDA_MAPPINGS.value()):
            if ":dynamodb:" not in mapping.get("EventSourceArn", ""):
                continue
            name = mapping["UUID"]
            if name not in running or not running[name].thread.is_alive():
                running[name] = _Mapping(account, region, mapping, is_lost)
        return False

    ministack.LAMBDA_POLL_STREAMS.replace(supervise)
