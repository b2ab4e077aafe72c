"""Return to the primary Region, without loss: it refuses until that is certain."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from contract.parameters import PLAN_ARN
from contract.waiting import wait_until
from operations.clock import CLOCK, Clock
from operations.errors import OperationError
from operations.global_database import ledger_state, move_writer
from operations.invocations import takeover
from operations.readings import FRESH_SECONDS, heartbeats, iterator_age_seconds
from operations.recovery_plan import execute_plan
from operations.sweeping import read

if TYPE_CHECKING:
    from collections.abc import Callable

    from operations.deployment import Deployment
    from operations.endpoint import Endpoint

IN_FLIGHT = 500  # what the projector may be just about to insert when a sweep overtakes it under load
POLL_SECONDS = 0.5
NUMBER = re.compile(r"\b\d+\b")


def obstacles(endpoint: Endpoint, deployment: Deployment, *, clock: Clock = CLOCK) -> list[str]:
    """Return why the writer may not go back yet, one line each; an empty list means it may.

    The old primary must answer, be a member of the global database again, have a fresh heartbeat that reached the
    secondary Region, keep up with its stream, and a read from the mark must have run since and inserted no more than
    what can be in flight. What could not be asked stands in the way as what is bad does. A stream without data points
    for five minutes has carried nothing (Lambda publishes the age with each batch): the sweep, which reads the journal
    itself, decides.
    """
    primary, secondary = deployment.regions.both
    silent = [f"{region} does not answer" for region in (primary, secondary) if not deployment.has(region)]
    if silent:
        return silent
    try:
        state = ledger_state(endpoint, deployment, secondary)
    except OperationError as error:
        return [f"the state of the ledger is unknown ({error})"]
    obstacles = []
    if state.status != "available":
        obstacles.append(f"the global database is {state.status}, not available")
    if primary not in state.members:
        obstacles.append(f"{primary} is not a member of the global database yet: Aurora is still rebuilding it")
    if state.writer_region is None:
        obstacles.append("the global database names no writer")
    obstacles += _behind(endpoint, deployment)
    if not obstacles and state.writer_region:
        obstacles += _left_by_sweep(endpoint, deployment, state.writer_region, clock)
    return obstacles


def _behind(endpoint: Endpoint, deployment: Deployment) -> list[str]:
    primary, secondary = deployment.regions.both
    reasons = []
    age = heartbeats(endpoint, deployment, secondary).get(primary)
    if age is None:
        reasons.append(f"the last heartbeat of {primary} is unknown in {secondary}")
    elif age > FRESH_SECONDS:
        reasons.append(f"the last heartbeat of {primary} seen in {secondary} is {age:.0f} s old")
    for region in (primary, secondary):
        try:
            behind = iterator_age_seconds(endpoint, deployment, region)
        except (BotoCoreError, ClientError) as error:
            reasons.append(f"how far the projector of {region} is behind its stream is unknown ({error})")
            continue
        if behind is not None and behind > FRESH_SECONDS:
            reasons.append(f"the projector of {region} is {behind:.0f} s behind its stream")
    return reasons


def _left_by_sweep(endpoint: Endpoint, deployment: Deployment, writer: str, clock: Clock) -> list[str]:
    try:
        inserted = read(endpoint, deployment, writer, clock=clock).inserted
    except OperationError as error:
        return [f"the sweep in {writer} did not run ({error})"]
    if inserted > IN_FLIGHT:
        return [f"the last sweep still inserted {inserted} transactions, more than can be in flight"]
    return []


def fail_back(
    endpoint: Endpoint,
    deployment: Deployment,
    *,
    reason: str,
    wait_seconds: float = 0,
    timeout_seconds: float = 900,
    say: Callable[[str], None] = print,
    waits: Callable[[str], None] = lambda _: None,
    find: Callable[[], Deployment] | None = None,
    clock: Clock = CLOCK,
) -> None:
    """Switch the writer over to the primary Region, then release the takeover switch.

    Waits up to `wait_seconds` for what stands in the way and for calls that fail, then raises OperationError naming
    it. `waits` is told each time, `say` where the reason is another one. `find` reads again what is deployed, for a
    Region that did not answer at first. Safe to run again.
    """
    failure: OperationError | None = None

    def is_back() -> bool:
        nonlocal deployment, failure
        try:
            if find is not None and not all(deployment.has(region) for region in deployment.regions.both):
                deployment = find()
            reasons = obstacles(endpoint, deployment, clock=clock)
            if not reasons:
                _go_back(endpoint, deployment, reason=reason, timeout_seconds=timeout_seconds, say=say, waits=waits)
                return True
            told = OperationError(f"not failing back: {'; '.join(reasons)}")
        except OperationError as error:
            told = error
        waits(str(told))
        if failure is None or _without_numbers(told) != _without_numbers(failure):
            say(f"waiting: {told}")
        failure = told
        return False

    if not wait_until(is_back, seconds=wait_seconds, pause=POLL_SECONDS, now=clock.now, sleep=clock.sleep) and failure:
        raise failure


def _without_numbers(error: OperationError) -> str:
    """The reason alone: an age that grows is the same reason each second."""
    return NUMBER.sub("", str(error))


def _go_back(
    endpoint: Endpoint,
    deployment: Deployment,
    *,
    reason: str,
    timeout_seconds: float,
    say: Callable[[str], None],
    waits: Callable[[str], None],
) -> None:
    primary, secondary = deployment.regions.both
    say(f"{primary} is current")
    say(f"asking that {primary} write the ledger: a move takes minutes on AWS")
    plan_arn = deployment.find(primary, PLAN_ARN) or deployment.find(secondary, PLAN_ARN)
    was_set = takeover(endpoint, deployment, "status", reason)
    executed = False
    if plan_arn and ledger_state(endpoint, deployment, secondary).writer_region != primary:
        execution = execute_plan(
            endpoint, plan_arn, region=primary, mode="graceful", timeout_seconds=timeout_seconds, waits=waits
        )
        say(f"recovery plan executed (graceful): {execution}")
        executed = True
    moved = move_writer(
        endpoint,
        deployment,
        to=primary,
        through=secondary,
        data_loss=False,
        timeout_seconds=timeout_seconds,
        waits=waits,
    )
    say(f"{primary} writes the ledger" + ("" if moved or executed else " already"))
    takeover(endpoint, deployment, "release", reason)
    say(
        f"takeover switch released: traffic returns to {primary}"
        if was_set
        else "the takeover switch was not set: nothing to release"
    )
