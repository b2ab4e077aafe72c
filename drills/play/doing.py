"""Carries out what is done to a played stage: faults by the embedded AWS's control, moves as an operator makes them."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from drills.history.played import AskedInVain, StepSaid
from drills.play.actions import SLOW_MILLISECONDS
from drills.play.words import event_of
from operations.deployment import find_deployment
from operations.errors import OperationError, WrongInputError
from operations.failback import fail_back
from operations.failover import fail_over

if TYPE_CHECKING:
    from collections.abc import Callable

    from drills.embedded.control import Control
    from drills.play.actions import Action
    from drills.play.timeline import Timeline
    from operations.deployment import Deployment
    from operations.endpoint import Endpoint

MOVES = {"failover", "switchover", "failback"}
"""What moves the writer: one at a time, and faults may be injected meanwhile."""
REASON = "tandem play"


class Doer:
    """Does one thing after the other as asked, from any thread, and notes each in the timeline."""

    def __init__(
        self,
        endpoint: Endpoint,
        deployment: Deployment,
        control: Control,
        timeline: Timeline,
        *,
        patience_seconds: float,
    ) -> None:
        """Take the stage, the control, the timeline, and how long a move may take."""
        self._endpoint, self._deployment, self._control = endpoint, deployment, control
        self._timeline, self._patience = timeline, patience_seconds
        self._moving = threading.Lock()
        self.busy: str | None = None
        """The move that is under way, None without one."""
        self.missing = ""
        """What that move waits for, as it told last."""

    @property
    def under_way(self) -> str | None:
        """The move that is under way with what it waits for, None without one."""
        return f"{self.busy}: {self.missing}" if self.busy and self.missing else self.busy

    def do(self, action: Action) -> list[str]:
        """Do it, and return what was said; raises OperationError or WrongInputError when it cannot be done."""
        said: list[str] = []

        def say(line: str) -> None:
            self._timeline.add(StepSaid(at=self._timeline.now, text=line))
            said.append(line)

        if action.name in MOVES and not self._moving.acquire(blocking=False):
            raise OperationError(f"{self.busy or 'a move'} is under way: wait until it has ended")
        try:
            self._timeline.add(event_of(action, at=self._timeline.now))
            if action.name in MOVES:
                self.busy = action.line
                self._move(action, say)
            else:
                self._inject(action)
        except (OperationError, WrongInputError) as error:
            reason = " ".join(str(error).split())
            self._timeline.add(AskedInVain(at=self._timeline.now, action=action.line, reason=reason))
            raise
        finally:
            if action.name in MOVES:
                self.busy, self.missing = None, ""
                self._moving.release()
        return said or [action.line]

    def _inject(self, action: Action) -> None:
        control = self._control
        match action.name:
            case "lose":
                control.lose(action.region)
            case "restore":
                control.restore(action.region)
            case "partition":
                control.partition(on=True, isolated=action.region)
            case "slow":
                control.add_fault(region=action.region, service="execute-api", delay_milliseconds=SLOW_MILLISECONDS)
            case _:
                control.partition(on=False)
                control.remove_faults()

    def _waits(self, line: str) -> None:
        self.missing = line

    def _move(self, action: Action, say: Callable[[str], None]) -> None:
        """Move the writer as `tandem failover` and `tandem failback` do, which ask first who is there."""
        stage, regions = self._deployment.stage, self._deployment.regions
        if action.name == "failback":
            fail_back(
                self._endpoint,
                replace(self._deployment, parameters={}),
                reason=REASON,
                wait_seconds=self._patience,
                timeout_seconds=self._patience,
                say=say,
                waits=self._waits,
                find=lambda: find_deployment(self._endpoint, stage, regions),
            )
            return
        planned = action.name == "switchover"
        complete = fail_over(
            self._endpoint,
            # a forced move asks nothing of the Region that it leaves
            find_deployment(self._endpoint, stage, regions, ask=None if planned else [action.region]),
            reason=REASON,
            planned=planned,
            to=action.region,
            timeout_seconds=self._patience,
            say=say,
            waits=self._waits,
        )
        if not complete:
            say("part of it is left to do: do it again once the other Region is back")
