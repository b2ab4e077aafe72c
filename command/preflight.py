"""`tandem preflight`."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from command.arguments import LEFT_TO_DO, add_command
from operations.endpoint import IMPATIENCE_SECONDS
from operations.preflight.lines import Outcome, worst
from operations.preflight.questions import preflight, subject_of

if TYPE_CHECKING:
    from command.arguments import Commands, Invocation

STATUS = {Outcome.PASSED: 0, Outcome.FAILED: 1, Outcome.UNKNOWN: LEFT_TO_DO}
"""What a line that is unknown leaves to do is to look there by hand."""
STYLES = {Outcome.FAILED: "bold red", Outcome.UNKNOWN: "bold yellow", Outcome.PASSED: "green"}


def add_preflight(commands: Commands) -> None:
    """Add the command."""
    text = "ask what a deployment and a failover need, before either begins; changes nothing"
    command = add_command(commands, "preflight", text, run=_preflight)
    command.add_argument("--json", action="store_true", help="print JSON")


def _preflight(invocation: Invocation) -> int:
    arguments = invocation.arguments
    endpoint = invocation.endpoint(timeout_seconds=IMPATIENCE_SECONDS)
    subject = subject_of(endpoint, arguments.stage, invocation.regions, arguments.settings)
    lines = preflight(subject)
    outcome = worst(lines)
    if arguments.json:
        told = {"stage": arguments.stage, "outcome": outcome, "lines": [asdict(line) for line in lines]}
        invocation.say(json.dumps(told, indent=2))
        return STATUS[outcome]
    counts = ", ".join(f"{sum(line.outcome is each for line in lines)} {each}" for each in Outcome)
    invocation.say(f"stage {arguments.stage}, {endpoint.url or 'AWS'}: {counts}", style=STYLES[outcome])
    width = max(len(line.name) for line in lines)
    for line in sorted(lines, key=lambda line: list(Outcome).index(line.outcome)):
        invocation.say(f"{line.outcome:<7}  {line.name:<{width}}  {line.detail}", style=STYLES[line.outcome])
        if line.remedy:
            invocation.say(f"{'':<7}  {'':<{width}}  remedy: {line.remedy}")
    return STATUS[outcome]
