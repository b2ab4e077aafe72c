"""`tandem status`."""

import json
from typing import Annotated

from cyclopts import Parameter

from command.arguments import Deployed, Invocation, invocation
from command.status_table import lines
from command.values import Json, number
from operations.clock import CLOCK, Clock
from operations.deployment import find_deployment
from operations.endpoint import IMPATIENCE_SECONDS, Endpoint
from operations.errors import OperationError
from operations.status import gather
from operations.verdict import DEGRADED, FAILED, HEALTHY, verdict

STYLES = {HEALTHY: "bold green", DEGRADED: "bold yellow", FAILED: "bold red"}
"""How the verdict is shown on a terminal that has colours."""


def status(
    *,
    place: Deployed = Deployed(),
    as_json: Json = False,
    watch: Annotated[
        float | None, number(1, 3600), Parameter(help="look again after so many seconds, until Ctrl-C")
    ] = None,
) -> int:
    """Show the verdict and the table."""
    run = invocation(place)
    endpoint = run.endpoint(timeout_seconds=IMPATIENCE_SECONDS)
    if watch is None:
        return _show(run, endpoint, as_json=as_json)
    return watch_stage(run, endpoint, every=watch, as_json=as_json)


def watch_stage(
    run: Invocation, endpoint: Endpoint, *, every: float, as_json: bool = False, clock: Clock = CLOCK
) -> int:
    """Show the state again after `every` seconds until interrupted; return what the last one was worth."""
    worth = FAILED
    try:
        while True:
            worth = _show(run, endpoint, as_json=as_json, clear=True)
            clock.sleep(every)
    except KeyboardInterrupt:
        return worth


def _show(run: Invocation, endpoint: Endpoint, *, as_json: bool, clear: bool = False) -> int:
    indent = None if clear else 2
    try:
        state = gather(endpoint, find_deployment(endpoint, run.stage, run.regions))
    except OperationError as error:  # nobody answers, which says nothing of the stage
        line = f"unknown: {' '.join(str(error).split())}"
        run.say(json.dumps({"verdict": line}, indent=indent) if as_json else line, style=STYLES[FAILED])
        return FAILED
    worth = verdict(state)
    if as_json:
        run.say(json.dumps({"verdict": worth.line, **state.plain()}, indent=indent))
        return worth.status
    if clear:
        run.console.clear()
    run.say(worth.line, style=STYLES[worth.status])
    for line in lines(state):
        run.say(line)
    return worth.status
