"""The canary: a function that posts a tiny transaction to the API of each Region every minute."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from contract import environment
from contract.canary import ROUTES
from contract.names import arn
from tandem.failures import FailedInvocations
from tandem.functions import FunctionDefaults, RuntimeFunction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tandem.api import TransactionApi

__all__ = ["Canary", "canary_requests"]


class Canary(Construct):
    """The function, and a rule that invokes it once a minute for each Region: a slow Region holds up no other.

    It finds the APIs by the heartbeats, so that neither Region's stack has to know the other's API. `keeps` is set in
    the secondary Region, whose `recover` reads what the canary saw. `api_name` is the API's own name, where it has a
    certificate. A Region that is lost is no failure of the function.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        defaults: FunctionDefaults,
        regions: Sequence[str],
        api: TransactionApi,
        api_name: str | None,
        keeps: bool,
    ) -> None:
        super().__init__(scope, construct_id)
        names, domain = defaults.names, api.domain_name
        self.runtime = RuntimeFunction(
            self,
            "Post",
            name="canary",
            defaults=defaults,
            description="Posts a tiny transaction to the API of a Region, and says what becomes of it",
            timeout=Duration.seconds(30),
            told=(
                environment.Canary(
                    observations_table=names.takeover_table if keeps else None,
                    api_name=api_name if domain else None,
                    api_target=domain.regional_domain_name if domain else None,
                ),
            ),
        )
        self.function = self.runtime.function
        self.runtime.allow("dynamodb:GetItem", on=[names.table_arn(names.operational_table, defaults.region)])
        if keeps:
            self.runtime.allow("dynamodb:UpdateItem", on=[names.table_arn(names.takeover_table, defaults.region)])
        self.runtime.allow("execute-api:Invoke", on=canary_requests(regions, names.account))
        self.runtime.allow_key(defaults.key)
        self._add_schedule(regions)
        self.failures = FailedInvocations(self, "Failures", runtime=self.runtime, key=defaults.key)

    def _add_schedule(self, regions: Sequence[str]) -> None:
        events.Rule(
            self,
            "EveryMinute",
            description="Posts to each Region",
            schedule=events.Schedule.rate(Duration.minutes(1)),
            targets=[
                targets.LambdaFunction(
                    self.function,
                    event=events.RuleTargetInput.from_object({"target": region}),
                    max_event_age=Duration.minutes(1),
                    retry_attempts=0,
                )
                for region in regions
            ],
        )


def canary_requests(regions: Sequence[str], account: str) -> list[str]:
    """Return the ARNs of the canary's routes in any API of each Region: an API's id is known to its own stack only."""
    return [
        arn("execute-api", f"*/*/{method}{path.replace('{id}', '*')}", region=region, account=account)
        for region in regions
        for method, path in (route.split(" ") for route in ROUTES)
    ]
