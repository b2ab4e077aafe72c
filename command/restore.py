"""`tandem restore`: a ledger that is gone in both Regions, from a copy of its backup."""

from datetime import UTC, datetime
from typing import Annotated

from cyclopts import Parameter

from command.arguments import Changed, invocation
from command.values import Flag, RegionName, Yes
from drills.progress import Progress
from operations.deployment import find_deployment
from operations.errors import WrongInputError
from operations.ledger_restore import latest_copy, restore_ledger


def restore(
    *,
    place: Changed,
    region: Annotated[RegionName | None, Parameter(help="default: the secondary Region")] = None,
    snapshot: Annotated[str | None, Parameter(help="its ARN (default: the newest copy in the Region's vault)")] = None,
    dry_run: Annotated[Flag, Parameter(help="say what would be restored, and do nothing")] = False,
    yes: Yes = False,
) -> int:
    """Restore the ledger."""
    run = invocation(place)
    run.need_two_regions()
    target = region or run.regions.secondary
    if target not in run.regions.both:
        raise WrongInputError(f"--region {target} is not a Region of the stage: give {' or '.join(run.regions.both)}")
    endpoint = run.endpoint()
    deployment = find_deployment(endpoint, place.stage, run.regions)
    taken = ""
    if snapshot is None:
        copy = latest_copy(endpoint, deployment, target)
        snapshot, taken = copy.arn, f", taken {datetime.fromtimestamp(copy.taken, tz=UTC):%Y-%m-%d %H:%M} UTC"
    run.say(f"account {deployment.account or 'unknown'}, stage {place.stage}: {target} from {snapshot}{taken}")
    if dry_run:
        run.say("nothing was changed: leave --dry-run out to do it")
        return 0
    run.confirm(f"restore the ledger of stage {place.stage} in {target}?", yes=yes)
    with Progress(run.console) as progress:
        restore_ledger(endpoint, deployment, region=target, snapshot=snapshot, say=progress.say, waits=progress.show)
    run.say(f"what the journal has and the copy has not is inserted by tandem reconcile --stage {place.stage}")
    return 0
