"""`tandem clean-failed`: what a first deployment that failed has left, taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from command.arguments import LEFT_TO_DO, add_command, number
from operations.clean_failed import STACKS, clean, failed_stack

if TYPE_CHECKING:
    from command.arguments import Commands, Invocation


def add_clean_failed(commands: Commands) -> None:
    """Add the command."""
    text = "delete a stack whose first deployment failed, with what is protected in it"
    command = add_command(commands, "clean-failed", text, run=_clean_failed, default_stage=None)
    command.add_argument("stack", choices=STACKS, metavar="STACK", help=f"one of {', '.join(STACKS)}")
    command.add_argument("--yes", action="store_true", help="do not ask before anything is deleted")
    command.add_argument("--timeout", type=number(1, 86_400), default=3600, metavar="SECONDS")


def _clean_failed(invocation: Invocation) -> int:
    arguments = invocation.arguments
    endpoint = invocation.endpoint()
    stack = failed_stack(endpoint, arguments.stage, invocation.regions, arguments.stack)
    invocation.say(f"{stack.name} in {stack.region} has never been complete and has {len(stack.resources)} resources")
    invocation.confirm(f"delete {stack.name} and all of them?")
    left = clean(endpoint, stack, timeout_seconds=arguments.timeout, say=invocation.steps())
    for line in left:
        invocation.say(f"stays: {line}")
    return LEFT_TO_DO if left else 0
