"""The Region's heartbeat where no health check asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

if TYPE_CHECKING:
    from tandem.api import TransactionApi
    from tandem.functions import RuntimeFunction


class HeartbeatSchedule(Construct):
    """Invokes `health` every minute, as the API does when Route 53 asks for `/healthz`.

    A stage without a domain has no health checks, and its recovery, its sweeps and `tandem status` need the heartbeats
    all the same. The event holds what the API's stage would say of itself, because the heartbeat tells where the
    Region's API answers. A beat that fails is not made up for: the next one is due before it would be.
    """

    def __init__(self, scope: Construct, construct_id: str, *, health: RuntimeFunction, api: TransactionApi) -> None:
        super().__init__(scope, construct_id)
        target = targets.LambdaFunction(
            health.function,
            event=events.RuleTargetInput.from_object({"stageVariables": {"endpoint": api.url}}),
            max_event_age=Duration.minutes(1),
            retry_attempts=0,
        )
        self.rule = events.Rule(
            self,
            "EveryMinute",
            description="Beats the Region's heart",
            schedule=events.Schedule.rate(Duration.minutes(1)),
            targets=[target],
        )
