"""`tandem copy-journal`: carry the journal of one stage into the stage that takes its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from command.arguments import LEFT_TO_DO, add_command, stage
from operations.copy_journal import copy_journal
from operations.deployment import find_deployment, regions_of

if TYPE_CHECKING:
    from command.arguments import Commands, Invocation


def add_copy_journal(commands: Commands) -> None:
    """Add the command."""
    text = "write every transaction of another stage's journal into this stage's; what is there already stays"
    command = add_command(commands, "copy-journal", text, run=_copy, default_stage=None)
    command.add_argument("--yes", action="store_true", help="do not ask before anything is written")
    command.add_argument("--from", dest="source", metavar="STAGE", type=stage, required=True, help="the old stage")


def _copy(invocation: Invocation) -> int:
    arguments = invocation.arguments
    regions, _ = regions_of(arguments.source, arguments.settings)
    endpoint = invocation.endpoint()
    source = find_deployment(endpoint, arguments.source, regions)
    target = find_deployment(endpoint, arguments.stage, invocation.regions)
    invocation.confirm(f"write the journal of {source.stage} into the one of {target.stage}?")
    copied = copy_journal(endpoint, source, target, say=invocation.steps())
    for each in copied.others:
        invocation.say(f"{each} has another payload in {target.stage}, and was left as it is there")
    invocation.say(f"{copied.written} written, {copied.there} were there, {len(copied.others)} differ")
    return LEFT_TO_DO if copied.others else 0
