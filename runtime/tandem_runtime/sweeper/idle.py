"""Whether a sweep may leave a ledger alone that pauses: a connection would wake it, and keep it awake."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from contract.journal import BUCKETS_PER_MINUTE, bucket_of
from contract.operational import settled_key
from tandem_runtime.sweeper.evidence import SLACK

if TYPE_CHECKING:
    from tandem_runtime.sweeper.slices import Index

CONNECTS_EVERY = timedelta(days=1)
"""A restore may take rows away behind everybody's back, so a sweep connects once a day all the same."""

_INDEX_LATE = timedelta(minutes=1)
_MINUTE = timedelta(minutes=1)


class Idle:
    """What the last sweep that connected found, kept in the operational table."""

    def __init__(self, dynamodb: Any, table: str, region: str) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._region = region

    def note(self, now: datetime, *, settled: bool) -> None:
        """Keep whether the sweep of `now` found mark and cursor past every item of the journal."""
        self._put(connected_at=now, looked_until=now, settled=settled)

    def may_skip(self, index: Index, now: datetime) -> bool:
        """Whether nothing is to be done: the last sweep was past every item, and no bucket since holds one."""
        item = self._dynamodb.get_item(TableName=self._table, Key=settled_key(self._region), ConsistentRead=True)
        held = item.get("Item")
        if not held or not held["settled"]["BOOL"]:
            return False
        connected_at, looked_until = (
            datetime.fromisoformat(held[name]["S"]) for name in ("connected_at", "looked_until")
        )
        if now - connected_at >= CONNECTS_EVERY or self._holds(index, looked_until - SLACK - _INDEX_LATE, now + SLACK):
            return False
        self._put(connected_at=connected_at, looked_until=now, settled=True)
        return True

    def _holds(self, index: Index, start: datetime, end: datetime) -> bool:
        minute = start.astimezone(UTC).replace(second=0, microsecond=0)
        while minute <= end:
            name = minute.strftime("%Y-%m-%dT%H:%M")
            for number in range(BUCKETS_PER_MINUTE):
                bucket = bucket_of(self._region, name, number)
                if next(iter(index.entries_in(bucket, name, "~")), None) is not None:
                    return True
            minute += _MINUTE
        return False

    def _put(self, *, connected_at: datetime, looked_until: datetime, settled: bool) -> None:
        self._dynamodb.put_item(
            TableName=self._table,
            Item={
                **settled_key(self._region),
                "connected_at": {"S": connected_at.isoformat()},
                "looked_until": {"S": looked_until.isoformat()},
                "settled": {"BOOL": settled},
            },
        )
