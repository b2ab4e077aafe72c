"""Watch a stage after a deployment, for as long as somebody wants to be sure of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from operations.clock import CLOCK
from operations.errors import OperationError
from operations.verdict import FAILED, verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from operations.clock import Clock
    from operations.stage_state import StageState

EVERY_SECONDS = 30.0
"""Alarms change once a minute at most."""
SETTLES_SECONDS = 180.0
"""How long a stage may be unknown after its first deployment: its first heartbeats and sweeps come within that."""


def bake(
    look: Callable[[], StageState], *, seconds: float, say: Callable[[str], None] = print, clock: Clock = CLOCK
) -> str | None:
    """Look at the stage until `seconds` are over; return what went wrong first, None when nothing did.

    Wrong is an alarm that rings, and a stage that has failed or is unknown once it had time to settle. A stage that is
    degraded for another reason goes on: between two Regions of a rollout their code differs. An alarm that is only new
    rings for nobody.
    """
    began, last = clock.now(), ""
    while True:
        alarm, failure, line = _look(look)
        settled = clock.now() - began >= min(SETTLES_SECONDS, seconds)
        if alarm or (failure and settled):
            return alarm or failure
        if line != last:
            say(line)
            last = line
        left = began + seconds - clock.now()
        if left <= 0:
            return None
        clock.sleep(min(EVERY_SECONDS, left))


def _look(look: Callable[[], StageState]) -> tuple[str | None, str | None, str]:
    """Return the alarms that ring, why the stage has failed or is unknown, and the verdict."""
    try:
        state = look()
    except OperationError as error:
        return None, str(error), str(error)
    worth = verdict(state)
    ringing = [f"{name} in {region}" for region, known in state.regions.items() for name in known.alarms or ()]
    alarm = f"in ALARM: {', '.join(ringing)}" if ringing else None
    return alarm, worth.line if worth.status == FAILED else None, worth.line
