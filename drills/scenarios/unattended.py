"""Phases of a recovery that nobody starts: `recover` moves the ledger, and the drill watches."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from contract.parameters import PLAN_ARN
from drills.history.events import DrillBegan, Promoted
from drills.history.seen import PlanWatched, SwitchSeen
from operations.errors import OperationError
from operations.global_database import ledger_state
from operations.invocations import takeover
from operations.recovery_evidence import canary_reached, last_said
from operations.recovery_plan import SUCCEEDED, executions_since

if TYPE_CHECKING:
    from collections.abc import Callable

    from drills.context import DrillContext

CANARY_SECONDS = 120
"""Two intervals of the canary's schedule."""

RECOVERY_SECONDS = 300
"""How long `recover` may take at its deployed intervals, which no scale shortens: its signals 90 s, and looks a minute
apart until they have all said lost for 60 s."""


LOOKS_SECONDS = 130
"""As long as `recover` takes to look twice, by its schedule."""


def recover_says(prefix: str) -> Callable[[DrillContext], None]:
    """Return the phase that waits until `recover` says, from now on, what begins with `prefix`."""

    def phase(context: DrillContext) -> None:
        since = time.time()

        def says() -> bool:
            said = last_said(context.endpoint, context.deployment)
            return said is not None and said.at > since and said.text.startswith(prefix)

        with context.phase(f"recover says {prefix!r}"):
            context.wait(
                says, f"recover did not say {prefix!r}", seconds=RECOVERY_SECONDS, missing=lambda: _last_said(context)
            )
            said = last_said(context.endpoint, context.deployment)
            context.say_below(said.text if said else "")

    return phase


def recover_looks_twice(context: DrillContext) -> None:
    """Let clients work until `recover` has looked twice: its schedule is not scaled."""
    with context.phase("recover looks"):
        time.sleep(LOOKS_SECONDS)


def canary_has_reached_both(context: DrillContext) -> None:
    """Wait until the secondary's canary works: before that `recover` begins nothing, as after a deployment on AWS."""
    with context.phase("the canary has reached both Regions"):
        context.wait(
            lambda: canary_reached(context.endpoint, context.deployment),
            "the canary did not reach both Regions",
            seconds=CANARY_SECONDS + context.options.patience_seconds,
        )


def recover_moves_the_ledger(context: DrillContext) -> None:
    """Wait until the secondary writes without any command of ours, and note whether the takeover switch is set."""
    patience = RECOVERY_SECONDS + context.options.patience_seconds

    def writes() -> bool:
        try:
            state = ledger_state(context.endpoint, context.deployment, context.secondary)
        except OperationError:
            return False
        return state.writer_region == context.secondary and state.status == "available"

    with context.phase("recover moves the ledger"):
        context.wait(writes, "recover did not move the ledger", seconds=patience, missing=lambda: _last_said(context))
        context.history.append(Promoted(at=time.monotonic(), region=context.secondary))
    switch = takeover(context.endpoint, context.deployment, "status", "drill")
    context.history.append(SwitchSeen(at=time.monotonic(), is_set=switch))


def _last_said(context: DrillContext) -> str:
    said = last_said(context.endpoint, context.deployment)
    return "recover has said nothing yet" if said is None else f"recover said: {said.text}"


def plan_completes(context: DrillContext) -> None:
    """Wait until the execution that `recover` started is over, where the stage has a plan."""
    if context.deployment.find(context.secondary, PLAN_ARN) is None:
        return

    [drill] = context.history.of(DrillBegan)

    def states() -> list[str]:
        found = executions_since(context.endpoint, context.deployment, drill.began)
        return [one["executionState"] for one in found if one["region"] == context.secondary]

    with context.phase("the recovery plan completes"):
        context.wait(lambda: any(state in SUCCEEDED for state in states()), "the recovery plan did not complete")
    context.history.append(PlanWatched(at=time.monotonic(), states=tuple(states())))
