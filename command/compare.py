"""`tandem compare`: whether both Regions' ledgers hold the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from command.arguments import LEFT_TO_DO, add_command
from operations.compare import compare
from operations.deployment import find_deployment
from operations.times import parse_time

if TYPE_CHECKING:
    from command.arguments import Commands, Invocation


def add_compare(commands: Commands) -> None:
    """Add the command."""
    text = "compare both Regions' ledgers; without times, what was recorded in the hour that ended a minute ago"
    command = add_command(commands, "compare", text, run=_compare)
    command.add_argument("--since", metavar="TIME", help="from this RFC 3339 time on")
    command.add_argument("--until", metavar="TIME", help="before this RFC 3339 time")


def _compare(invocation: Invocation) -> int:
    arguments = invocation.arguments
    since = parse_time(arguments.since, option="--since") if arguments.since else None
    until = parse_time(arguments.until, option="--until") if arguments.until else None
    endpoint = invocation.endpoint()
    deployment = find_deployment(endpoint, arguments.stage, invocation.regions)
    comparison = compare(endpoint, deployment, since=since, until=until)
    for line in comparison.differences:
        invocation.say(line)
    if comparison.more:
        invocation.say("there are more: compare a shorter time with --since and --until")
    invocation.say(comparison.summary)
    if comparison.equal:
        return 0
    invocation.say("a ledger that lacks rows is brought up by tandem reconcile; rows of other contents are a conflict")
    return LEFT_TO_DO
