"""Checks of a flood: it was refused, and it moved nobody's traffic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drills.history.seen import FloodEnded
from drills.verdict.checks import Check, Verdict, verdict_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from drills.history.events import Event
    from drills.verdict.past import Past

REFUSALS = frozenset({"403", "404", "429"})


def _refused_and_moved_nobody(flood: FloodEnded, _: Past) -> list[Check]:
    """A flood that got no answer shows nothing of how one is refused."""
    told = ", ".join(f"{status}: {count}" for status, count in sorted(flood.statuses.items()))
    refused = verdict_of(set(flood.statuses) <= REFUSALS) if flood.statuses else Verdict.UNKNOWN
    stayed = verdict_of(flood.strayed == flood.unhealthy == 0)
    detail = (
        f"{sum(flood.statuses.values())} requests in {flood.at - flood.since:.0f} s; health checks asked "
        + ", ".join(flood.asked)
    )
    return [
        Check(name="the flood was refused", verdict=refused, detail=told or "no answer"),
        Check(name="the flood did not move DNS", verdict=stayed, detail=detail),
    ]


JUDGES: Mapping[type[Event], Callable[[Any, Past], list[Check]]] = {FloodEnded: _refused_and_moved_nobody}
"""Who judges which event."""
