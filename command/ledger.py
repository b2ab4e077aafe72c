"""`tandem reconcile`, `tandem quarantine`, `tandem conflicts`: what the ledger lacks, and what it cannot take."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from command.arguments import LEFT_TO_DO, add_command
from operations.conflicts import conflicts
from operations.deployment import find_deployment
from operations.errors import OperationError
from operations.quarantine import run as run_quarantine
from operations.reconcile import reconcile
from operations.times import parse_time

if TYPE_CHECKING:
    from command.arguments import Commands, Invocation

DIGEST = 12
"""Characters of a payload's hash that tell two apart."""


def add_ledger(commands: Commands) -> None:
    """Add the commands."""
    text = "insert into the ledger whatever the journal holds and the ledger does not"
    command = add_command(commands, "reconcile", text, run=_reconcile, default_stage=None)
    command.add_argument("--since", metavar="TIME", help="only what was recorded from this RFC 3339 time on")
    text = "show the transactions that were taken twice with different payloads"
    command = add_command(commands, "conflicts", text, run=_conflicts)
    command.add_argument("--json", action="store_true", help="print JSON, with the images of all payloads")
    text = "show what the ledger cannot take, or have it looked at again"
    command = add_command(commands, "quarantine", text, run=_quarantine)
    command.set_defaults(stage=None, acts=lambda typed: typed.action == "release")
    command.add_argument("action", choices=("list", "release"), nargs="?", default="list")
    command.add_argument("keys", nargs="*", metavar="KEY", help="a journal item's key, or its transaction's id")
    command.add_argument("--all", action="store_true", help="release everything that is right by now")


def _reconcile(invocation: Invocation) -> int:
    arguments = invocation.arguments
    since = parse_time(arguments.since, option="--since") if arguments.since else None
    endpoint = invocation.endpoint()
    deployment = find_deployment(endpoint, arguments.stage, invocation.regions)
    try:
        answer = reconcile(endpoint, deployment, since=since, say=invocation.say)
    except OperationError as error:
        raise OperationError(
            f"the sweep did not run to its end ({error}): run tandem status, then this again"
        ) from error
    invocation.say(f"swept in {answer['region']}: read {answer.get('read', '?')}, inserted {answer['inserted']}")
    if answer.get("held"):
        invocation.say(f"{answer['held']} held in quarantine: tandem quarantine list shows them")
        return LEFT_TO_DO
    return 0


def _quarantine(invocation: Invocation) -> int:
    arguments = invocation.arguments
    endpoint = invocation.endpoint()
    deployment = find_deployment(endpoint, arguments.stage, invocation.regions)
    return run_quarantine(
        endpoint, deployment, arguments.action, arguments.keys, everything=arguments.all, say=invocation.say
    )


def _conflicts(invocation: Invocation) -> int:
    arguments = invocation.arguments
    endpoint = invocation.endpoint()
    listed = conflicts(endpoint, find_deployment(endpoint, arguments.stage, invocation.regions))
    status = LEFT_TO_DO if listed.recorded or listed.set_aside else 0
    if arguments.json:
        invocation.say(json.dumps(listed.plain(), indent=2))
        return status
    for each in listed.recorded:
        posted, held = each.posted_hash or "nothing", each.journal_hash or "nothing"
        invocation.say(f"{each.transaction_id}: {each.payload_hash[:DIGEST]} lost, noticed {each.noticed_at}")
        invocation.say(f"  the ledger posted {posted[:DIGEST]}, the journal holds {held[:DIGEST]}")
        invocation.say(f"  {json.dumps(dict(each.image), sort_keys=True)}")
    for item in listed.set_aside:
        invocation.say(f"{item.transaction_id}: in quarantine since {item.since} ({item.region}): {item.reason}")
    counts = f"{len(listed.recorded)} conflicts in the ledger of {listed.region}, {len(listed.set_aside)} in quarantine"
    invocation.say(counts)
    return status
