"""What hurts a Region, as metrics with thresholds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from contract.metrics import CONFLICTS, HEARTBEAT_AGE, QUARANTINE_HELD, QUARANTINED
from tandem.metrics import own_metric

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contract.names import Names
    from tandem.api import TransactionApi
    from tandem.failures import FailedInvocations
    from tandem.functions import RegionFunctions

_MINUTE = Duration.minutes(1)


@dataclass(frozen=True, kw_only=True)
class Replication:
    """What replicates between this Region and the other one. `documents_rule` is set where S3 emits metrics.

    `always_replicates` says whether this Region's cluster was deployed as the replica and never pauses.
    """

    other_region: str
    always_replicates: bool
    heartbeat_limit_seconds: int
    cluster: str
    operational_table: str
    documents_source: str
    documents_bucket: str
    documents_rule: str | None


@dataclass(frozen=True, kw_only=True)
class Symptom:
    """What hurts when `metric` is above `threshold` for so many `periods`, and what its silence means."""

    metric: cloudwatch.Metric
    threshold: float
    periods: int
    description: str
    missing: cloudwatch.TreatMissingData = cloudwatch.TreatMissingData.NOT_BREACHING
    alarm_name: str | None = None
    """Set where another stack spells it; CloudFormation names the other alarms."""


def function_symptoms(functions: RegionFunctions, names: Names) -> dict[str, Symptom]:
    """The symptoms of what the functions do."""
    symptoms = {}
    for name, each in (
        ("Transactions", functions.transactions),
        ("Health", functions.health),
        ("Projector", functions.projector),
        ("Sweeper", functions.sweeper),
    ):
        symptoms[f"{name}Errors"] = Symptom(
            metric=each.function.metric_errors(period=_MINUTE),
            threshold=0,
            periods=3,
            description=f"{name} fails: see its log group",
        )
        symptoms[f"{name}Throttles"] = Symptom(
            metric=each.function.metric_throttles(period=_MINUTE),
            threshold=0,
            periods=3,
            description=f"{name} is throttled: raise its reserved concurrency or the account's limit",
        )
    symptoms["ProjectionBehind"] = Symptom(
        metric=functions.projector.function.metric("IteratorAge", period=_MINUTE, statistic="Maximum"),
        threshold=300_000,
        periods=3,
        description="The ledger is five minutes behind the journal: on a replica, its replication is",
    )
    for metric, description in {
        QUARANTINED: "A journal item cannot be projected: see tandem quarantine list",
        CONFLICTS: "One transaction id was journalled with two payloads: see ledger.conflicts",
    }.items():
        symptoms[metric] = Symptom(
            metric=own_metric(metric, names=names, function="projector", statistic="Sum"),
            threshold=0,
            periods=1,
            description=description,
        )
    # a gauge that every sweep tells: while none runs, the alarm stays as it is
    symptoms[QUARANTINE_HELD] = Symptom(
        metric=own_metric(QUARANTINE_HELD, names=names, function="sweeper", statistic="Maximum"),
        threshold=0,
        periods=1,
        description="Journal items are in quarantine: see tandem quarantine list",
        missing=cloudwatch.TreatMissingData.IGNORE,
    )
    return symptoms


def failure_symptoms(failures: Mapping[str, FailedInvocations]) -> dict[str, Symptom]:
    """The symptoms of what was invoked asynchronously and failed for good, by what it was.

    A queue that nobody uses for six hours tells nothing more (SQS Developer Guide, available CloudWatch metrics): its
    alarm then stays as it is.
    """
    return {
        f"{name}Failed": Symptom(
            metric=each.waiting(),
            threshold=0,
            periods=1,
            description=f"{name} has failed three times in a row on one event: its queue holds the event",
            missing=cloudwatch.TreatMissingData.IGNORE,
        )
        for name, each in failures.items()
    }


def api_symptoms(api: TransactionApi, names: Names) -> dict[str, Symptom]:
    """The symptoms that clients see."""
    return {
        "ApiErrors": Symptom(
            metric=api.api.metric_server_error(period=_MINUTE, statistic="Sum"),
            threshold=0,
            periods=3,
            description="The API answers 5xx",
            alarm_name=names.api_errors_alarm,
        ),
        "ApiSlow": Symptom(
            metric=api.api.metric_latency(period=_MINUTE, statistic="p99"),
            threshold=1_000,
            periods=5,
            description="One in a hundred requests takes over a second",
        ),
    }


def replication_symptoms(replication: Replication, names: Names) -> dict[str, Symptom]:
    """The symptoms of replication into and out of this Region; one that stops altogether must not look fine.

    Aurora tells its lag in the cluster that replicates, so its silence hurts in the Region that was deployed as the
    replica, and means nothing in the writer's. It also hurts while the replica writes: nobody replicates then, or the
    other Region does and its alarm measures it. Strong tables emit no latency, so heartbeats measure the tables'.
    Alarms on metrics of DynamoDB's ignore missing data whatever they are told (CloudWatch API, PutMetricAlarm), so
    that alarm shows a lag and never a halt: the halt makes the heartbeat old, or silent where nobody measures its age.
    Documents replicate when there are any: silence means nothing there. S3 tells how late they are where they arrive.
    """
    breaching = cloudwatch.TreatMissingData.BREACHING
    symptoms = {
        "LedgerReplicationLag": Symptom(
            metric=cloudwatch.Metric(
                namespace="AWS/RDS",
                metric_name="AuroraGlobalDBReplicationLag",
                dimensions_map={"DBClusterIdentifier": replication.cluster},
                statistic="Maximum",
                period=_MINUTE,
            ),
            threshold=10_000,
            periods=3,
            description="Aurora's replication is ten seconds behind",
            missing=breaching if replication.always_replicates else cloudwatch.TreatMissingData.NOT_BREACHING,
        ),
        "JournalReplicationLag": Symptom(
            metric=cloudwatch.Metric(
                namespace="AWS/DynamoDB",
                metric_name="ReplicationLatency",
                dimensions_map={
                    "TableName": replication.operational_table,
                    "ReceivingRegion": replication.other_region,
                },
                statistic="Maximum",
                period=_MINUTE,
            ),
            threshold=10_000,
            periods=3,
            description="Global tables are ten seconds behind",
            missing=cloudwatch.TreatMissingData.IGNORE,
        ),
        "HeartbeatOld": Symptom(
            metric=own_metric(
                HEARTBEAT_AGE, names=names, function="health", statistic="Minimum", region=replication.other_region
            ),
            threshold=replication.heartbeat_limit_seconds,
            periods=1,
            description=f"{replication.other_region} has not been heard of for a minute",
            missing=breaching,
        ),
    }
    if replication.documents_rule:
        symptoms["DocumentsReplicationLag"] = Symptom(
            metric=cloudwatch.Metric(
                namespace="AWS/S3",
                metric_name="ReplicationLatency",
                dimensions_map={
                    "SourceBucket": replication.documents_source,
                    "DestinationBucket": replication.documents_bucket,
                    "RuleId": replication.documents_rule,
                },
                statistic="Maximum",
                period=Duration.minutes(5),
            ),
            threshold=900,
            periods=1,
            description="Documents take over fifteen minutes to replicate",
        )
    return symptoms
