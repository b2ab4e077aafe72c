"""`tandem failover` and `tandem failback`."""

import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated

from cyclopts import Group, Parameter

from command.arguments import LEFT_TO_DO, Changed, Invocation, invocation
from command.values import Flag, RegionName, Timeout, Yes, exclusive, number, one_of
from drills.progress import Progress
from operations.caller import caller, signed
from operations.decision import Move, look, objection
from operations.deployment import Deployment, Regions, find_deployment
from operations.errors import OperationError, WrongInputError
from operations.failback import fail_back
from operations.failover import fail_over
from operations.losses import losses
from operations.stopping import POINTS, stop_at

_ONE = Group("One of these", validator=exclusive)


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class How:
    """In which way to fail over."""

    planned: Annotated[Flag, Parameter(group=_ONE, help="switch over without loss: needs both Regions")] = False
    force: Annotated[Flag, Parameter(group=_ONE, help="also while the Region that is left beats")] = False
    ledger_only: Annotated[Flag, Parameter(group=_ONE, help="leave the traffic where it is")] = False
    dry_run: Annotated[Flag, Parameter(help="say what would be done and lost, and do nothing")] = False
    yes: Yes = False


def failover(
    *,
    place: Changed,
    how: How = How(),
    to: Annotated[RegionName | None, Parameter(help="default: the secondary Region")] = None,
    reason: Annotated[str, Parameter(help="recorded with the switch")] = "operator ran tandem failover",
    timeout: Timeout = 900,
    stop: Annotated[str | None, one_of(POINTS), Parameter(name="--stop-at", show=False)] = None,
) -> int:
    """Leave the primary Region. `stop` is for drills: the command stops itself there with SIGSTOP."""
    run = invocation(place)
    run.need_two_regions()
    if stop and not place.endpoint_url:
        raise WrongInputError(f"--stop-at {stop} is for drills: give --endpoint-url, or leave it out")
    endpoint = run.endpoint()
    target = _target(to, run.regions)
    # a forced failover asks nothing of the Region that it leaves, which may keep one waiting instead of refusing
    ask = None if how.planned else [target]
    deployment = find_deployment(endpoint, place.stage, run.regions, ask=ask)
    move = look(endpoint, deployment, to=target)
    lost: Sequence[str] = ()  # a switchover loses nothing
    if not how.planned:
        known = losses(endpoint, deployment, leaving=move.leaving, to=target, beat_seconds=move.beat_seconds)
        lost = known.of_ledger if how.ledger_only else known.lines
    if not _decide(run, how, move, lost):
        return 0
    with Progress(run.console) as progress:
        complete = fail_over(
            endpoint,
            deployment,
            reason=signed(reason, caller(endpoint, target)),
            planned=how.planned,
            ledger_only=how.ledger_only,
            to=target,
            timeout_seconds=timeout,
            say=progress.say,
            waits=progress.show,
            reached=stop_at(stop),
        )
    return 0 if complete else LEFT_TO_DO


def _decide(run: Invocation, how: How, move: Move, lost: Sequence[str]) -> bool:
    """Say what is about to be done and lost; return whether to do it.

    Raises OperationError when that is refused, and whatever the question raises.
    """
    way = "planned, without loss" if how.planned else "forced: the journal makes good what Aurora loses"
    what = "the ledger alone" if how.ledger_only else "traffic and ledger"
    run.say(f"{move.line}: {what}, {way}")
    for line in lost:
        run.say(f"  {line}")
    against = None if how.planned or how.ledger_only or how.force else objection(move)
    if against is not None:
        raise OperationError(f"{against}, and nothing was changed")
    if how.dry_run:
        run.say("nothing was changed: leave --dry-run out to do it")
        return False
    if not how.force or sys.stdin.isatty():  # whoever forces a failover in a script has decided
        run.confirm(f"fail stage {move.stage} over to {move.to}?", yes=how.yes)
    return True


def failback(
    *,
    place: Changed,
    yes: Yes = False,
    reason: Annotated[str, Parameter(help="recorded with the switch")] = "operator ran tandem failback",
    timeout: Timeout = 900,
    wait: Annotated[float, number(0, 86_400), Parameter(help="seconds to wait for obstacles to go")] = 0,
) -> int:
    """Return to the primary Region."""
    run = invocation(place)
    run.need_two_regions()
    regions = run.regions
    endpoint = run.endpoint()
    deployment = Deployment(stage=place.stage, regions=regions, parameters={})
    with suppress(OperationError):  # a Region that does not answer yet is waited for below
        deployment = find_deployment(endpoint, place.stage, regions)
    line = f"stage {place.stage}: from {regions.secondary} back to {regions.primary}, planned, without loss"
    run.say(f"account {deployment.account or 'unknown'}, {line}")
    run.confirm(f"fail stage {place.stage} back to {regions.primary}?", yes=yes)
    with Progress(run.console) as progress:
        fail_back(
            endpoint,
            deployment,
            reason=signed(reason, caller(endpoint, regions.secondary)),
            wait_seconds=wait,
            timeout_seconds=timeout,
            say=progress.say,
            waits=progress.show,
            find=lambda: find_deployment(endpoint, place.stage, regions),
        )
    return 0


def _target(to: str | None, regions: Regions) -> str:
    if to is not None and to not in regions.both:
        raise WrongInputError(f"--to {to} is not a Region of the stage: give {' or '.join(regions.both)}")
    return to or regions.secondary
