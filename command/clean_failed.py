"""`tandem clean-failed`: what a first deployment that failed has left, taken away."""

from typing import Annotated

from cyclopts import Parameter

from command.arguments import LEFT_TO_DO, Changed, invocation
from command.values import Timeout, Yes, one_of
from operations.clean_failed import STACKS, clean, failed_stack


def clean_failed(
    stack: Annotated[str, one_of(STACKS), Parameter(help="the stack to delete")],
    /,
    *,
    place: Changed,
    yes: Yes = False,
    timeout: Timeout = 3600,
) -> int:
    """Delete the stack and all that is in it."""
    run = invocation(place)
    endpoint = run.endpoint()
    failed = failed_stack(endpoint, place.stage, run.regions, stack)
    run.say(f"{failed.name} in {failed.region} has never been complete and has {len(failed.resources)} resources")
    run.confirm(f"delete {failed.name} and all of them?", yes=yes)
    left = clean(endpoint, failed, timeout_seconds=timeout, say=run.steps())
    for line in left:
        run.say(f"stays: {line}")
    return LEFT_TO_DO if left else 0
