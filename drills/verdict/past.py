"""The part of a history that a judgement may look at."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from drills.history.events import Acknowledged, Due, Event

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drills.history.events import DrillBegan

Kind = TypeVar("Kind", bound=Event)


@dataclass(frozen=True, kw_only=True)
class Past:
    """What had happened when a scenario looked at something, and how the drill began."""

    began: DrillBegan
    events: Sequence[Event]

    def of(self, kind: type[Kind]) -> list[Kind]:
        """Return the events of one kind, in their order."""
        return [event for event in self.events if isinstance(event, kind)]

    def acknowledged_since(self, moment: float) -> dict[str, int]:
        """Return how many transactions each Region acknowledged that were due after `moment`, so not in flight then."""
        due = {event.key: event.at for event in self.of(Due)}
        counts = Counter(event.region for event in self.of(Acknowledged) if due[event.key] > moment)
        return {region: counts[region] for region in (self.began.primary, self.began.secondary)}
