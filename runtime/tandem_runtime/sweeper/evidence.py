"""On what evidence a mark may rise: what this Region has seen of each origin's heart, kept outside the ledger.

Every run in either Region writes what it sees, whether its ledger is the writer, a replica or down. So neither a pause
nor a failover of the ledger breaks the evidence. Only what a Region saw itself counts for its sweeps, because what had
arrived elsewhere may not have arrived here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from contract.limits import EVIDENCE_PATIENCE_SECONDS, MARK_LATE_SECONDS, SLACK_SECONDS
from contract.operational import evidence_partition
from contract.tables import EXPIRES_AT, PARTITION_KEY, SORT_KEY

if TYPE_CHECKING:
    from collections.abc import Iterable

SLACK = timedelta(seconds=SLACK_SECONDS)
PATIENCE = timedelta(seconds=EVIDENCE_PATIENCE_SECONDS)
KEPT_LONGER = timedelta(seconds=2 * MARK_LATE_SECONDS)
"""How much longer than twice the margin an observation is kept: an origin that never gets a mark turns an alarm red."""


class Observation(NamedTuple):
    """At one time, an origin's latest heartbeat as it was seen here."""

    observed_at: datetime
    heartbeat_at: datetime


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What is known of an origin: its latest heartbeat, and how far the evidence lets its mark rise.

    `since` is when it was first heard of here, as far back as observations are kept; None where it never was.
    """

    heartbeat: datetime | None
    risen: datetime | None
    since: datetime | None = None


def risen(
    observations: Iterable[Observation], *, now: datetime, margin: timedelta, patience: timedelta = PATIENCE
) -> datetime | None:
    """How far a mark may rise: to a heartbeat that was seen at least `margin` ago, less the slack; None for nowhere.

    It may rise only while every observation since has seen a fresh heartbeat, and none of them are further apart than
    `patience`: by then what the origin recorded before that heartbeat has arrived. A gap proves nothing, so evidence
    starts anew after one.
    """
    later = now
    for each in sorted(observations, reverse=True):
        if each.observed_at > now:
            continue
        if later - each.observed_at > patience or each.observed_at - each.heartbeat_at > patience:
            return None
        if now - each.observed_at >= margin:
            return each.heartbeat_at - SLACK
        later = each.observed_at
    return None


class Observations:
    """The evidence in the operational table: one item a minute for each observer and origin, kept over two margins."""

    def __init__(self, dynamodb: Any, table: str, *, observer: str, margin: timedelta) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._observer = observer
        self._margin = margin

    def note(self, origin: str, seen: Observation) -> None:
        """Keep what was seen just now."""
        expires = seen.observed_at + 2 * self._margin + KEPT_LONGER
        self._dynamodb.put_item(
            TableName=self._table,
            Item={
                PARTITION_KEY: {"S": evidence_partition(self._observer, origin)},
                SORT_KEY: {"S": _minute(seen.observed_at)},
                "observed_at": {"S": seen.observed_at.isoformat()},
                "heartbeat_at": {"S": seen.heartbeat_at.isoformat()},
                EXPIRES_AT: {"N": str(int(expires.timestamp()))},
            },
        )

    def since(self, origin: str, start: datetime) -> list[Observation]:
        """What was seen of `origin` from the minute of `start` on."""
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression=f"{PARTITION_KEY} = :pk AND {SORT_KEY} >= :since",
            ExpressionAttributeValues={
                ":pk": {"S": evidence_partition(self._observer, origin)},
                ":since": {"S": _minute(start)},
            },
            ProjectionExpression="observed_at, heartbeat_at",
            ConsistentRead=True,
        )
        return [
            Observation(*(datetime.fromisoformat(item[name]["S"]) for name in Observation._fields))
            for page in pages
            for item in page["Items"]
        ]

    def first(self, origin: str) -> datetime | None:
        """When `origin` was first heard of, as far back as observations are kept."""
        answer = self._dynamodb.query(
            TableName=self._table,
            KeyConditionExpression=f"{PARTITION_KEY} = :pk",
            ExpressionAttributeValues={":pk": {"S": evidence_partition(self._observer, origin)}},
            ProjectionExpression="observed_at",
            ConsistentRead=True,
            Limit=1,
        )
        return next((datetime.fromisoformat(item["observed_at"]["S"]) for item in answer["Items"]), None)

    def look(self, origin: str, heartbeat: datetime | None, now: datetime, *, patience: timedelta = PATIENCE) -> Seen:
        """Note what is seen of `origin` now, and say what all that was seen of it allows."""
        if heartbeat is None:
            return Seen(heartbeat=None, risen=None)
        self.note(origin, Observation(now, heartbeat))
        # two observations of one minute are one item, so the oldest that counts may lie a patience before the margin
        noted = self.since(origin, now - self._margin - patience)
        return Seen(
            heartbeat=heartbeat,
            risen=risen(noted, now=now, margin=self._margin, patience=patience),
            since=self.first(origin),
        )


def _minute(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M")
