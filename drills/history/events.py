"""The events of a drill's history. Times are `time.monotonic()` seconds of the machine that the drill ran on.

Only `DrillBegan` says what time of day it was. A field holds what was observed, never what follows from other events.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from drills.measure.lookup import Findings
    from drills.options import DrillOptions


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened at a moment."""

    at: float


@dataclass(frozen=True, kw_only=True)
class Surroundings(Event):
    """On what the drill ran: the stage's settings, machine, versions, and how the embedded AWS differs from AWS."""

    settings: Mapping[str, Any]
    machine: Mapping[str, Any]
    versions: Mapping[str, str]
    differences: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Provenance(Event):
    """Where the drill's figures come from: who ran it, the commit, and SHA-256 digests of what was deployed.

    `clean` says whether the checkout was as the commit has it, None where nobody can tell; `tools` are versions.
    """

    who: str
    commit: str
    clean: bool | None
    templates: Mapping[str, str]
    packages: Mapping[str, str]
    tools: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class StageReady(Event):
    """The stage is deployed; `setup` says how many seconds each step of that took."""

    setup: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class DrillBegan(Event):
    """The drill began: what is rehearsed, where, and how.

    `began` is the same moment as `at`. `not_applicable` names the figures that the scenario cannot have, each with the
    reason. `strong` says whether the journal is strongly consistent, `plan` whether the stage has a recovery plan, and
    `emulated` whether the AWS is an embedded one.
    """

    began: datetime
    run: str
    stage: str
    scenario: str
    summary: str
    not_applicable: Mapping[str, str]
    options: DrillOptions
    primary: str
    secondary: str
    strong: bool
    plan: bool
    clients: int
    emulated: bool = True


@dataclass(frozen=True, kw_only=True)
class PhaseBegan(Event):
    """A phase began."""

    name: str


@dataclass(frozen=True, kw_only=True)
class PhaseEnded(Event):
    """A phase ended, whether or not it came to its end."""

    name: str


@dataclass(frozen=True, kw_only=True)
class ScenarioBegan(Event):
    """The first step of the scenario began: the load was undisturbed until then."""


@dataclass(frozen=True, kw_only=True)
class Due(Event):
    """A transaction was due at `at` and was taken up by a client."""

    key: str
    body: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Sent(Event):
    """A client sent the transaction, for the first time or again."""

    key: str


@dataclass(frozen=True, kw_only=True)
class Acknowledged(Event):
    """A client was told that the transaction is recorded, by the Region that it was sent to."""

    key: str
    id: str
    region: str


@dataclass(frozen=True, kw_only=True)
class AnsweredAgain(Event):
    """A client sent again what it had been told is recorded, and this Region answered; both answers as they were."""

    key: str
    region: str
    status: int
    first: str
    again: str


@dataclass(frozen=True, kw_only=True)
class Failed(Event):
    """An attempt to send the transaction failed: an exception's name or the answer's status."""

    key: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class Refused(Event):
    """The transaction was refused for good."""

    key: str
    answer: str


@dataclass(frozen=True, kw_only=True)
class LoadStopped(Event):
    """The load stopped, and so many transactions had been sent and had no answer."""

    unanswered: int


@dataclass(frozen=True, kw_only=True)
class DnsAnswered(Event):
    """A client asked for the API's name, which led to a Region; `ttl` in seconds."""

    client: int
    canonical: str
    address: str
    ttl: float
    region: str


@dataclass(frozen=True, kw_only=True)
class HealthChecksSeen(Event):
    """The slowest endpoint check that the embedded AWS evaluates; its interval is in seconds and scaled already."""

    interval_seconds: float
    threshold: int
    interval_scale: float


@dataclass(frozen=True, kw_only=True)
class StrictnessSeen(Event):
    """What the embedded DynamoDB withholds or refuses as AWS's may, and how often it has by this moment.

    Reads without ConsistentRead are late by `read_lag_milliseconds`; `reads_answered_late` of them asked tables that
    had been written to within that time. `conflicting_writes_refused` are those of strongly consistent tables.
    """

    read_lag_milliseconds: int
    shards: int
    reads_answered_late: int
    conflicting_writes_refused: int


@dataclass(frozen=True, kw_only=True)
class Sampled(Event):
    """Seconds that each Region's journal and ledger were behind, None where unknown."""

    journal: Mapping[str, float | None]
    ledger: Mapping[str, float | None]


@dataclass(frozen=True, kw_only=True)
class ControlRan(Event):
    """The control of the machine's speed ended, which began at `since` and took `used` seconds of the processor."""

    since: float
    used: float


@dataclass(frozen=True, kw_only=True)
class Faulted(Event):
    """A fault is about to be injected; clients cannot be served from then on where it is an `outage`."""

    what: str
    region: str
    outage: bool = False


@dataclass(frozen=True, kw_only=True)
class Mended(Event):
    """A fault is about to be taken back."""

    what: str
    region: str


@dataclass(frozen=True, kw_only=True)
class ClientsMoved(Event):
    """Every client is sent to the Region."""

    region: str


@dataclass(frozen=True, kw_only=True)
class Promoted(Event):
    """The Region's ledger was made the writer."""

    region: str


@dataclass(frozen=True, kw_only=True)
class LedgerLacked(Event):
    """So many acknowledged transactions were in the new writer's journal and not in its ledger when first asked."""

    count: int


@dataclass(frozen=True, kw_only=True)
class LedgerCompleted(Event):
    """The new writer's ledger holds all that its journal does."""


@dataclass(frozen=True, kw_only=True)
class Unreplicated(Event):
    """These transactions, acknowledged by the Region that was lost, are not in the other Region's journal."""

    keys: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Settled(Event):
    """Everything is back, and the last load phase began."""


@dataclass(frozen=True, kw_only=True)
class PlanExecuted(Event):
    """An execution of the recovery plan as ARC tells it; its times are written as ISO 8601 has them."""

    execution: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class LookedUp(Event):
    """Every acknowledged transaction was looked up."""

    findings: Findings


@dataclass(frozen=True, kw_only=True)
class DrillEnded(Event):
    """The drill ended, by `failure` where a phase could not be finished."""

    failure: str | None = None


@dataclass(frozen=True, kw_only=True)
class TornDown(Event):
    """What was started for the drill is stopped; all of it took so many seconds."""

    total_seconds: float
