"""How strict the embedded DynamoDB was during a drill, and whether anybody noticed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from drills.history.events import StrictnessSeen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, kw_only=True)
class Strictness:
    """What was withheld or refused as AWS may, and how often between the drill's beginning and its end.

    `reads_answered_late` are reads of tables that had been written to within the lag. `conflicting_writes_refused` are
    writes of strongly consistent tables that met another Region's write of the same item.
    """

    read_lag_milliseconds: int
    shards: int
    reads_answered_late: int
    conflicting_writes_refused: int

    @property
    def explanation(self) -> str:
        """Say it in words."""
        return (
            f"reads without ConsistentRead and of indexes were {self.read_lag_milliseconds:,} ms late, "
            f"{self.reads_answered_late:,} of them asked tables that had just been written to; "
            f"streams had {self.shards} shards; "
            f"{self.conflicting_writes_refused:,} writes of strongly consistent tables were refused as conflicting"
        )


def seen(state: Mapping[str, Any], *, at: float) -> StrictnessSeen:
    """Return what an embedded AWS tells of itself in its `state`, as an event of the moment `at`."""
    return StrictnessSeen(
        at=at,
        read_lag_milliseconds=state["read_lag_milliseconds"],
        shards=state["shards"],
        reads_answered_late=state["reads_answered_late"],
        conflicting_writes_refused=state["conflicting_writes_refused"],
    )


def strictness(events: Sequence[StrictnessSeen]) -> Strictness | None:
    """Return how strict it was: the counts are those since the first event; None where the history does not tell."""
    if not events:
        return None
    first, last = events[0], events[-1]
    return Strictness(
        read_lag_milliseconds=last.read_lag_milliseconds,
        shards=last.shards,
        reads_answered_late=last.reads_answered_late - first.reads_answered_late,
        conflicting_writes_refused=last.conflicting_writes_refused - first.conflicting_writes_refused,
    )


def as_data(told: Strictness | None) -> dict[str, int | str]:
    """Return it as a report has it; empty where the history does not tell."""
    return {} if told is None else {**asdict(told), "explanation": told.explanation}
