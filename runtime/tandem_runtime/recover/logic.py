"""Whether the primary Region is lost, and what is done about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Recovery", "Signals", "recover"]

HEARTBEAT_LIMIT_SECONDS = 60.0
PROBES = 3


class Recovery(Protocol):
    """What can be done."""

    def primary_is_writer(self) -> bool:
        """Whether the primary's cluster still is the global database's writer."""
        ...

    def take_over(self) -> str:
        """Set the takeover switch, which moves traffic; empty, or why that failed."""
        ...

    def start(self) -> str:
        """Start the plan, or move the ledger's writer; says what was started."""
        ...


@dataclass(frozen=True)
class Signals:
    """Two independent signs of life: the heartbeat's age in seconds (None: never seen) and a probe of the endpoint."""

    heartbeat_age: float | None
    answers: Callable[[], bool]


def recover(signals: Signals, recovery: Recovery) -> dict[str, object]:
    """Start the recovery when both signals say that the primary is lost and it still is the writer.

    The switch is set here even where a plan sets it: an ungraceful execution may skip the plan's custom actions (ARC
    Developer Guide, custom action Lambda execution block). That it cannot be set keeps nobody from moving the ledger.
    """
    if signals.heartbeat_age is None or signals.heartbeat_age < HEARTBEAT_LIMIT_SECONDS:
        return {"started": False, "because": f"the primary's heartbeat is {signals.heartbeat_age} s old"}
    if any(signals.answers() for _ in range(PROBES)):
        return {"started": False, "because": "the primary's endpoint answers"}
    if not recovery.primary_is_writer():
        return {"started": False, "because": "the primary is not the writer"}
    refusal = recovery.take_over()
    return {"started": True, "takeover": refusal or "set", "by": recovery.start()}
