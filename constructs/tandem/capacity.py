"""Whether a Region has room for what the other one does, and the projector for what its stream asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from contract import environment
from contract.metrics import CONCURRENCY_SHORTFALL, PROJECTOR_DEMAND
from tandem.failures import FailedInvocations
from tandem.functions import FunctionDefaults, RuntimeFunction
from tandem.metrics import own_metric
from tandem.projector import LANES
from tandem.symptoms import Symptom

if TYPE_CHECKING:
    from contract.names import Names

__all__ = ["CapacityCheck", "capacity_symptoms"]

_INTERVAL = Duration.minutes(15)


class CapacityCheck(Construct):
    """`capacity`, and the schedule that asks it.

    An alarm cannot watch it instead: a quota is no metric of the Region's own, and an alarm reads its own Region alone
    (CloudWatch User Guide, cross-account cross-Region: alarms on metrics of another Region are not supported).
    """

    def __init__(self, scope: Construct, construct_id: str, *, defaults: FunctionDefaults, stream_arn: str) -> None:
        super().__init__(scope, construct_id)
        self.runtime = RuntimeFunction(
            self,
            "Look",
            name="capacity",
            defaults=defaults,
            description="Says whether this Region has room for what the other one does",
            timeout=Duration.seconds(30),
            told=(environment.Capacity(journal_stream_arn=stream_arn, projector_lanes=LANES),),
        )
        self.runtime.allow("dynamodb:DescribeStream", on=[stream_arn])
        # neither of the two knows a resource
        self.runtime.allow("lambda:GetAccountSettings", "cloudwatch:GetMetricStatistics", on=["*"])
        self.runtime.allow_key(defaults.key)
        events.Rule(
            self,
            "Regularly",
            description="Looks whether there is room",
            schedule=events.Schedule.rate(_INTERVAL),
            targets=[targets.LambdaFunction(self.runtime.function)],
        )
        self.failures = FailedInvocations(self, "Failures", runtime=self.runtime, key=defaults.key)


def capacity_symptoms(
    names: Names, *, other_region: str | None, projector_concurrency: int | None
) -> dict[str, Symptom]:
    """The symptoms of too little room; gauges, so that an alarm stays as it is until the next look.

    The other Region is asked for its peak: while it is lost the shortfall is not told.
    """
    symptoms = {}
    if other_region:
        symptoms[CONCURRENCY_SHORTFALL] = Symptom(
            metric=own_metric(
                CONCURRENCY_SHORTFALL, names=names, function="capacity", statistic="Maximum", region=other_region
            ),
            threshold=0,
            periods=1,
            description=f"This Region may run fewer functions at once than {other_region} did at its peak",
            missing=cloudwatch.TreatMissingData.IGNORE,
        )
    if projector_concurrency:
        symptoms[PROJECTOR_DEMAND] = Symptom(
            metric=own_metric(PROJECTOR_DEMAND, names=names, function="capacity", statistic="Maximum"),
            threshold=projector_concurrency,
            periods=1,
            description="The journal's stream has more shards than the projector's reserved concurrency is for",
            missing=cloudwatch.TreatMissingData.IGNORE,
        )
    return symptoms
