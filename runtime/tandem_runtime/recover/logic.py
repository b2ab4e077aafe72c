"""Whether the primary Region is lost, and what is done about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tandem_runtime.recover.evidence import look
from tandem_runtime.recover.signals import all_lost
from tandem_runtime.shared.signs import LOST

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tandem_runtime.recover.evidence import Evidence, Store
    from tandem_runtime.recover.signals import Signal

WINDOW_SECONDS = 60
"""How long every signal must have said lost, without contradiction."""

STUCK_SECONDS = 300
"""How long whatever was begun may take to move the writer before it is no obstacle any more."""

LEASE_SECONDS = 60
"""As long as the function may run: whoever holds the lease has ended by then."""

REASON = "recover: the primary region is lost"
"""The reason that `recover` sets the takeover switch with, by which it tells its own setting from anybody else's."""


class UnderWayError(Exception):
    """The plan is being executed, or the global database is moving, already."""


@dataclass(frozen=True, kw_only=True)
class Switch:
    """The takeover switch as it is set: why, and when (epoch seconds)."""

    reason: str
    at: float | None


class Recovery(Protocol):
    """What is asked of the stage, and what can be done about it."""

    def primary_is_writer(self) -> bool:
        """Whether the primary's cluster still is the global database's writer."""
        ...

    def switch_as_set(self) -> Switch | None:
        """The takeover switch; None while it is not set, or where that cannot be read."""
        ...

    def take_over(self) -> str:
        """Set the takeover switch, which moves traffic; empty, or why that failed."""
        ...

    def start(self) -> str:
        """Start the plan, or move the ledger's writer; says what was started; raises UnderWayError."""
        ...

    def fail_over(self) -> str:
        """Move the ledger's writer past the plan; says what was started; raises UnderWayError."""
        ...

    def sweep(self) -> None:
        """Ask for a sweep of the ledger that writes now, without waiting for it."""
        ...


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What was begun, or why nothing was. `declined` says that a signal said lost and nothing was begun."""

    started: str = ""
    because: str = ""
    declined: bool = False
    takeover: str = ""
    swept: bool = False


def recover(signals: Mapping[str, Signal], store: Store, recovery: Recovery, *, now: float) -> Decision:
    """Begin the recovery once every signal has said lost for the whole window, and the primary still is the writer.

    A signal that says anything else clears the evidence. What is begun is begun under a lease, which is granted only on
    the evidence as it was read, and expires, so that a step that failed is tried again. A sweep follows once the writer
    has moved: an ungraceful execution of a plan skips its own (ARC Developer Guide, custom action Lambda execution
    block).
    """
    swept = _sweep_after(store, recovery, now)
    if not all_lost(signals):
        store.clear(now)
        against = "; ".join(signal.because for signal in signals.values() if signal.state != LOST)
        return Decision(because=against, declined=any(signal.state == LOST for signal in signals.values()), swept=swept)
    evidence = look(store, now)
    because = _reason_to_wait(evidence, recovery, now)
    if evidence is None or because:
        return Decision(because=because, declined=True, swept=swept)
    if not store.lease(evidence, now=now, until=now + LEASE_SECONDS):
        return Decision(because="the evidence has changed, or another invocation acts", declined=True, swept=swept)
    return _act(evidence, store, recovery, now)


def _reason_to_wait(evidence: Evidence | None, recovery: Recovery, now: float) -> str:
    if evidence is None or evidence.lost_since is None:
        return "a later look is noted already"
    lasted = now - evidence.lost_since
    if lasted < WINDOW_SECONDS:
        return f"every signal has said lost for {lasted:.0f} s, and has to for {WINDOW_SECONDS} s"
    if not recovery.primary_is_writer():
        return "the primary is not the writer"
    switch = recovery.switch_as_set()
    if switch is not None and switch.reason != REASON and (switch.at is None or now - switch.at < STUCK_SECONDS):
        return f"the takeover switch is set already: {switch.reason}"
    return ""


def _act(evidence: Evidence, store: Store, recovery: Recovery, now: float) -> Decision:
    """Move traffic, then the writer: past the plan where what was begun has not moved it in time.

    That the switch cannot be set keeps nobody from moving the ledger.
    """
    refusal = recovery.take_over()
    began = evidence.started_at
    of_this_loss = began is not None and evidence.lost_since is not None and began >= evidence.lost_since
    stuck = of_this_loss and began is not None and now - began >= STUCK_SECONDS
    if not of_this_loss:
        store.note_started(now)
    try:
        started = recovery.fail_over() if stuck else recovery.start()
    except UnderWayError as error:
        return Decision(because=f"it is under way: {error}", declined=True, takeover=refusal or "set")
    return Decision(started=started, takeover=refusal or "set")


def _sweep_after(store: Store, recovery: Recovery, now: float) -> bool:
    """Ask for the sweep that belongs to a recovery which has moved the writer; returns whether that was due now."""
    evidence = store.read()
    if evidence.started_at is None or evidence.swept_at is not None or recovery.primary_is_writer():
        return False
    recovery.sweep()
    store.note_swept(now)
    return True
