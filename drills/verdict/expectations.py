"""What AWS documents for each part of a recovery, and what follows for the figures of a drill there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drills.measure.detection import Detection


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """A figure to expect on AWS, how it is derived, and the documentation that the numbers are from."""

    figure: str
    expected: str
    derivation: str
    source: str


def expectations(detection: Detection, *, strong: bool) -> list[Expectation]:
    """Return them for the deployed intervals, thresholds and TTLs, whatever a drill scaled them by."""
    interval, ttl = (each / detection.interval_scale for each in (detection.interval_seconds, detection.ttl_seconds))
    bound = interval * detection.threshold + ttl
    return [
        Expectation(
            figure="Write RTO",
            expected=f"about {bound:.0f} s",
            derivation=f"{interval:g} s interval x {detection.threshold} failures + {ttl:g} s TTL; the first clients "
            "move sooner, when their answers end",
            source="Route 53 Developer Guide: How Amazon Route 53 determines whether a health check is healthy; "
            "Values that you specify when you create health checks",
        ),
        Expectation(
            figure="Ledger RTO",
            expected="minutes",
            derivation="the managed failover of an Aurora global database, then the tail from the journal",
            source="Amazon Aurora User Guide: Using switchover or failover in Aurora Global Database "
            '("RTO can be in the order of minutes")',
        ),
        Expectation(
            figure="Recovery plan",
            expected="minutes",
            derivation="its steps one after another, the ledger's failover the longest; it runs in the Region that is "
            "activated and needs nothing of the one that is lost",
            source="Amazon Application Recovery Controller Developer Guide: Region switch; Amazon Aurora Global "
            "Database execution block",
        ),
        Expectation(
            figure="RPO",
            expected="0" if strong else "about 1 s until the Region is back, then 0",
            derivation="the journal is strongly consistent: acknowledged means in two Regions"
            if strong
            else "the journal is eventually consistent: what had not been replicated arrives when the Region returns",
            source="Amazon DynamoDB Developer Guide: Global tables, consistency modes",
        ),
        Expectation(
            figure="Ledger replication lag",
            expected="under 1 s",
            derivation="storage-level replication; the projector of the standby waits for it row by row",
            source="Amazon Aurora User Guide: Using Amazon Aurora Global Database",
        ),
        Expectation(
            figure="Documents",
            expected="15 minutes" if strong else "minutes, without a promise",
            derivation="with S3 Replication Time Control, 99.99 % of objects"
            if strong
            else "this stage replicates documents without Replication Time Control",
            source="Amazon S3 User Guide: Meeting compliance requirements with S3 Replication Time Control",
        ),
    ]
