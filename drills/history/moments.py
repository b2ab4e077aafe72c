"""Moments that more than one reader of a history asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drills.history.events import Faulted, Promoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from drills.history.events import Event


def outage_began(events: Iterable[Event]) -> float | None:
    """Return when clients could first not be served, None without an outage."""
    return next((event.at for event in events if isinstance(event, Faulted) and event.outage), None)


def promoted(events: Iterable[Event], region: str) -> float | None:
    """Return when the Region's ledger was first made the writer, None when it never was."""
    return next((event.at for event in events if isinstance(event, Promoted) and event.region == region), None)
