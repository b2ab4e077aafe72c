"""`tandem bake`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from command.arguments import add_command, number
from operations.bake import bake
from operations.deployment import find_deployment
from operations.endpoint import IMPATIENCE_SECONDS
from operations.errors import OperationError
from operations.status import gather

if TYPE_CHECKING:
    from command.arguments import Commands, Invocation
    from operations.stage_state import StageState


def add_bake(commands: Commands) -> None:
    """Add the command."""
    text = "watch a stage after a deployment, and say what to do when an alarm rings"
    command = add_command(commands, "bake", text, run=_bake)
    command.add_argument("--minutes", type=number(0, 1440), default=5, metavar="MINUTES", help="default: 5")


def _bake(invocation: Invocation) -> int:
    stage = invocation.arguments.stage
    endpoint = invocation.endpoint(timeout_seconds=IMPATIENCE_SECONDS)

    def look() -> StageState:
        return gather(endpoint, find_deployment(endpoint, stage, invocation.regions))

    wrong = bake(look, seconds=60 * invocation.arguments.minutes, say=invocation.steps())
    if wrong is not None:
        raise OperationError(
            f"{wrong}: deploy the previous commit in the same way, or move clients away first: "
            f"tandem failover --stage {stage} --planned"
        )
    invocation.say(f"stage {stage}: no alarm rang")
    return 0
