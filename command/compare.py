"""`tandem compare`: whether both Regions' ledgers hold the same."""

from typing import Annotated

from cyclopts import Parameter

from command.arguments import LEFT_TO_DO, Deployed, invocation
from operations.compare import compare
from operations.deployment import find_deployment
from operations.times import parse_time


def compare_command(
    *,
    place: Deployed = Deployed(),
    since: Annotated[str | None, Parameter(help="from this RFC 3339 time on")] = None,
    until: Annotated[str | None, Parameter(help="before this RFC 3339 time")] = None,
) -> int:
    """Say what differs."""
    run = invocation(place)
    begin = parse_time(since, option="--since") if since else None
    end = parse_time(until, option="--until") if until else None
    endpoint = run.endpoint()
    deployment = find_deployment(endpoint, place.stage, run.regions)
    comparison = compare(endpoint, deployment, since=begin, until=end)
    for line in comparison.differences:
        run.say(line)
    if comparison.more:
        run.say("there are more: compare a shorter time with --since and --until")
    run.say(comparison.summary)
    if comparison.equal:
        return 0
    run.say("a ledger that lacks rows is brought up by tandem reconcile; rows of other contents are a conflict")
    return LEFT_TO_DO
