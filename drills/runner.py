"""The drill: a load, a scenario's phases under it, and every acknowledged transaction looked up at the end."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from contract.parameters import PLAN_ARN
from contract.waiting import wait_until
from drills.context import POLL_SECONDS, DrillContext
from drills.embedded.isolation import ROOT
from drills.embedded.room import naming_a_full_disk
from drills.history.derived import result_of
from drills.history.events import (
    DrillBegan,
    DrillEnded,
    HealthChecksSeen,
    LoadStopped,
    LookedUp,
    PlanExecuted,
    ScenarioBegan,
)
from drills.history.history import History
from drills.measure import pace
from drills.measure.lookup import until_complete
from drills.measure.missing import unhealthy
from drills.measure.strictness import seen
from drills.report.surroundings import surroundings
from drills.scenarios.catalogue import REGION_LOSS
from operations.endpoint import ApiClient
from operations.errors import OperationError
from operations.recovery_plan import executions_since

if TYPE_CHECKING:
    from collections.abc import Callable

    from drills.context import Stacks
    from drills.embedded.control import Control
    from drills.options import DrillOptions
    from drills.result import DrillResult
    from drills.scenarios.scenario import Scenario
    from operations.deployment import Deployment
    from operations.endpoint import Endpoint

OK = 200
DRAIN_SECONDS = 15
START_SECONDS = 20


class Drill:
    """One drill against a deployed stage of an embedded AWS."""

    def __init__(
        self,
        endpoint: Endpoint,
        deployment: Deployment,
        control: Control,
        options: DrillOptions,
        *,
        run: str,
        say: Callable[[str], None],
        scenario: Scenario = REGION_LOSS,
        stacks: Stacks | None = None,
        strong: bool = False,
        history: History | None = None,
        over: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Take the deployed stage, the embedded AWS's control endpoint, the name of this run, and the scenario.

        What happens is noted in `history`, which is in memory only unless one is given.
        """
        self._scenario = scenario
        self.history = History() if history is None else history
        self.context = DrillContext(
            endpoint,
            deployment,
            control,
            options,
            history=self.history,
            run=run,
            say=say,
            over=over,
            stacks=stacks,
            strong=strong,
        )

    @property
    def result(self) -> DrillResult:
        """What was measured so far."""
        return result_of(self.history.events)

    def run(self) -> DrillResult:
        """Run all phases; raises OperationError when one cannot be finished, with `result` as far as it got."""
        self._begin()
        try:
            with naming_a_full_disk(ROOT / "build"):
                self._run()
        except OperationError as error:
            self.history.append(DrillEnded(at=time.monotonic(), failure=" ".join(str(error).split())))
            raise
        self.history.append(DrillEnded(at=time.monotonic()))
        return self.result

    def _begin(self) -> None:
        context, scenario = self.context, self._scenario
        stage, secondary = context.deployment.stage, context.secondary
        self.history.append(surroundings(stage, at=time.monotonic()))
        self.history.append(
            DrillBegan(
                at=time.monotonic(),
                began=datetime.now(tz=UTC),
                run=context.run,
                stage=stage,
                scenario=scenario.name,
                summary=scenario.summary,
                not_applicable=dict(scenario.not_applicable),
                options=context.options,
                primary=context.primary,
                secondary=secondary,
                strong=context.strong,
                plan=context.deployment.find(secondary, PLAN_ARN) is not None,
                clients=context.clients.size,
            )
        )

    def _run(self) -> None:
        context = self.context
        context.control.lag(context.options.lag_milliseconds)
        with context.phase("warm up"):
            self._warm_up()
        self._note_health_checks()
        self._note_strictness()
        context.load.start()
        began = time.monotonic()
        context.lag.start()
        if context.options.allow_for_machine:
            context.machine.start()
        try:
            with context.phase("load on the primary"):
                time.sleep(context.options.before_seconds)
                context.wait(self._has_traffic, "nothing was acknowledged before the outage")
                acknowledged, seconds = len(context.load.acknowledgements), time.monotonic() - began
                if slow := pace.warning(acknowledged, seconds=seconds, rate=context.options.rate):
                    context.say_below(slow)
            self.history.append(ScenarioBegan(at=time.monotonic()))
            for step in self._scenario.steps:
                step(context)
        finally:
            unanswered = context.load.stop(
                drain_seconds=max(DRAIN_SECONDS, context.options.answer_seconds),
                longest_seconds=context.options.patience_seconds,
            )
            self.history.append(LoadStopped(at=time.monotonic(), unanswered=unanswered))
            context.lag.stop()
            context.machine.stop()
            self._collect()
        regions = context.deployment.regions.both if self._scenario.both_regions else (context.primary,)
        with context.phase("verify journals and ledgers of " + " and ".join(regions)):
            findings = until_complete(
                context.endpoint,
                context.deployment,
                context.acknowledged(),
                regions=regions,
                accounts=context.load.accounts,
                timeout_seconds=context.options.patience_seconds,
                waits=context.waits,
            )
            self.history.append(LookedUp(at=time.monotonic(), findings=findings))

    def _warm_up(self) -> None:
        """Start the functions of both Regions before anything is measured, as traffic and health checks do on AWS."""
        context = self.context
        limit = max(START_SECONDS, context.options.answer_seconds)
        with ApiClient(context.endpoint, context.deployment.api_urls, timeout_seconds=limit) as client:
            for region in context.deployment.api_urls:
                context.waits(f"the functions of {region} have not answered yet")
                self._warm_up_functions(client, region)
                client.request(region, "GET", "/accounts/drill-warm-up")
        # a new inverted check is unhealthy until enough was observed, and the first answer is kept for its TTL
        checks = context.control.state
        context.wait(
            lambda: all(each["healthy"] for each in checks()["health_checks"].values()),
            "a check is unhealthy",
            missing=lambda: unhealthy(checks()),
        )
        context.wait_for_clients(
            lambda: context.all_clients_use(context.primary),
            "the API's name does not lead to the primary",
            region=context.primary,
        )

    def _warm_up_functions(self, client: ApiClient, region: str) -> None:
        answer, body = 0, b""

        def answers() -> bool:
            nonlocal answer, body
            try:
                answer, body = client.request(region, "GET", self.context.deployment.health_path(region))
            except OSError as error:
                answer, body = 0, repr(error).encode()
            return answer == OK

        if not wait_until(answers, seconds=self.context.options.patience_seconds, pause=POLL_SECONDS):
            text = body.decode(errors="replace")[:200]
            raise OperationError(f"{region} is not healthy before the drill: {answer} {text}")

    def _has_traffic(self) -> bool:
        """Whether something was acknowledged; raises OperationError when something was refused for good."""
        load = self.context.load
        refused = next((transaction.refused for transaction in load.transactions if transaction.refused), None)
        if refused:
            raise OperationError(f"a transaction was refused before the outage: {refused}")
        return bool(load.acknowledgements)

    def _collect(self) -> None:
        """Note what the embedded AWS can tell: the plan's executions, and the checks that moved clients."""
        context = self.context
        [drill] = self.history.of(DrillBegan)
        for execution in executions_since(context.endpoint, context.deployment, drill.began):
            self.history.append(PlanExecuted(at=time.monotonic(), execution=_plain(execution)))
        self._note_strictness()
        self._note_health_checks()

    def _note_strictness(self) -> None:
        """Note how late and how divided the embedded DynamoDB is: at the beginning, and at the end with its counts."""
        self.history.append(seen(self.context.control.state(), at=time.monotonic()))

    def _note_health_checks(self) -> None:
        """Note the slowest check: at the beginning so that a drill that is killed has it, and at the end as it was."""
        state = self.context.control.state()
        checks = [check for check in state["health_checks"].values() if check["interval_seconds"] is not None]
        if not checks:
            return
        slowest = max(checks, key=lambda check: check["interval_seconds"] * check["failure_threshold"])
        self.history.append(
            HealthChecksSeen(
                at=time.monotonic(),
                interval_seconds=slowest["interval_seconds"],
                threshold=slowest["failure_threshold"],
                interval_scale=state["routing_time_scale"],
            )
        )


def _plain(value: Any) -> Any:
    """The same with each time as ISO 8601 writes it, so that a history reads what it wrote."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items() if key != "ResponseMetadata"}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, datetime) else value
