"""How a drill runs, and what it measured."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from drills.measure.detection import Detection

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drills.clients.load import Transaction
    from drills.clients.resolver import Answer
    from drills.measure.lag import LagSample
    from drills.measure.lookup import Findings

__all__ = ["DrillOptions", "DrillResult", "Observation"]


@dataclass(frozen=True, kw_only=True)
class DrillOptions:
    """How a drill runs; times in seconds, the rate in transactions per second.

    `allow_for_machine` has a control measure how busy the machine is, and a silence may last as much longer.
    """

    rate: float = 100
    seed: int = 0
    lag_milliseconds: int = 80
    before_seconds: float = 8
    during_seconds: float = 6
    after_seconds: float = 4
    routing_time_scale: float = 1
    alarm_period_scale: float = 1
    ledger_complete_seconds: float = 10
    silence_seconds: float = 5
    answer_seconds: float = 3
    allow_for_machine: bool = False
    patience_seconds: float = 120


@dataclass(frozen=True, kw_only=True)
class Observation:
    """What only one scenario checks: an invariant, whether it held, and the figure that says so."""

    name: str
    passed: bool
    detail: str


@dataclass(kw_only=True)
class DrillResult:
    """What a drill measured; times are `time.monotonic()` seconds, None where it never came to that.

    `not_applicable` names the figures that the scenario cannot have, each with the reason. `routing` holds when which
    client was sent to which Region. `disturbed_at` is when the scenario's first step began, `settled_at` when its last
    load phase did; `executions` are those of the recovery plan, as ARC tells them; `began` is the only time of day.
    """

    options: DrillOptions
    began: datetime = field(default_factory=lambda: datetime.now(tz=UTC))
    scenario: str = "region-loss"
    summary: str = "the primary Region is lost under load"
    not_applicable: Mapping[str, str] = field(default_factory=dict)
    observations: list[Observation] = field(default_factory=list)
    phases: list[tuple[str, float, float]] = field(default_factory=list)
    transactions: list[Transaction] = field(default_factory=list)
    unanswered: int = 0
    error_times: list[float] = field(default_factory=list)
    error_kinds: dict[str, int] = field(default_factory=dict)
    clients: int = 1
    routing: list[tuple[float, int, str]] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    detection: Detection = field(default_factory=Detection)
    disturbed_at: float | None = None
    lost_at: float | None = None
    moved_at: float | None = None
    promoted_at: float | None = None
    ledger_complete_at: float | None = None
    settled_at: float | None = None
    lag: list[LagSample] = field(default_factory=list)
    executions: list[dict[str, Any]] = field(default_factory=list)
    rpo_seconds: float | None = None
    unreplicated: int = 0
    standby_missing: int = 0
    findings: Findings | None = None

    def observe(self, name: str, *, passed: bool, detail: str) -> None:
        """Record a check of this scenario's own."""
        self.observations.append(Observation(name=name, passed=passed, detail=detail))
