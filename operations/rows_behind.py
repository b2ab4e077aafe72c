"""How many transactions a ledger lacks of what its Region's journal holds."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from contract.journal import BUCKET, BUCKETS_PER_MINUTE, RECORDED_AT, TIME_INDEX, bucket_of
from operations.ledger_query import query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from operations.deployment import Deployment
    from operations.endpoint import Endpoint

MOST_MINUTES = 10
"""How many minutes of the journal are counted at most: each takes a query for each origin and bucket."""
SINCE_SECONDS = 120
"""The last seconds of which journal and ledger are compared: `projector behind` tells of a backlog that is longer."""
UNDER_WAY_SECONDS = 5
"""What is younger is on its way, and is not counted as missing."""


@dataclass(frozen=True, kw_only=True)
class RowsBehind:
    """How many of the last `seconds` the journal holds and the ledger has not: at least so many are missing."""

    rows: int
    seconds: float


def rows_behind(endpoint: Endpoint, deployment: Deployment, region: str) -> RowsBehind:
    """Count both, the ledger after the journal, so that what arrives meanwhile is never counted as missing.

    Raises OperationError when the ledger does not answer, BotoCoreError or ClientError when the journal does not.
    """
    now = time.time()
    begin, end = now - SINCE_SECONDS, now - UNDER_WAY_SECONDS
    journalled = count_recorded(endpoint, deployment, region, since=begin, until=end)
    statement = (
        "SELECT count(*)::text FROM ledger.transactions "
        "WHERE recorded_at BETWEEN CAST(:begin AS timestamptz) AND CAST(:end AS timestamptz)"
    )
    posted = query(endpoint, deployment, region, statement, begin=_text(begin), end=_text(end))
    return RowsBehind(rows=max(0, journalled - int(posted[0][0])), seconds=SINCE_SECONDS)


def count_recorded(
    endpoint: Endpoint, deployment: Deployment, region: str, *, since: float, until: float | None = None
) -> int:
    """Count the items of a Region's replica of the journal that any Region recorded from `since` on, before `until`."""
    begin = datetime.fromtimestamp(since, tz=UTC)
    end = datetime.now(tz=UTC) if until is None else datetime.fromtimestamp(until, tz=UTC)
    client = endpoint.dynamodb(region)
    count, minute = 0, begin.replace(second=0, microsecond=0)
    condition = f"#bucket = :bucket AND {RECORDED_AT} >= :since"  # `bucket` is one of DynamoDB's reserved words
    values = {":since": {"S": _text(since)}}
    if until is not None:
        condition = f"#bucket = :bucket AND {RECORDED_AT} BETWEEN :since AND :until"
        values[":until"] = {"S": _text(until)}
    while minute <= end:
        for bucket in _buckets(deployment.regions.both, minute):
            pages = client.get_paginator("query").paginate(
                TableName=deployment.journal_table(region),
                IndexName=TIME_INDEX,
                Select="COUNT",
                KeyConditionExpression=condition,
                ExpressionAttributeNames={"#bucket": BUCKET},
                ExpressionAttributeValues={":bucket": {"S": bucket}, **values},
            )
            count += sum(page["Count"] for page in pages)
        minute += timedelta(minutes=1)
    return count


def _buckets(origins: Sequence[str], minute: datetime) -> list[str]:
    return [
        bucket_of(origin, f"{minute:%Y-%m-%dT%H:%M}", number)
        for origin in origins
        for number in range(BUCKETS_PER_MINUTE)
    ]


def _text(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment, tz=UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
