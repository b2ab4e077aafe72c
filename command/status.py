"""`tandem status`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from command.arguments import add_command, number
from command.status_table import lines
from operations.clock import CLOCK
from operations.deployment import find_deployment
from operations.endpoint import IMPATIENCE_SECONDS
from operations.errors import OperationError
from operations.status import gather
from operations.verdict import DEGRADED, FAILED, HEALTHY, verdict

if TYPE_CHECKING:
    from command.arguments import Commands, Invocation
    from operations.clock import Clock
    from operations.endpoint import Endpoint

STYLES = {HEALTHY: "bold green", DEGRADED: "bold yellow", FAILED: "bold red"}
"""How the verdict is shown on a terminal that has colours."""


def add_status(commands: Commands) -> None:
    """Add the command."""
    text = "say in one line how the stage is and what to type next, and show what every Region tells"
    command = add_command(commands, "status", text, run=_status)
    command.add_argument("--json", action="store_true", help="print JSON")
    command.add_argument(
        "--watch", type=number(1, 3600), metavar="SECONDS", help="look again after so long, until Ctrl-C"
    )


def _status(invocation: Invocation) -> int:
    endpoint = invocation.endpoint(timeout_seconds=IMPATIENCE_SECONDS)
    every = invocation.arguments.watch
    return _show(invocation, endpoint) if every is None else watch(invocation, endpoint, every=every)


def watch(invocation: Invocation, endpoint: Endpoint, *, every: float, clock: Clock = CLOCK) -> int:
    """Show the state again after `every` seconds until interrupted; return what the last one was worth."""
    status = FAILED
    try:
        while True:
            try:
                status = _show(invocation, endpoint, clear=True)
            except OperationError as error:  # nobody answers now; somebody may the next time
                status = FAILED
                invocation.say(f"unknown: {' '.join(str(error).split())}", style=STYLES[FAILED])
            clock.sleep(every)
    except KeyboardInterrupt:
        return status


def _show(invocation: Invocation, endpoint: Endpoint, *, clear: bool = False) -> int:
    state = gather(endpoint, find_deployment(endpoint, invocation.arguments.stage, invocation.regions))
    worth = verdict(state)
    if invocation.arguments.json:
        invocation.say(json.dumps({"verdict": worth.line, **state.plain()}, indent=None if clear else 2))
        return worth.status
    if clear:
        invocation.console.clear()
    invocation.say(worth.line, style=STYLES[worth.status])
    for line in lines(state):
        invocation.say(line)
    return worth.status
