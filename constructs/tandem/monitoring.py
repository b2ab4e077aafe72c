"""Alarms on what hurts, a dashboard, and events worth a message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from contract.metrics import CONFLICTS, HEARTBEAT_AGE, QUARANTINE_HELD, QUARANTINED
from tandem.metrics import own_metric

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_sns as sns

    from contract.names import Names
    from tandem.api import TransactionApi
    from tandem.functions import RegionFunctions

__all__ = ["RegionMonitoring", "Replication"]

_MINUTE = Duration.minutes(1)


@dataclass(frozen=True, kw_only=True)
class Replication:
    """What replicates between this Region and the other one. `documents_rule` is set where S3 emits metrics."""

    other_region: str
    heartbeat_limit_seconds: int
    cluster: str
    operational_table: str
    documents_bucket: str
    documents_target: str
    documents_rule: str | None


@dataclass(frozen=True, kw_only=True)
class _Symptom:
    metric: cloudwatch.Metric
    threshold: float
    periods: int
    description: str
    missing: cloudwatch.TreatMissingData = cloudwatch.TreatMissingData.NOT_BREACHING
    alarm_name: str | None = None
    """Set where another stack spells it; CloudFormation names the other alarms."""


class RegionMonitoring(Construct):
    """A Region's alarms and dashboard; every alarm tells the topic."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: Names,
        functions: RegionFunctions,
        api: TransactionApi,
        topic: sns.ITopic,
        region: str,
        has_plan: bool,
        replication: Replication | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        symptoms = {**_function_symptoms(functions, names), **_api_symptoms(api, names)}
        if replication:
            symptoms |= _replication_symptoms(replication, names)
        notify = actions.SnsAction(topic)
        self.alarms = [self._alarm(name, symptom, notify) for name, symptom in symptoms.items()]
        self._dashboard(symptoms, region)
        self._events(topic, has_plan=has_plan)

    def _alarm(self, name: str, symptom: _Symptom, notify: actions.SnsAction) -> cloudwatch.Alarm:
        alarm = cloudwatch.Alarm(
            self,
            name,
            alarm_name=symptom.alarm_name,
            alarm_description=symptom.description,
            metric=symptom.metric,
            threshold=symptom.threshold,
            evaluation_periods=symptom.periods,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            treat_missing_data=symptom.missing,
        )
        alarm.add_alarm_action(notify)
        alarm.add_ok_action(notify)
        return alarm

    def _dashboard(self, symptoms: Mapping[str, _Symptom], region: str) -> None:
        board = cloudwatch.Dashboard(self, "Dashboard")
        board.add_widgets(cloudwatch.AlarmStatusWidget(title=f"Tandem in {region}", alarms=list(self.alarms), width=24))
        board.add_widgets(
            *(
                cloudwatch.GraphWidget(
                    title=name,
                    left=[symptom.metric],
                    left_annotations=[cloudwatch.HorizontalAnnotation(value=symptom.threshold)],
                    width=8,
                )
                for name, symptom in symptoms.items()
            )
        )

    def _events(self, topic: sns.ITopic, *, has_plan: bool) -> None:
        target = targets.SnsTopic(topic)
        patterns = {
            "BackupJobs": events.EventPattern(
                source=["aws.backup"],
                detail_type=["Backup Job State Change", "Copy Job State Change"],
                detail={"state": ["COMPLETED", "FAILED", "ABORTED", "EXPIRED"]},
            ),
            # as in the API, what the other jobs call their state is a restore job's status
            "RestoreJobs": events.EventPattern(
                source=["aws.backup"],
                detail_type=["Restore Job State Change"],
                detail={"status": ["COMPLETED", "FAILED", "ABORTED"]},
            ),
            "LedgerFailover": events.EventPattern(
                source=["aws.rds"],
                detail_type=["RDS DB Cluster Event"],
                detail={"EventCategories": ["failover", "global-failover", "failure"]},
            ),
        }
        if has_plan:
            # executions, step by step, and what an evaluation warns of; which plan it is about stands in the event
            patterns["RecoveryPlan"] = events.EventPattern(source=["aws.arc-region-switch"])
        for name, pattern in patterns.items():
            events.Rule(self, name, event_pattern=pattern, targets=[target])


def _function_symptoms(functions: RegionFunctions, names: Names) -> dict[str, _Symptom]:
    symptoms = {}
    for name, each in (
        ("Transactions", functions.transactions),
        ("Health", functions.health),
        ("Projector", functions.projector),
        ("Sweeper", functions.sweeper),
    ):
        symptoms[f"{name}Errors"] = _Symptom(
            metric=each.function.metric_errors(period=_MINUTE),
            threshold=0,
            periods=3,
            description=f"{name} fails: see its log group",
        )
        symptoms[f"{name}Throttles"] = _Symptom(
            metric=each.function.metric_throttles(period=_MINUTE),
            threshold=0,
            periods=3,
            description=f"{name} is throttled: raise its reserved concurrency or the account's limit",
        )
    symptoms["ProjectionBehind"] = _Symptom(
        metric=functions.projector.function.metric("IteratorAge", period=_MINUTE, statistic="Maximum"),
        threshold=300_000,
        periods=3,
        description="The ledger is five minutes behind the journal: on a replica, its replication is",
    )
    for metric, description in {
        QUARANTINED: "A journal item cannot be projected: see tandem quarantine list",
        CONFLICTS: "One transaction id was journalled with two payloads: see ledger.conflicts",
    }.items():
        symptoms[metric] = _Symptom(
            metric=own_metric(metric, names=names, function="projector", statistic="Sum"),
            threshold=0,
            periods=1,
            description=description,
        )
    # a gauge that every sweep tells, ten minutes apart: in between the alarm stays as it is
    symptoms[QUARANTINE_HELD] = _Symptom(
        metric=own_metric(QUARANTINE_HELD, names=names, function="sweeper", statistic="Maximum"),
        threshold=0,
        periods=1,
        description="Journal items are in quarantine: see tandem quarantine list",
        missing=cloudwatch.TreatMissingData.IGNORE,
    )
    return symptoms


def _api_symptoms(api: TransactionApi, names: Names) -> dict[str, _Symptom]:
    return {
        "ApiErrors": _Symptom(
            metric=api.api.metric_server_error(period=_MINUTE, statistic="Sum"),
            threshold=0,
            periods=3,
            description="The API answers 5xx",
            alarm_name=names.api_errors_alarm,
        ),
        "ApiSlow": _Symptom(
            metric=api.api.metric_latency(period=_MINUTE, statistic="p99"),
            threshold=1_000,
            periods=5,
            description="One in a hundred requests takes over a second",
        ),
    }


def _replication_symptoms(replication: Replication, names: Names) -> dict[str, _Symptom]:
    """Aurora's lag exists only in the current secondary; strong tables emit none, so heartbeats measure the tables'."""
    symptoms = {
        "LedgerReplicationLag": _Symptom(
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
        ),
        "JournalReplicationLag": _Symptom(
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
        ),
        "HeartbeatOld": _Symptom(
            metric=own_metric(
                HEARTBEAT_AGE, names=names, function="health", statistic="Minimum", region=replication.other_region
            ),
            threshold=replication.heartbeat_limit_seconds,
            periods=1,
            description=f"{replication.other_region} has not been heard of for a minute",
        ),
    }
    if replication.documents_rule:
        symptoms["DocumentsReplicationLag"] = _Symptom(
            metric=cloudwatch.Metric(
                namespace="AWS/S3",
                metric_name="ReplicationLatency",
                dimensions_map={
                    "SourceBucket": replication.documents_bucket,
                    "DestinationBucket": replication.documents_target,
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
