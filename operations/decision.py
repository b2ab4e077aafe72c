"""What an operator should see before the ledger is moved, and when moving it by force is refused."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contract import parameters
from contract.limits import HEARTBEAT_LIMIT_SECONDS
from operations.errors import OperationError
from operations.global_database import ledger_state
from operations.readings import heartbeats
from operations.traffic import region_in_dns

if TYPE_CHECKING:
    from collections.abc import Callable

    from operations.deployment import Deployment
    from operations.endpoint import Endpoint

CHECKED_SECONDS = 30
"""How long the health checks fail before DNS moves: a Region that is lost has sent nothing for as long by then."""


@dataclass(frozen=True, kw_only=True)
class Move:
    """A failover that has not begun: whose it is, from where to where, and what the Region that it moves to knows.

    `beat_seconds` is the age of the last heartbeat of the Region that is left, None when it is not known. `traffic` is
    the Region that DNS answers, and `writes` says whether `to` writes the ledger already; both may be None, not known.
    """

    account: str | None
    stage: str
    leaving: str
    to: str
    beat_seconds: float | None
    traffic: str | None
    writes: bool | None

    @property
    def line(self) -> str:
        """The move in one line."""
        beat = "unknown" if self.beat_seconds is None else f"{self.beat_seconds:.0f} s ago"
        leaving = f"{self.leaving} (last beat {beat})"
        return f"account {self.account or 'unknown'}, stage {self.stage}: from {leaving} to {self.to}"


def look(
    endpoint: Endpoint,
    deployment: Deployment,
    *,
    to: str,
    traffic: Callable[[Endpoint, str], str] = region_in_dns,
) -> Move:
    """Return what there is to know before a failover to Region `to`; asks nothing of the Region that is left."""
    leaving = next((region for region in deployment.regions.both if region != to), to)
    writer = answered = None
    with suppress(OperationError):
        writer = ledger_state(endpoint, deployment, to).writer_region
    name = deployment.find(to, parameters.API_NAME)
    if name:
        with suppress(OperationError):
            answered = traffic(endpoint, name)
    return Move(
        account=deployment.account,
        stage=deployment.stage,
        leaving=leaving,
        to=to,
        beat_seconds=heartbeats(endpoint, deployment, to).get(leaving),
        traffic=answered,
        writes=None if writer is None else writer == to,
    )


def beats(seconds: float | None, *, moved: bool) -> bool:
    """Say whether a heartbeat of that age shows that its Region lives.

    Once DNS has `moved` away, the health checks have failed for a while: only a heartbeat from within that while does.
    """
    return seconds is not None and seconds < (CHECKED_SECONDS if moved else HEARTBEAT_LIMIT_SECONDS)


def objection(move: Move) -> str | None:
    """Return why the ledger should not be moved by force, None when nothing speaks against it.

    A writer that has moved already is no reason to refuse: running the command again finishes what was begun.
    """
    if move.writes or not beats(move.beat_seconds, moved=move.traffic == move.to):
        return None
    return f"{move.leaving} lives, beat {move.beat_seconds:.0f} s ago: --planned loses nothing; --force goes on"
