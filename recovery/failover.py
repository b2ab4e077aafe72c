"""Leave the primary Region: traffic first, then the writer. It talks to the secondary Region only."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Literal

from recovery.errors import OperationError, WrongInputError
from recovery.functions import sweep, takeover
from recovery.ledger import ledger_state, move_writer
from recovery.plan import execute_plan
from recovery.stopping import TRAFFIC_MOVED

if TYPE_CHECKING:
    from collections.abc import Callable

    from recovery.deployment import Deployment
    from recovery.endpoint import Endpoint

__all__ = ["fail_over"]


def fail_over(
    endpoint: Endpoint,
    deployment: Deployment,
    *,
    reason: str,
    planned: bool = False,
    ledger_only: bool = False,
    to: str | None = None,
    timeout_seconds: float = 900,
    say: Callable[[str], None] = print,
    reached: Callable[[str], None] = lambda _: None,
) -> None:
    """Move traffic and the writer to Region `to`; running it again after an interruption finishes the job.

    `to` is the secondary Region unless given; the primary when the secondary is lost while it writes, in which case the
    takeover switch is left for `tandem failback` to release: it went down with its Region, so traffic returned alone.
    `planned` switches the writer over without loss, which needs both Regions; otherwise it is forced
    (AllowDataLoss): what Aurora loses, the projector and the sweep insert again from the journal.
    `ledger_only` leaves the traffic where it is, and the recovery plan, whose first step moves it, alone.
    `reached` is told each of the points of `recovery.stopping`: a drill has the command die there.
    """
    target = to or deployment.regions.secondary
    if not deployment.has(target):
        raise WrongInputError(
            f"stage {deployment.stage!r} has nothing to fail over to: {target} does not answer or holds no such stage"
        )
    silent = [region for region in deployment.regions.both if planned and not deployment.has(region)]
    if silent:
        raise OperationError(
            f"{silent[0]} does not answer, and a switchover needs both Regions: leave --planned out to force a failover"
        )
    moves_traffic = not ledger_only and target == deployment.regions.secondary
    if moves_traffic:
        takeover(endpoint, deployment, "set", reason)
        say(f"takeover switch set: traffic moves to {target}")
    reached(TRAFFIC_MOVED)
    plan_arn = None if ledger_only else deployment.find(target, "plan-arn")
    state = ledger_state(endpoint, deployment, target)
    if plan_arn and state.writer_region != target:
        mode: Literal["graceful", "ungraceful"] = "graceful" if planned else "ungraceful"
        execution = execute_plan(endpoint, plan_arn, region=target, mode=mode, timeout_seconds=timeout_seconds)
        say(f"recovery plan executed ({mode}): {execution}")
    moved = move_writer(
        endpoint, deployment, to=target, through=target, data_loss=not planned, timeout_seconds=timeout_seconds
    )
    say(f"{target} writes the ledger" + ("" if moved or plan_arn else " already"))
    with contextlib.suppress(OperationError):  # the schedule runs it again within minutes
        sweep(endpoint, deployment, target, {})
        say("sweep done: the ledger holds what the journal holds")
