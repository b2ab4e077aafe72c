"""`tandem failover` and `tandem failback`."""

from __future__ import annotations

import argparse
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from command.arguments import LEFT_TO_DO, add_command, number, region
from operations.caller import caller, signed
from operations.decision import look, objection
from operations.deployment import Deployment, find_deployment
from operations.errors import OperationError, WrongInputError
from operations.failback import fail_back
from operations.failover import fail_over
from operations.losses import losses
from operations.stopping import POINTS, stop_at

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from command.arguments import Commands, Invocation
    from operations.decision import Move
    from operations.deployment import Regions


def add_failover(commands: Commands) -> None:
    """Add both commands."""
    text = "leave the primary Region: pull the takeover switch, promote the secondary ledger"
    command = _add(commands, "failover", text, run=_fail_over)
    how = command.add_mutually_exclusive_group()
    how.add_argument("--planned", action="store_true", help="switch over without loss: needs both Regions")
    how.add_argument("--force", action="store_true", help="also while the Region that is left beats")
    how.add_argument("--ledger-only", action="store_true", help="leave the traffic where it is")
    command.add_argument("--dry-run", action="store_true", help="say what would be done and lost, and do nothing")
    command.add_argument("--stop-at", choices=POINTS, help=argparse.SUPPRESS)  # for drills: SIGSTOP to itself
    command.add_argument("--to", type=region, metavar="REGION", help="default: the secondary Region")
    text = "return to the primary Region without loss, then release the takeover switch"
    command = _add(commands, "failback", text, run=_fail_back)
    command.add_argument("--wait", type=number(0, 86_400), default=0, metavar="SECONDS", help="for obstacles")


def _add(commands: Commands, name: str, text: str, *, run: Callable[[Invocation], int]) -> Any:
    command = add_command(commands, name, text, run=run, default_stage=None)
    command.add_argument("--yes", action="store_true", help="do not ask before anything is changed")
    command.add_argument("--reason", default=f"operator ran tandem {name}", help="recorded with the switch")
    command.add_argument("--timeout", type=number(1, 86_400), default=900, metavar="SECONDS")
    return command


def _fail_over(invocation: Invocation) -> int:
    invocation.need_two_regions()
    arguments = invocation.arguments
    if arguments.stop_at and not arguments.endpoint_url:
        raise WrongInputError(f"--stop-at {arguments.stop_at} is for drills: give --endpoint-url, or leave it out")
    endpoint = invocation.endpoint()
    target = _target(arguments.to, invocation.regions)
    # a forced failover asks nothing of the Region that it leaves, which may keep one waiting instead of refusing
    ask = None if arguments.planned else [target]
    deployment = find_deployment(endpoint, arguments.stage, invocation.regions, ask=ask)
    move = look(endpoint, deployment, to=target)
    lost: Sequence[str] = ()  # a switchover loses nothing
    if not arguments.planned:
        lost = losses(endpoint, deployment, leaving=move.leaving, to=target, beat_seconds=move.beat_seconds).lines
    if not _decide(invocation, move, lost):
        return 0
    complete = fail_over(
        endpoint,
        deployment,
        reason=signed(arguments.reason, caller(endpoint, target)),
        planned=arguments.planned,
        ledger_only=arguments.ledger_only,
        to=target,
        timeout_seconds=arguments.timeout,
        say=invocation.steps(),
        reached=stop_at(arguments.stop_at),
    )
    return 0 if complete else LEFT_TO_DO


def _decide(invocation: Invocation, move: Move, lost: Sequence[str]) -> bool:
    """Say what is about to be done and lost; return whether to do it.

    Raises OperationError when that is refused, and whatever the question raises.
    """
    arguments = invocation.arguments
    how = "planned, without loss" if arguments.planned else "forced: the journal makes good what Aurora loses"
    what = "the ledger alone" if arguments.ledger_only else "traffic and ledger"
    invocation.say(f"{move.line}: {what}, {how}")
    for line in lost:
        invocation.say(f"  {line}")
    against = None if arguments.planned or arguments.ledger_only or arguments.force else objection(move)
    if against is not None:
        raise OperationError(f"{against}, and nothing was changed")
    if arguments.dry_run:
        invocation.say("nothing was changed: leave --dry-run out to do it")
        return False
    if not arguments.force or sys.stdin.isatty():  # whoever forces a failover in a script has decided
        invocation.confirm(f"fail stage {move.stage} over to {move.to}?")
    return True


def _fail_back(invocation: Invocation) -> int:
    invocation.need_two_regions()
    arguments, regions = invocation.arguments, invocation.regions
    endpoint = invocation.endpoint()
    deployment = Deployment(stage=arguments.stage, regions=regions, parameters={})
    with suppress(OperationError):  # a Region that does not answer yet is waited for below
        deployment = find_deployment(endpoint, arguments.stage, regions)
    line = f"stage {arguments.stage}: from {regions.secondary} back to {regions.primary}, planned, without loss"
    invocation.say(f"account {deployment.account or 'unknown'}, {line}")
    invocation.confirm(f"fail stage {arguments.stage} back to {regions.primary}?")
    fail_back(
        endpoint,
        deployment,
        reason=signed(arguments.reason, caller(endpoint, regions.secondary)),
        wait_seconds=arguments.wait,
        timeout_seconds=arguments.timeout,
        say=invocation.steps(),
        find=lambda: find_deployment(endpoint, arguments.stage, regions),
    )
    return 0


def _target(to: str | None, regions: Regions) -> str:
    if to is not None and to not in regions.both:
        raise WrongInputError(f"--to {to} is not a Region of the stage: give {' or '.join(regions.both)}")
    return to or regions.secondary
