"""`tandem restore`: a ledger that is gone in both Regions, from a copy of its backup."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from command.arguments import add_command, region
from operations.deployment import find_deployment
from operations.errors import WrongInputError
from operations.ledger_restore import latest_copy, restore_ledger

if TYPE_CHECKING:
    from command.arguments import Commands, Invocation


def add_restore(commands: Commands) -> None:
    """Add the command."""
    text = "restore a ledger that is gone in both Regions; tandem reconcile completes it from the journal"
    command = add_command(commands, "restore", text, run=_restore, default_stage=None)
    command.add_argument("--region", type=region, metavar="REGION", help="default: the secondary Region")
    command.add_argument("--snapshot", metavar="ARN", help="default: the newest copy in the Region's vault")
    command.add_argument("--dry-run", action="store_true", help="say what would be restored, and do nothing")
    command.add_argument("--yes", action="store_true", help="do not ask before anything is changed")


def _restore(invocation: Invocation) -> int:
    invocation.need_two_regions()
    arguments, regions = invocation.arguments, invocation.regions
    target = arguments.region or regions.secondary
    if target not in regions.both:
        raise WrongInputError(f"--region {target} is not a Region of the stage: give {' or '.join(regions.both)}")
    endpoint = invocation.endpoint()
    deployment = find_deployment(endpoint, arguments.stage, regions)
    snapshot, taken = arguments.snapshot, ""
    if snapshot is None:
        copy = latest_copy(endpoint, deployment, target)
        snapshot, taken = copy.arn, f", taken {datetime.fromtimestamp(copy.taken, tz=UTC):%Y-%m-%d %H:%M} UTC"
    invocation.say(
        f"account {deployment.account or 'unknown'}, stage {arguments.stage}: {target} from {snapshot}{taken}"
    )
    if arguments.dry_run:
        invocation.say("nothing was changed: leave --dry-run out to do it")
        return 0
    invocation.confirm(f"restore the ledger of stage {arguments.stage} in {target}?")
    restore_ledger(endpoint, deployment, region=target, snapshot=snapshot, say=invocation.steps())
    invocation.say(
        f"what the journal has and the copy has not is inserted by tandem reconcile --stage {arguments.stage}"
    )
    return 0
