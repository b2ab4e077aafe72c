"""Which records make up a batch of a stream, and what becomes of one that failed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_FIRST_BACKOFF_SECONDS = 0.05
_LONGEST_BACKOFF_SECONDS = 2.0
_BATCH_BYTES = 6 * 1024 * 1024


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


def fitting(records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the first records, at least one, that fit into an event of 6 MB (Lambda Developer Guide, batching)."""
    length = len('{"Records": []}')
    taken: list[dict[str, Any]] = []
    for record in records:
        length += len(json.dumps(record, default=str)) + 2
        if taken and length > _BATCH_BYTES:
            break
        taken.append(record)
    return taken


def too_old(records: Sequence[dict[str, Any]], limit: int, now: float) -> list[dict[str, Any]]:
    """Return the records that are older than `limit` seconds at `now`; a limit of -1 is infinite."""
    return [each for each in records if limit > 0 and now - arrival_of(each) > limit]


def arrival_of(record: Mapping[str, Any]) -> float:
    """When a stream's record was written, in seconds since 1970."""
    return float(record["dynamodb"]["ApproximateCreationDateTime"])


class Batches:
    """Where the halves of a failed batch end, and how often the next batch was tried."""

    def __init__(self) -> None:
        self.attempts = 0
        """How often the next batch was tried; halving it does not count (Lambda Developer Guide, error handling)."""
        self._ends: list[int] = []
        self._backoff = _FIRST_BACKOFF_SECONDS

    def size(self, position: int, size: int) -> int:
        """How many records to read at `position`: to the end of the half that is next, and `size` at most."""
        return min(size, self._ends[-1] - position) if self._ends else size

    def halve(self, middle: int) -> None:
        """Have the next batch end at `middle`."""
        self._ends.append(middle)
        self.attempts = 0

    def fail(self, retries: int) -> bool:
        """Count a failed attempt; returns whether the batch was tried too often. `retries` is -1 for no limit."""
        self.attempts += 1
        return 0 <= retries < self.attempts

    def move_on(self, position: int) -> None:
        """Start a new batch at `position`, with what is left of halves."""
        while self._ends and self._ends[-1] <= position:
            self._ends.pop()
        self.attempts, self._backoff = 0, _FIRST_BACKOFF_SECONDS

    def pause(self) -> float:
        """How long to wait before the next attempt, in seconds; twice as long each time."""
        pause, self._backoff = self._backoff, min(self._backoff * 2, _LONGEST_BACKOFF_SECONDS)
        return pause
