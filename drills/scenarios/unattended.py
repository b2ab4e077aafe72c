"""Phases of a recovery that nobody starts: the deployed alarm has `recover` move the ledger, and the drill watches."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from contract.limits import HEARTBEAT_LIMIT_SECONDS
from contract.parameters import PLAN_ARN
from drills.history.events import DrillBegan, Promoted
from operations.errors import OperationError
from operations.global_database import ledger_state
from operations.invocations import takeover
from operations.recovery_plan import SUCCEEDED, executions_since

if TYPE_CHECKING:
    from drills.context import DrillContext

ALARM_SECONDS = 180
"""Two periods of a minute must breach whole, and the loss falls into a third (the deployed heartbeat alarm)."""


def recover_moves_the_ledger(context: DrillContext) -> None:
    """Wait until the secondary writes without any command of ours, and check that the takeover switch is set."""
    scale = float(context.control.state()["alarm_period_scale"])
    patience = HEARTBEAT_LIMIT_SECONDS + ALARM_SECONDS * scale + context.options.patience_seconds

    def writes() -> bool:
        try:
            state = ledger_state(context.endpoint, context.deployment, context.secondary)
        except OperationError:
            return False
        return state.writer_region == context.secondary and state.status == "available"

    with context.phase("the heartbeat alarm has recover move the ledger"):
        context.wait(writes, "the heartbeat alarm did not have the ledger moved", seconds=patience)
        context.history.append(Promoted(at=time.monotonic(), region=context.secondary))
    switch = takeover(context.endpoint, context.deployment, "status", "drill")
    context.observe("recover set the takeover switch", passed=switch, detail=f"switch set: {switch}")


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
    context.observe(
        "the deployed plan was executed once",
        passed=len(states()) == 1,
        detail=f"executions that activate {context.secondary}: {', '.join(states()) or 'none'}",
    )
