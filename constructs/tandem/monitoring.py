"""Alarms on what hurts, a dashboard, and events worth a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from contract.metrics import CONCURRENCY_SHORTFALL, PLAN_NEEDS_ACTION, VERSIONS_DIFFER
from tandem.capacity import capacity_symptoms
from tandem.recovery_symptoms import recovery_symptoms
from tandem.runbook import with_section
from tandem.sweep_symptoms import Sweeps, sweep_symptoms
from tandem.symptoms import (
    Replication,
    Symptom,
    api_symptoms,
    failure_symptoms,
    function_symptoms,
    replication_symptoms,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_sns as sns

    from contract.names import Names
    from tandem.api import TransactionApi
    from tandem.failures import FailedInvocations
    from tandem.functions import RegionFunctions

__all__ = ["RegionMonitoring"]

SERVING = (
    "ApiErrors",
    "ApiSlow",
    "TransactionsErrors",
    "TransactionsThrottles",
    "HealthErrors",
    "HealthThrottles",
)
"""The symptoms that say whether clients are served."""
SAFE = (
    "HeartbeatOld",
    "JournalReplicationLag",
    "LedgerReplicationLag",
    "DocumentsReplicationLag",
    "ProjectionBehind",
    "MarkAge1",
    "MarkAge2",
    "SweepLag1",
    "SweepLag2",
    "SweeperErrors",
    "SweepFailed",
    CONCURRENCY_SHORTFALL,
    PLAN_NEEDS_ACTION,
    VERSIONS_DIFFER,
)
"""The symptoms that say whether the other Region may be lost: whatever replicates, what vouches for it, and room."""


class RegionMonitoring(Construct):
    """A Region's alarms and dashboard; every alarm tells the topic.

    `decides` is set in the Region whose `recover` decides whether the other one is lost. `tell_completed` has the topic
    told of backups, copies and restores that succeed, too.
    """

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
        failures: Mapping[str, FailedInvocations],
        has_plan: bool,
        sweeps: Sweeps,
        projector_concurrency: int | None = None,
        decides: bool = False,
        tell_completed: bool = False,
        replication: Replication | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        symptoms = {**function_symptoms(functions, names), **api_symptoms(api, names), **failure_symptoms(failures)}
        symptoms |= sweep_symptoms(sweeps, names)
        other_region = replication.other_region if replication else None
        symptoms |= capacity_symptoms(names, other_region=other_region, projector_concurrency=projector_concurrency)
        if replication:
            symptoms |= replication_symptoms(replication, names)
        if decides:
            symptoms |= recovery_symptoms(names, has_plan=has_plan)
        notify = actions.SnsAction(topic)
        by_name = {name: self._alarm(name, symptom, notify) for name, symptom in symptoms.items()}
        self.by_name = by_name
        self.alarms = list(by_name.values())
        safe = self._not_safe(by_name, replication.other_region, notify) if replication else None
        self._dashboard(symptoms, by_name, region, safe)
        self._events(topic, has_plan=has_plan, tell_completed=tell_completed, dual=replication is not None)

    def _alarm(self, name: str, symptom: Symptom, notify: actions.SnsAction) -> cloudwatch.Alarm:
        alarm = cloudwatch.Alarm(
            self,
            name,
            alarm_name=symptom.alarm_name,
            alarm_description=with_section(symptom.description, name),
            metric=symptom.metric,
            threshold=symptom.threshold,
            evaluation_periods=symptom.periods,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            treat_missing_data=symptom.missing,
        )
        alarm.add_alarm_action(notify)
        alarm.add_ok_action(notify)
        return alarm

    def _not_safe(
        self, alarms: Mapping[str, cloudwatch.Alarm], other_region: str, notify: actions.SnsAction
    ) -> cloudwatch.CompositeAlarm:
        """One alarm over those by which this Region could not do without the other one."""
        alarm = cloudwatch.CompositeAlarm(
            self,
            "NotSafe",
            # the CDK's own name is made of construct ids, which all stages of an account share
            composite_alarm_name=f"{Stack.of(self).stack_name}-NotSafe",
            alarm_description=with_section(f"It is not safe to lose {other_region} now", "NotSafe"),
            alarm_rule=cloudwatch.AlarmRule.any_of(
                *(
                    cloudwatch.AlarmRule.from_alarm(each, cloudwatch.AlarmState.ALARM)
                    for name, each in alarms.items()
                    if name in SAFE
                )
            ),
        )
        alarm.add_alarm_action(notify)
        alarm.add_ok_action(notify)
        return alarm

    def _dashboard(
        self,
        symptoms: Mapping[str, Symptom],
        alarms: Mapping[str, cloudwatch.Alarm],
        region: str,
        safe: cloudwatch.CompositeAlarm | None,
    ) -> None:
        """Three questions from top to bottom, each with its alarms and their metrics; no symptom is left out."""
        serving = [name for name in symptoms if name in SERVING]
        replicating = [name for name in symptoms if name in SAFE and safe is not None]
        others = [name for name in symptoms if name not in {*serving, *replicating}]
        board = cloudwatch.Dashboard(self, "Dashboard")
        for question, names in (
            (f"Does {region} serve?", serving),
            ("Is it safe to lose the other Region?", replicating),
            ("What hurts?", others),
        ):
            if not names:
                continue
            shown: list[cloudwatch.IAlarm] = [alarms[name] for name in names]
            if safe is not None and names is replicating:
                shown.insert(0, safe)
            board.add_widgets(cloudwatch.TextWidget(markdown=f"# {question}", width=24, height=1))
            board.add_widgets(cloudwatch.AlarmStatusWidget(alarms=shown, width=24))
            board.add_widgets(
                *(
                    cloudwatch.GraphWidget(
                        title=name,
                        left=[symptoms[name].metric],
                        left_annotations=[cloudwatch.HorizontalAnnotation(value=symptoms[name].threshold)],
                        width=8,
                    )
                    for name in names
                )
            )

    def _events(self, topic: sns.ITopic, *, has_plan: bool, tell_completed: bool, dual: bool) -> None:
        target = targets.SnsTopic(topic)
        completed = ["COMPLETED"] if tell_completed else []
        patterns = {
            "BackupJobs": events.EventPattern(
                source=["aws.backup"],
                detail_type=["Backup Job State Change", "Copy Job State Change"],
                detail={"state": [*completed, "FAILED", "ABORTED", "EXPIRED"]},
            ),
            # as in the API, what the other jobs call their state is a restore job's status
            "RestoreJobs": events.EventPattern(
                source=["aws.backup"],
                detail_type=["Restore Job State Change"],
                detail={"status": [*completed, "FAILED", "ABORTED"]},
            ),
            "LedgerFailover": events.EventPattern(
                source=["aws.rds"],
                detail_type=["RDS DB Cluster Event"],
                detail={"EventCategories": ["failover", "global-failover", "failure"]},
            ),
        }
        if dual:
            # whether the old writer was kept from writing before the new one was promoted: events of an instance
            # (Aurora User Guide, DB instance events, global database)
            patterns["WriteFencing"] = events.EventPattern(
                source=["aws.rds"],
                detail_type=["RDS DB Instance Event"],
                detail={"EventID": ["RDS-EVENT-0390", "RDS-EVENT-0391"]},
            )
        if has_plan:
            # executions, step by step, and what an evaluation warns of; which plan it is about stands in the event
            patterns["RecoveryPlan"] = events.EventPattern(source=["aws.arc-region-switch"])
        for name, pattern in patterns.items():
            events.Rule(self, name, event_pattern=pattern, targets=[target])
