"""`tandem changes`: whether the deployed stage can take the settings as they are now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from command.arguments import add_command
from operations.changes import refused_changes
from operations.endpoint import IMPATIENCE_SECONDS

if TYPE_CHECKING:
    from command.arguments import Commands, Invocation

REFUSED = 2
"""The exit status when the settings cannot be deployed: they are what must be corrected."""


def add_changes(commands: Commands) -> None:
    """Add the command."""
    text = "say which changed settings the deployed stage cannot take; make deploy asks this first"
    add_command(commands, "changes", text, run=_changes)


def _changes(invocation: Invocation) -> int:
    endpoint = invocation.endpoint(timeout_seconds=IMPATIENCE_SECONDS)
    refused = refused_changes(endpoint, invocation.arguments.stage, invocation.arguments.settings)
    for line in refused:
        invocation.say(f"refused: {line}")
    return REFUSED if refused else 0
