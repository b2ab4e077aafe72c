"""Recovery of a lost primary, started in the secondary Region by its own alarm or schedule."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from contract import environment
from contract.journal import TIME_INDEX
from contract.metrics import HEARTBEAT_AGE
from tandem.failures import FailedInvocations
from tandem.functions import FunctionDefaults, RuntimeFunction
from tandem.metrics import own_metric
from tandem.runbook import with_section

__all__ = ["Recovery"]

LOST_MINUTES = 2
"""Minutes in a row whose oldest heartbeat must exceed the limit."""


class Recovery(Construct):
    """The alarm on the primary's heartbeat as the secondary sees it, and `recover`, which it and a schedule invoke.

    The alarm only asks the question; `recover` acts when three signals have said lost for a minute and more, which it
    keeps evidence of in the takeover switch's table. The secondary's own health function emits the age, so no data
    means a blind secondary, which is no reason to take over: missing data is not breaching. EventBridge and not the
    plan's own trigger starts it, because a trigger names no mode (ARC CreatePlan).

    The alarm asks once, when it changes; the schedule asks every minute, so that what was declined, or failed, is
    decided again.

    `heartbeat_limit_seconds` is the age from which the primary's heartbeat is missing. `plan_arn` is None in stages
    without the paid plan: `recover` then runs its steps.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        defaults: FunctionDefaults,
        primary_region: str,
        heartbeat_limit_seconds: int,
        plan_arn: str | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        names, region = defaults.names, defaults.region
        self.runtime = RuntimeFunction(
            self,
            "Recover",
            name="recover",
            defaults=defaults,
            description="Starts the recovery when three signals say that the primary Region is lost",
            timeout=Duration.minutes(1),
            told=(
                environment.Recover(
                    evidence_table=names.takeover_table,
                    heartbeat_limit_seconds=heartbeat_limit_seconds,
                    sweeper_function=names.function("sweeper"),
                    takeover_function=names.function("takeover"),
                    plan_arn=plan_arn,
                    global_cluster=names.global_cluster,
                    target_cluster_arn=names.cluster_arn(region),
                    target_region=region,
                ),
            ),
        )
        self.function = self.runtime.function
        self.alarm = self._add_alarm(defaults, primary_region, heartbeat_limit_seconds)
        self.rule = self._add_rule()
        self._add_schedule()
        self._grant(defaults, primary_region, plan_arn)
        self.failures = FailedInvocations(self, "Failures", runtime=self.runtime, key=defaults.key)

    def _add_alarm(
        self, defaults: FunctionDefaults, primary_region: str, heartbeat_limit_seconds: int
    ) -> cloudwatch.Alarm:
        return cloudwatch.Alarm(
            self,
            "PrimaryLost",
            alarm_name=defaults.names.primary_lost_alarm,
            alarm_description=with_section(
                f"no heartbeat of {primary_region} has arrived for {LOST_MINUTES} minutes", "PrimaryLost"
            ),
            metric=own_metric(
                HEARTBEAT_AGE, names=defaults.names, function="health", statistic="Minimum", region=primary_region
            ),
            threshold=heartbeat_limit_seconds,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=LOST_MINUTES,
            datapoints_to_alarm=LOST_MINUTES,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

    def _add_rule(self) -> events.Rule:
        return events.Rule(
            self,
            "Start",
            description="The primary Region's heartbeat is missing: decide whether to recover",
            event_pattern=events.EventPattern(
                source=["aws.cloudwatch"],
                detail_type=["CloudWatch Alarm State Change"],
                resources=[self.alarm.alarm_arn],
                detail={"state": {"value": ["ALARM"]}},
            ),
            targets=[targets.LambdaFunction(self.function, max_event_age=Duration.minutes(15), retry_attempts=3)],
        )

    def _add_schedule(self) -> None:
        """Invoke `recover` every minute; what fails is not tried again, because the next minute asks anew."""
        target = targets.LambdaFunction(self.function, max_event_age=Duration.minutes(1), retry_attempts=0)
        events.Rule(
            self,
            "EveryMinute",
            description="Decides again whether to recover",
            schedule=events.Schedule.rate(Duration.minutes(1)),
            targets=[target],
        )

    def _grant(self, defaults: FunctionDefaults, primary_region: str, plan_arn: str | None) -> None:
        names, region = defaults.names, defaults.region
        clusters = [names.cluster_arn(each) for each in (primary_region, region)]
        evidence = names.table_arn(names.takeover_table, region)
        self.runtime.allow("dynamodb:GetItem", on=[names.table_arn(names.operational_table, region), evidence])
        self.runtime.allow("dynamodb:UpdateItem", on=[evidence])
        self.runtime.allow("dynamodb:Query", on=[names.index_arn(names.journal_table, TIME_INDEX, region)])
        self.runtime.allow("rds:DescribeGlobalClusters", on=[names.global_cluster_arn])
        invoked = [names.function_arn(each, region) for each in ("takeover", "sweeper")]
        self.runtime.allow("lambda:InvokeFunction", on=invoked)
        # a plan's execution that is stuck must not keep the database where it is
        self.runtime.allow("rds:FailoverGlobalCluster", on=[names.global_cluster_arn, *clusters])
        if plan_arn:
            self.runtime.allow(
                "arc-region-switch:StartPlanExecution", "arc-region-switch:GetPlanEvaluationStatus", on=[plan_arn]
            )
        self.runtime.allow_key(defaults.key)
