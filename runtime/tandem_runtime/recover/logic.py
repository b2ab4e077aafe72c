"""Whether the primary Region is lost, and what is done about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from contract.limits import HEARTBEAT_LIMIT_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


LIMIT_SECONDS = 180.0
"""The limit when the schedule asks, which has watched nothing: the heartbeat is as old when the alarm goes off."""

PROBES = 3
REASON = "recover: the primary region is lost"
"""The reason that `recover` sets the takeover switch with, by which it tells its own setting from anybody else's."""


class UnderWayError(Exception):
    """The plan is being executed, or the global database is moving, already."""


class Recovery(Protocol):
    """What is asked of the stage, and what can be done about it."""

    def primary_is_writer(self) -> bool:
        """Whether the primary's cluster still is the global database's writer."""
        ...

    def taken_over_because(self) -> str | None:
        """Why the takeover switch was set; None while it is not, or where that cannot be read."""
        ...

    def take_over(self) -> str:
        """Set the takeover switch, which moves traffic; empty, or why that failed."""
        ...

    def start(self) -> str:
        """Start the plan, or move the ledger's writer; says what was started; raises UnderWayError."""
        ...


@dataclass(frozen=True)
class Signals:
    """Two independent signs of life: the heartbeat's age in seconds (None: never seen) and a probe of the endpoint.

    `answers` is None where the endpoint is not known: what was not asked has not refused to answer.
    """

    heartbeat_age: float | None
    answers: Callable[[], bool] | None


def limit_of(event: Mapping[str, object]) -> float:
    """The age in seconds from which a heartbeat is missing, by who asks: the alarm's rule, or anything else.

    When the alarm asks, it has seen the heartbeat older than its limit for two whole minutes.
    """
    return HEARTBEAT_LIMIT_SECONDS if event.get("source") == "aws.cloudwatch" else LIMIT_SECONDS


def recover(signals: Signals, recovery: Recovery, *, limit: float = LIMIT_SECONDS) -> dict[str, object]:
    """Start the recovery when both signals say that the primary is lost and it still is the writer.

    The switch is set here even where a plan sets it: an ungraceful execution may skip the plan's custom actions (ARC
    Developer Guide, custom action Lambda execution block). That it cannot be set keeps nobody from moving the ledger.
    A switch that somebody else has set belongs to somebody else's recovery, which is left alone. A switch that was set
    here leads to another attempt as long as nothing was started.
    """
    because = _reason_to_wait(signals, recovery, limit)
    if because:
        return {"started": False, "because": because}
    refusal = recovery.take_over()
    try:
        started = recovery.start()
    except UnderWayError as error:
        return {"started": False, "because": f"it is under way: {error}"}
    return {"started": True, "takeover": refusal or "set", "by": started}


def _reason_to_wait(signals: Signals, recovery: Recovery, limit: float) -> str:
    if signals.heartbeat_age is None or signals.heartbeat_age < limit:
        return f"the primary's heartbeat is {signals.heartbeat_age} s old"
    if signals.answers is None:
        return "the primary's endpoint is not known: its heartbeat names none"
    if any(signals.answers() for _ in range(PROBES)):
        return "the primary's endpoint answers"
    if not recovery.primary_is_writer():
        return "the primary is not the writer"
    setter = recovery.taken_over_because()
    return "" if setter in (None, REASON) else f"the takeover switch is set already: {setter}"
