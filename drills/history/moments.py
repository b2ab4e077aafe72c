"""Moments that more than one reader of a history asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drills.history.events import Faulted, Promoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from drills.history.events import ClientsMoved, Event


def outage_began(events: Iterable[Event]) -> float | None:
    """Return when clients could first not be served, None without an outage."""
    return next((event.at for event in events if isinstance(event, Faulted) and event.outage), None)


def promoted(events: Iterable[Event], region: str) -> float | None:
    """Return when the Region's ledger was first made the writer, None when it never was."""
    return next((event.at for event in events if isinstance(event, Promoted) and event.region == region), None)


def moved_at(
    seen: Iterable[ClientsMoved],
    routing: Sequence[tuple[float, int, str]],
    *,
    to: str,
    clients: int,
    since: float | None,
) -> float | None:
    """Return when the last of so many clients was sent to a Region, None where nobody saw that all of them were.

    A drill looks for that once the phases before are over, so what it saw is the latest moment. `routing` has when DNS
    sent which client elsewhere; the first moment after `since` at which it sent all of them `to` the Region counts.
    """
    latest = next((event.at for event in seen if event.region == to), None)
    if latest is None or since is None:
        return latest
    where: dict[int, str] = {}
    for at, client, region in routing:
        where[client] = region
        if at > since and len(where) == clients and set(where.values()) == {to}:
            return min(at, latest)
    return latest
