"""What a page and a terminal say of an event of a played stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drills.history.events import ClientsMoved, Faulted, Mended, Promoted
from drills.history.played import (
    AskedInVain,
    FirstClientsMoved,
    HealthChanged,
    LoadAsked,
    LoadExpired,
    LookFailed,
    MoveAsked,
    NameLed,
    StageJudged,
    StepSaid,
)
from drills.history.seen import SwitchSeen
from drills.play.actions import Action

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from drills.history.events import Event

CLIENTS = 12
"""How many clients a played stage has."""
YOU, STEP, SYSTEM, FAILED = "you", "step", "system", "failed"
"""Who did it: a person who asked for it, a part of what was asked for, the stage by itself; and what failed."""
REGION, LINK, API, ALL = "Region", "link", "API", "link and API"
"""What a fault strikes, and what is mended."""
FAULTS = {REGION: "lose", LINK: "partition", API: "slow"}
MENDS = {REGION: "restore", ALL: "mend"}
"""The action that injects each fault, and the one that takes it back."""

WORDS: Mapping[type[Event], tuple[str, Callable[[Any], str]]] = {
    Faulted: (YOU, lambda event: Action(name=FAULTS[event.what], region=event.region).line),
    Mended: (YOU, lambda event: Action(name=MENDS[event.what], region=event.region).line),
    LoadAsked: (YOU, lambda event: Action(name="load", rate=event.rate).line),
    MoveAsked: (YOU, lambda event: Action(name=event.move, region=event.region).line),
    StepSaid: (STEP, lambda event: event.text),
    AskedInVain: (FAILED, lambda event: f"{event.action}: {event.reason}"),
    LookFailed: (FAILED, lambda event: f"the stage could not be looked at: {event.reason}"),
    LoadExpired: (SYSTEM, lambda _: "the load has lasted half an hour and ends: start it again"),
    NameLed: (SYSTEM, lambda event: f"DNS answers with {event.region}" if event.region else "DNS has no answer"),
    FirstClientsMoved: (SYSTEM, lambda event: f"the first clients use {event.region}"),
    ClientsMoved: (SYSTEM, lambda event: f"all {CLIENTS} clients use {event.region}"),
    Promoted: (SYSTEM, lambda event: f"{event.region} writes the ledger"),
    SwitchSeen: (SYSTEM, lambda event: f"the takeover switch is {'set' if event.is_set else 'released'}"),
    HealthChanged: (
        SYSTEM,
        lambda event: f"the health check of {event.region} is {'healthy' if event.healthy else 'unhealthy'}",
    ),
    StageJudged: (SYSTEM, lambda event: f"tandem status says: {event.verdict}"),
}
"""Who did what, for each kind of event that a timeline shows."""


def words(event: Event) -> tuple[str, str]:
    """Return who did it and what it is, in words."""
    who, say = WORDS[type(event)]
    return who, say(event)


def event_of(action: Action, *, at: float) -> Event:
    """Return the event that an action is, at a moment of `time.monotonic()`."""
    faults, mends = ({name: what for what, name in each.items()} for each in (FAULTS, MENDS))
    if action.name in faults:
        what = faults[action.name]
        return Faulted(at=at, what=what, region=action.region, outage=what == REGION)
    if action.name in mends:
        return Mended(at=at, what=mends[action.name], region=action.region)
    if action.name == "load":
        return LoadAsked(at=at, rate=action.rate)
    return MoveAsked(at=at, move=action.name, region=action.region)
