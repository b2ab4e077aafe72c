"""Lambda's limit, CloudWatch's peak and the stream's shards, as AWS tells them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tandem_runtime.shared.clients import call_errors

if TYPE_CHECKING:
    from datetime import datetime

_BACK = timedelta(days=14)
_PERIOD_SECONDS = 900
"""Points of so many seconds keep two weeks below the 1,440 that one call returns (CloudWatch, GetMetricStatistics)."""


def limit(functions: Any) -> float:
    """How many executions at once the account may have in the Region (Lambda API Reference, GetAccountSettings)."""
    return float(functions.get_account_settings()["AccountLimit"]["ConcurrentExecutions"])


def peak(cloudwatch: Any, now: datetime) -> float | None:
    """How many executions at once the account had within two weeks at most; None where the Region does not answer.

    0 where nothing ran. The metric without dimensions is the account's (Lambda Developer Guide, types of metrics).
    """
    try:
        answer = cloudwatch.get_metric_statistics(
            Namespace="AWS/Lambda",
            MetricName="ConcurrentExecutions",
            StartTime=now - _BACK,
            EndTime=now,
            Period=_PERIOD_SECONDS,
            Statistics=["Maximum"],
        )
    except call_errors():
        return None
    return max((float(point["Maximum"]) for point in answer["Datapoints"]), default=0.0)


def open_shards(streams: Any, stream_arn: str) -> int:
    """How many shards of the stream take records: a closed one has an ending sequence number, and is read to its end.

    DynamoDB Streams API Reference, DescribeStream: a page holds 100 shards at most, and names the last one of them.
    """
    count = 0
    start: dict[str, str] = {}
    while True:
        described = streams.describe_stream(StreamArn=stream_arn, **start)["StreamDescription"]
        count += sum("EndingSequenceNumber" not in shard["SequenceNumberRange"] for shard in described["Shards"])
        last = described.get("LastEvaluatedShardId")
        if not last:
            return count
        start = {"ExclusiveStartShardId": last}
