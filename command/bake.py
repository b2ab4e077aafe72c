"""`tandem bake`: watch a stage after its deployment."""

from typing import Annotated

from cyclopts import Parameter

from command.arguments import Deployed, invocation
from command.values import number
from operations.bake import bake
from operations.deployment import find_deployment
from operations.endpoint import IMPATIENCE_SECONDS
from operations.errors import OperationError
from operations.stage_state import StageState
from operations.status import gather


def bake_command(
    *,
    place: Deployed = Deployed(),
    minutes: Annotated[float, number(0, 1440), Parameter(help="how long it is watched")] = 5,
) -> int:
    """Watch the stage."""
    run = invocation(place)
    endpoint = run.endpoint(timeout_seconds=IMPATIENCE_SECONDS)

    def look() -> StageState:
        return gather(endpoint, find_deployment(endpoint, run.stage, run.regions))

    wrong = bake(look, seconds=60 * minutes, say=run.steps())
    if wrong is not None:
        raise OperationError(
            f"{wrong}: deploy the previous commit in the same way, or move clients away first: "
            f"tandem failover --stage {run.stage} --planned"
        )
    run.say(f"stage {run.stage}: no alarm rang")
    return 0
