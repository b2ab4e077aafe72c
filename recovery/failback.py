"""Return to the primary Region, without loss: it refuses until that is certain."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from recovery.errors import OperationError
from recovery.functions import sweep, takeover
from recovery.ledger import ledger_state, move_writer
from recovery.plan import execute_plan
from recovery.status import heartbeats, iterator_age_seconds

if TYPE_CHECKING:
    from collections.abc import Callable

    from recovery.deployment import Deployment
    from recovery.endpoint import Endpoint

__all__ = ["fail_back", "obstacles"]

FRESH_SECONDS = 120
IN_FLIGHT = 500  # what the projector may be just about to insert when a sweep overtakes it under load


def obstacles(endpoint: Endpoint, deployment: Deployment) -> list[str]:
    """Return why the writer may not go back yet, one line each; an empty list means it may.

    The old primary must answer, be a member of the global database again, have a fresh heartbeat that reached the
    secondary Region, keep up with its stream, and a sweep since must have inserted no more than what can be in flight.
    """
    primary, secondary = deployment.regions.both
    silent = [f"{region} does not answer" for region in (primary, secondary) if not deployment.has(region)]
    if silent:
        return silent
    found = []
    state = ledger_state(endpoint, deployment, secondary)
    if state.status != "available":
        found.append(f"the global database is {state.status}, not available")
    if primary not in state.members:
        found.append(f"{primary} is not a member of the global database yet: Aurora is still rebuilding it")
    ages = heartbeats(endpoint, deployment, secondary)
    if primary in ages and ages[primary] > FRESH_SECONDS:
        found.append(f"the last heartbeat of {primary} seen in {secondary} is {ages[primary]:.0f} s old")
    for region in (primary, secondary):
        age = iterator_age_seconds(endpoint, deployment, region)
        if age is not None and age > FRESH_SECONDS:
            found.append(f"the projector of {region} is {age:.0f} s behind its stream")
    if not found and state.writer_region:
        inserted = _inserted(sweep(endpoint, deployment, state.writer_region, {}))
        if inserted > IN_FLIGHT:
            found.append(f"the last sweep still inserted {inserted} transactions, more than can be in flight")
    return found


def _inserted(answer: dict[str, object]) -> int:
    total = answer.get("inserted", 0)
    return total if isinstance(total, int) else 0


def fail_back(
    endpoint: Endpoint,
    deployment: Deployment,
    *,
    reason: str,
    wait_seconds: float = 0,
    timeout_seconds: float = 900,
    say: Callable[[str], None] = print,
) -> None:
    """Switch the writer over to the primary Region, then release the takeover switch.

    Waits up to `wait_seconds` for what stands in the way, then raises OperationError naming it. Safe to run again.
    """
    primary, secondary = deployment.regions.both
    deadline = time.monotonic() + wait_seconds
    while reasons := obstacles(endpoint, deployment):
        if time.monotonic() >= deadline:
            raise OperationError(f"not failing back: {'; '.join(reasons)}")
        time.sleep(0.5)
    say(f"{primary} is current")
    plan_arn = deployment.find(primary, "plan-arn") or deployment.find(secondary, "plan-arn")
    state = ledger_state(endpoint, deployment, secondary)
    if plan_arn and state.writer_region != primary:
        execution = execute_plan(endpoint, plan_arn, region=primary, mode="graceful", timeout_seconds=timeout_seconds)
        say(f"recovery plan executed (graceful): {execution}")
    move_writer(endpoint, deployment, to=primary, through=secondary, data_loss=False, timeout_seconds=timeout_seconds)
    say(f"{primary} writes the ledger")
    takeover(endpoint, deployment, "release", reason)
    say(f"takeover switch released: traffic returns to {primary}")
