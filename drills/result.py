"""What a drill measured."""

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
    from drills.options import DrillOptions


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
