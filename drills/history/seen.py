"""Events of what a scenario looked at. What that means is said later, by `drills/verdict/observed.py`.

An event whose name ends with `Asked` says only that something is to be judged of the history up to this moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from drills.history.events import Event

if TYPE_CHECKING:
    from collections.abc import Mapping

STREAMS = "streams"
"""What the embedded AWS calls the delivery of tables' streams: it strikes all of it and counts no calls."""


@dataclass(frozen=True, kw_only=True)
class SilenceAsked(Event):
    """Clients were to be acknowledged all along until now; `name` says during what."""

    name: str


@dataclass(frozen=True, kw_only=True)
class LedgerSilenceAsked(Event):
    """Clients were to need no ledger between its loss and its promotion."""


@dataclass(frozen=True, kw_only=True)
class FailuresAsked(Event):
    """No request was to fail until now."""


@dataclass(frozen=True, kw_only=True)
class FaultsCounted(Event):
    """The faults as the embedded AWS tells them just before they are taken back.

    Each has its `service`, the calls that it `met`, and how many of these it `struck`.
    """

    faults: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, kw_only=True)
class WriterSeen(Event):
    """The ledger's writer was in this Region, at a moment at which it was not to have left the primary."""

    region: str | None


@dataclass(frozen=True, kw_only=True)
class BacklogSeen(Event):
    """A Region's ledger lacked so many of those transactions that were acknowledged by then."""

    region: str
    acknowledged: int
    lacked: int


@dataclass(frozen=True, kw_only=True)
class LedgerRestored(Event):
    """A restored ledger was completed from the journal.

    Of so many `acknowledged` transactions the copy `lacked` some, and some are `left` that it lacks still; the sweep
    `read` items and `inserted` rows.
    """

    acknowledged: int
    lacked: int
    left: int
    read: int
    inserted: int


@dataclass(frozen=True, kw_only=True)
class FloodEnded(Event):
    """A stranger's flood ended, which began at `since`; `statuses` counts the answers that it was given.

    `strayed` counts the moments at which a client was sent elsewhere, `unhealthy` the checks of the flooded API that
    were unhealthy at the end. `asked` are the paths that health checks ask.
    """

    since: float
    statuses: Mapping[str, int]
    strayed: int
    unhealthy: int
    asked: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class FailoverKilled(Event):
    """A failover was killed with this exit status: whether it had stopped itself before, and how it left the stage."""

    stopped: bool
    status: int
    switch: bool
    writer: str | None


@dataclass(frozen=True, kw_only=True)
class SwitchSeen(Event):
    """Whether the takeover switch was set after `recover` had moved the ledger."""

    is_set: bool


@dataclass(frozen=True, kw_only=True)
class RecoverHeard(Event):
    """What `recover` said last, and when, in seconds since 1970; None where it has said nothing."""

    text: str | None
    said_at: float | None


@dataclass(frozen=True, kw_only=True)
class PlanWatched(Event):
    """The state of each execution that activates the secondary Region, once the plan had completed."""

    states: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ServedBySides(Event):
    """Clients were sent to both sides of a partition from `since` until now."""

    since: float


@dataclass(frozen=True, kw_only=True)
class ServedByOne(Event):
    """Clients worked from `since` until now while the primary was isolated; from `moved` on one Region served them."""

    since: float
    moved: float
    writer: str | None


@dataclass(frozen=True, kw_only=True)
class ConflictsSent(Event):
    """The same keys were sent to both sides with other payloads: the id that each side acknowledged, None for none."""

    answers: tuple[tuple[str | None, ...], ...]


@dataclass(frozen=True, kw_only=True)
class ConflictsSettled(Event):
    """Of these ids one payload is in both journals, posted once in both ledgers, which know of every payload."""

    ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class RacesSent(Event):
    """Transactions were sent to both Regions at once: the id that each Region acknowledged, None for none."""

    answers: tuple[tuple[str | None, ...], ...]


@dataclass(frozen=True, kw_only=True)
class StackDeployed(Event):
    """The stack was deployed since `since`, and its Region holds what was acknowledged before."""

    stack: str
    since: float


@dataclass(frozen=True, kw_only=True)
class StackDestroyed(Event):
    """The stack was destroyed; `api_known` says whether the stage's parameters still name its API."""

    stack: str
    api_known: bool


@dataclass(frozen=True, kw_only=True)
class ExperimentSeen(Event):
    """An experiment of AWS FIS came to this state."""

    experiment: str
    name: str
    status: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ExperimentAsked(Event):
    """The experiment was to run to its end by now; `interrupted` says that whoever watched had it stopped."""

    interrupted: bool


@dataclass(frozen=True, kw_only=True)
class ApiAsked(Event):
    """The API was asked by its name whether it is healthy: the Region that answered, and the status, 0 for none."""

    region: str | None
    status: int


@dataclass(frozen=True, kw_only=True)
class ApiSilenceAsked(Event):
    """The API was to answer by its name all along from `since` until now, but for `most_seconds` at a time."""

    since: float
    most_seconds: float


@dataclass(frozen=True, kw_only=True)
class CanaryRead(Event):
    """What the canary measured of each Region in the last minutes, in seconds; None where it measured nothing."""

    acknowledged: Mapping[str, float | None]
    journalled: Mapping[str, float | None]


@dataclass(frozen=True, kw_only=True)
class CanaryAsked(Event):
    """The canary was to have measured both Regions by now."""
