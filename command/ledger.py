"""`tandem reconcile`, `tandem quarantine`, `tandem conflicts`: what the ledger lacks, and what it cannot take."""

import json
from collections.abc import Sequence
from typing import Annotated

from cyclopts import App, Parameter

from command.arguments import LEFT_TO_DO, Changed, Deployed, invocation
from command.values import Flag, Json
from operations.conflicts import conflicts
from operations.deployment import find_deployment
from operations.errors import OperationError
from operations.quarantine import run as run_quarantine
from operations.reconcile import reconcile
from operations.times import parse_time

DIGEST = 12
"""Characters of a payload's hash that tell two apart."""

quarantine = App(name="quarantine")
"""`list` is what it does when no action is named."""


def reconcile_command(
    *,
    place: Changed,
    since: Annotated[str | None, Parameter(help="only what was recorded from this RFC 3339 time on")] = None,
) -> int:
    """Sweep the journal now."""
    run = invocation(place)
    begin = parse_time(since, option="--since") if since else None
    endpoint = run.endpoint()
    deployment = find_deployment(endpoint, place.stage, run.regions)
    try:
        answer = reconcile(endpoint, deployment, since=begin, say=run.say)
    except OperationError as error:
        raise OperationError(
            f"the sweep did not run to its end ({error}): run tandem status, then this again"
        ) from error
    run.say(f"swept in {answer['region']}: read {answer.get('read', '?')}, inserted {answer['inserted']}")
    if answer.get("held"):
        run.say(f"{answer['held']} held in quarantine: tandem quarantine list shows them")
        return LEFT_TO_DO
    return 0


@quarantine.default
@quarantine.command(name="list", help="show what is held, and why")
def list_quarantine(*, place: Deployed = Deployed()) -> int:
    """Show what the ledger cannot take."""
    return _quarantine(place, "list")


@quarantine.command(name="release", help="have what is held looked at again")
def release(
    *keys: Annotated[str, Parameter(name="KEY", help="a journal item's key, or its transaction's id")],
    place: Changed,
    everything: Annotated[Flag, Parameter(name="--all", help="release everything that is right by now")] = False,
) -> int:
    """Have the writer's sweeper look at these again."""
    return _quarantine(place, "release", keys, everything=everything)


def _quarantine(place: Deployed | Changed, action: str, keys: Sequence[str] = (), *, everything: bool = False) -> int:
    run = invocation(place)
    endpoint = run.endpoint()
    deployment = find_deployment(endpoint, place.stage, run.regions)
    return run_quarantine(endpoint, deployment, action, keys, everything=everything, say=run.say)


def conflicts_command(
    *,
    place: Deployed = Deployed(),
    as_json: Annotated[Json, Parameter(help="print JSON, with the images of all payloads")] = False,
) -> int:
    """Show both payloads of each."""
    run = invocation(place)
    endpoint = run.endpoint()
    listed = conflicts(endpoint, find_deployment(endpoint, place.stage, run.regions))
    status = LEFT_TO_DO if listed.recorded or listed.set_aside else 0
    if as_json:
        run.say(json.dumps(listed.plain(), indent=2))
        return status
    for each in listed.recorded:
        posted, held = each.posted_hash or "nothing", each.journal_hash or "nothing"
        run.say(f"{each.transaction_id}: {each.payload_hash[:DIGEST]} lost, noticed {each.noticed_at}")
        run.say(f"  the ledger posted {posted[:DIGEST]}, the journal holds {held[:DIGEST]}")
        run.say(f"  {json.dumps(dict(each.image), sort_keys=True)}")
    for item in listed.set_aside:
        run.say(f"{item.transaction_id}: in quarantine since {item.since} ({item.region}): {item.reason}")
    counts = f"{len(listed.recorded)} conflicts in the ledger of {listed.region}, {len(listed.set_aside)} in quarantine"
    run.say(counts)
    return status
