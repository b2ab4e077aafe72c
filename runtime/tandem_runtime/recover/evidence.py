"""What `recover` keeps from one look to the next, because an invocation alone has watched nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

LOOK_GAP_SECONDS = 90
"""The longest time between two looks that belong together."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Since when every signal has said lost, and what was begun. Times are epoch seconds, None where it never was.

    `seen_at` is the last look. `started_at` is when a recovery was begun, `swept_at` when the sweep after it was asked
    for. `leased_until` is when whoever acts has either finished or failed.
    """

    seen_at: float | None = None
    lost_since: float | None = None
    started_at: float | None = None
    swept_at: float | None = None
    leased_until: float | None = None


class Store(Protocol):
    """Where the evidence is kept. Invocations may come twice and at once, so every change has a condition."""

    def read(self) -> Evidence:
        """Read it consistently."""
        ...

    def note_lost(self, before: Evidence, after: Evidence) -> bool:
        """Note a look that saw everything lost; False where the evidence is not `before` any more."""
        ...

    def clear(self, now: float) -> None:
        """Note a contradiction, whatever was noted meanwhile; the time of the last look never goes back."""
        ...

    def lease(self, evidence: Evidence, *, now: float, until: float) -> bool:
        """Take the lease; False where the evidence has changed since, or somebody else has a lease that lasts."""
        ...

    def note_started(self, at: float) -> None:
        """Note that a recovery was begun."""
        ...

    def note_swept(self, at: float) -> None:
        """Note that the sweep after it was asked for."""
        ...


def look(store: Store, now: float) -> Evidence | None:
    """Add a look at `now` that saw everything lost; None where a later look is noted already.

    A look too long after the last one begins anew: nobody knows what the signals said in between.
    """
    before = store.read()
    if before.seen_at is not None and before.seen_at >= now:
        return None
    goes_on = before.lost_since is not None and before.seen_at is not None and now - before.seen_at <= LOOK_GAP_SECONDS
    after = replace(before, seen_at=now, lost_since=before.lost_since if goes_on else now)
    return after if store.note_lost(before, after) else None
