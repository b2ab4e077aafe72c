"""The evidence, what the canary saw, and the journal's replica, as DynamoDB of this Region has them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from contract.journal import BUCKET, BUCKETS_PER_MINUTE, RECORDED_AT, TIME_INDEX, bucket_of
from contract.recovery import EVIDENCE_KEY, REACHED_AT, SAID, SAID_AT, canary_key
from tandem_runtime.recover.evidence import Evidence
from tandem_runtime.recover.signals import Observation
from tandem_runtime.shared.signs import LOST_SINCE, SEEN_AT, STATE

if TYPE_CHECKING:
    from collections.abc import Mapping

STARTED_AT, SWEPT_AT, LEASED_UNTIL = "started_at", "swept_at", "leased_until"
_MOST_CHARACTERS = 500


@dataclass(frozen=True)
class EvidenceItem:
    """The evidence: one item of a table that has one Region."""

    dynamodb: Any
    table: str

    def read(self) -> Evidence:
        """Read it consistently."""
        item = _item(self.dynamodb, self.table, EVIDENCE_KEY)
        return Evidence(
            seen_at=_number(item, SEEN_AT),
            lost_since=_number(item, LOST_SINCE),
            started_at=_number(item, STARTED_AT),
            swept_at=_number(item, SWEPT_AT),
            leased_until=_number(item, LEASED_UNTIL),
        )

    def note_lost(self, before: Evidence, after: Evidence) -> bool:
        """Note a look that saw everything lost; False where another look was noted since `before` was read."""
        values = {":seen": after.seen_at, ":since": after.lost_since}
        condition = f"attribute_not_exists({SEEN_AT})"
        if before.seen_at is not None:
            condition, values = f"{SEEN_AT} = :before", {**values, ":before": before.seen_at}
        return self._update(f"SET {SEEN_AT} = :seen, {LOST_SINCE} = :since", values, condition)

    def clear(self, now: float) -> None:
        """Note a contradiction, whatever was noted meanwhile: that a late one comes last costs a minute, no more.

        The time of the last look never goes back: a late look could otherwise begin evidence before a contradiction.
        """
        later = f"attribute_not_exists({SEEN_AT}) OR {SEEN_AT} < :now"
        if not self._update(f"SET {SEEN_AT} = :now REMOVE {LOST_SINCE}", {":now": now}, later):
            self._update(f"REMOVE {LOST_SINCE}", {})

    def lease(self, evidence: Evidence, *, now: float, until: float) -> bool:
        """Take the lease on the evidence as it was read. The condition is checked on the item as it is then."""
        return self._update(
            f"SET {LEASED_UNTIL} = :until",
            {":until": until, ":seen": evidence.seen_at, ":since": evidence.lost_since, ":now": now},
            f"{SEEN_AT} = :seen AND {LOST_SINCE} = :since "
            f"AND (attribute_not_exists({LEASED_UNTIL}) OR {LEASED_UNTIL} <= :now)",
        )

    def note_started(self, at: float) -> None:
        """Note that a recovery was begun."""
        self._update(f"SET {STARTED_AT} = :at REMOVE {SWEPT_AT}", {":at": at})

    def note_swept(self, at: float) -> None:
        """Note that the sweep after it was asked for."""
        self._update(f"SET {SWEPT_AT} = :at", {":at": at})

    def say(self, text: str, at: float) -> None:
        """Keep what was decided, where `tandem status` reads it."""
        self.dynamodb.update_item(
            TableName=self.table,
            Key=EVIDENCE_KEY,
            UpdateExpression=f"SET {SAID} = :text, {SAID_AT} = :at",
            ExpressionAttributeValues={":text": {"S": text[:_MOST_CHARACTERS]}, ":at": {"N": repr(at)}},
        )

    def _update(self, update: str, values: Mapping[str, float | None], condition: str = "") -> bool:
        typed = {name: {"N": repr(value)} for name, value in values.items() if value is not None}
        conditional = {"ConditionExpression": condition} if condition else {}
        try:
            self.dynamodb.update_item(
                TableName=self.table,
                Key=EVIDENCE_KEY,
                UpdateExpression=update,
                **({"ExpressionAttributeValues": typed} if typed else {}),
                **conditional,
            )
        except self.dynamodb.exceptions.ConditionalCheckFailedException:
            return False
        return True


def observation(dynamodb: Any, table: str, region: str) -> Observation | None:
    """What the canary saw of a Region last; None where it never looked."""
    item = _item(dynamodb, table, canary_key(region))
    seen_at = _number(item, SEEN_AT)
    if seen_at is None:
        return None
    return Observation(
        state=str(item.get(STATE, {}).get("S", "")),
        seen_at=seen_at,
        reached_at=_number(item, REACHED_AT),
        lost_since=_number(item, LOST_SINCE),
    )


def holds_young(dynamodb: Any, table: str, *, origin: str, now: float, limit: float) -> bool:
    """Whether the journal's replica holds an item that `origin` took within `limit` seconds before `now`."""
    oldest = datetime.fromtimestamp(now - limit, tz=UTC)
    latest = datetime.fromtimestamp(now, tz=UTC) + timedelta(minutes=1)  # the other Region's clock may be ahead
    minutes = int((latest - oldest).total_seconds() // 60) + 1
    for back in range(minutes + 1):
        minute = (latest - timedelta(minutes=back)).strftime("%Y-%m-%dT%H:%M")
        for number in range(BUCKETS_PER_MINUTE):
            answer = dynamodb.query(
                TableName=table,
                IndexName=TIME_INDEX,
                KeyConditionExpression=f"#bucket = :bucket AND {RECORDED_AT} >= :since",
                ExpressionAttributeNames={"#bucket": BUCKET},
                ExpressionAttributeValues={
                    ":bucket": {"S": bucket_of(origin, minute, number)},
                    ":since": {"S": oldest.strftime("%Y-%m-%dT%H:%M:%S.%fZ")},
                },
                Limit=1,
            )
            if answer["Items"]:
                return True
    return False


def _item(dynamodb: Any, table: str, key: Mapping[str, Any]) -> Mapping[str, Any]:
    item: Mapping[str, Any] = dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item", {})
    return item


def _number(item: Mapping[str, Any], name: str) -> float | None:
    held = item.get(name, {}).get("N")
    return None if held is None else float(held)
