"""Leave the primary Region: traffic first, then the writer. It talks to the secondary Region only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from contract.parameters import PLAN_ARN
from contract.waiting import wait_until
from operations.clock import CLOCK, Clock
from operations.errors import OperationError, WrongInputError
from operations.global_database import ledger_state, move_writer
from operations.invocations import UnansweredError, takeover
from operations.ledger_query import query
from operations.recovery_plan import execute_plan
from operations.stopping import TRAFFIC_MOVED
from operations.sweeping import read

if TYPE_CHECKING:
    from collections.abc import Callable

    from operations.deployment import Deployment
    from operations.endpoint import Endpoint

LEDGER_SECONDS = 30
"""How long a database that has just been promoted may take until it answers."""
POLL_SECONDS = 1.0


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
    waits: Callable[[str], None] = lambda _: None,
    reached: Callable[[str], None] = lambda _: None,
    clock: Clock = CLOCK,
) -> bool:
    """Move traffic and the writer to Region `to`; running it again after an interruption finishes the job.

    `to` is the secondary Region unless given; the primary when the secondary is lost while it writes, in which case the
    takeover switch is left for `tandem failback` to release: it was lost with its Region, so traffic has returned by
    itself.
    `planned` switches the writer over without loss, which needs both Regions; otherwise it is forced
    (AllowDataLoss): what Aurora loses, the projector and the sweep insert again from the journal.
    `ledger_only` leaves the traffic where it is, and so does not use the recovery plan, whose first step moves it.
    `waits` is told, again and again, what is waited for. `reached` is told each of the points of
    `operations.stopping`, so that a drill can kill the command there.

    Returns whether all is done: False when only the sweep is left to do, which it says. Raises OperationError when the
    writer did not move or the new writer's ledger does not answer, saying what has moved by then.
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
    plan_arn = None if ledger_only else deployment.find(target, PLAN_ARN)
    try:
        moved = _move(
            endpoint, deployment, plan_arn, target, planned=planned, seconds=timeout_seconds, say=say, waits=waits
        )
    except (OperationError, WrongInputError) as error:
        if not moves_traffic:
            raise
        raise type(error)(f"traffic has moved to {target}, the ledger has not: {error}") from error
    say(f"{target} writes the ledger" + ("" if moved else " already"))
    try:
        why = _sweep(endpoint, deployment, target, clock, waits)
    except WrongInputError as error:
        raise type(error)(f"{target} is the writer, the sweep did not run: {error}") from error
    if why is not None:
        say(f"the sweep did not run ({why}): the schedule runs it within minutes, tandem reconcile runs it now")
        return False
    say("sweep done: the ledger holds what the journal holds")
    return True


def _move(
    endpoint: Endpoint,
    deployment: Deployment,
    plan_arn: str | None,
    target: str,
    *,
    planned: bool,
    seconds: float,
    say: Callable[[str], None],
    waits: Callable[[str], None],
) -> bool:
    """Move the writer, by the plan where there is one; return whether it had to be moved."""
    say(f"asking that {target} write the ledger: a move takes minutes on AWS")
    executed = False
    if plan_arn and ledger_state(endpoint, deployment, target).writer_region != target:
        mode: Literal["graceful", "ungraceful"] = "graceful" if planned else "ungraceful"
        execution = execute_plan(endpoint, plan_arn, region=target, mode=mode, timeout_seconds=seconds, waits=waits)
        say(f"recovery plan executed ({mode}): {execution}")
        executed = True
    moved = move_writer(
        endpoint,
        deployment,
        to=target,
        through=target,
        data_loss=not planned,
        timeout_seconds=seconds,
        waits=waits,
    )
    return moved or executed


def _sweep(
    endpoint: Endpoint, deployment: Deployment, target: str, clock: Clock, waits: Callable[[str], None]
) -> str | None:
    """Run the sweep, a second time once the ledger answers; return why it did not run, None when it did.

    Raises OperationError when the ledger of the new writer does not answer: RDS says which cluster writes, not whether
    it answers.
    """
    waits(f"the sweep in {target}")
    first = _try_sweep(endpoint, deployment, target, clock)
    if first is None:
        return None
    silence: OperationError | None = None

    def answers() -> bool:
        nonlocal silence
        try:
            query(endpoint, deployment, target, "SELECT 1")
        except OperationError as error:
            silence = error
            waits(f"the ledger of {target} does not answer yet")
            return False
        return True

    if not wait_until(answers, seconds=LEDGER_SECONDS, pause=POLL_SECONDS, now=clock.now, sleep=clock.sleep):
        raise OperationError(
            f"{target} is the writer, but its ledger does not answer, and the sweep did not run "
            f"({first}; {silence}): run the command again once it does"
        ) from silence
    if isinstance(first, UnansweredError):
        return str(first)  # it may run yet, and two would work side by side
    second = _try_sweep(endpoint, deployment, target, clock)
    return None if second is None else str(second)


def _try_sweep(endpoint: Endpoint, deployment: Deployment, target: str, clock: Clock) -> OperationError | None:
    """Have everything from the mark on read; return why that was not done, None when it was."""
    try:
        read(endpoint, deployment, target, clock=clock)
    except OperationError as error:
        return error
    return None
