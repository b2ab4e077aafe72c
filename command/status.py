"""`tandem status`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from command.arguments import add_command
from operations.deployment import find_deployment
from operations.status import gather, show, verdict

if TYPE_CHECKING:
    from command.arguments import Commands, Invocation


def add_status(commands: Commands) -> None:
    """Add the command."""
    text = "show which Region serves, which one writes, and what the surviving Region knows"
    command = add_command(commands, "status", text, run=_status)
    command.add_argument("--json", action="store_true", help="print JSON")


def _status(invocation: Invocation) -> int:
    endpoint = invocation.endpoint()
    state = gather(endpoint, find_deployment(endpoint, invocation.arguments.stage, invocation.regions))
    show(state, as_json=invocation.arguments.json)
    return verdict(state)
