"""What a drill measured, as it follows from its history."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from drills.measure.detection import Detection

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from drills.clients.load import Transaction
    from drills.clients.resolver import Answer
    from drills.history.events import AnsweredAgain, Provenance, Surroundings
    from drills.measure.lag import LagSample
    from drills.measure.lookup import Findings
    from drills.measure.strictness import Strictness
    from drills.options import DrillOptions
    from drills.verdict.checks import Check


@dataclass(frozen=True, kw_only=True)
class DrillResult:
    """What a drill measured; times are `time.monotonic()` seconds, None where it never came to that.

    `not_applicable` names the figures that the scenario cannot have, each with the reason. `routing` holds when which
    client was sent to which Region. `disturbed_at` is when the scenario's first step began, `settled_at` when its last
    load phase did; `executions` are those of the recovery plan, as ARC tells them; `began` is the only time of day.
    `lasted_seconds` are those from its beginning to its end. A drill that was killed has not `ended`; one that ended
    may name its `failure`.
    """

    options: DrillOptions
    began: datetime = field(default_factory=lambda: datetime.now(tz=UTC))
    run: str = ""
    stage: str = ""
    secondary: str = ""
    emulated: bool = True
    strong: bool = False
    plan: bool = False
    scenario: str = "region-loss"
    summary: str = "the primary Region is lost under load"
    not_applicable: Mapping[str, str] = field(default_factory=dict)
    setup: Mapping[str, float] = field(default_factory=dict)
    surroundings: Surroundings | None = None
    provenance: Provenance | None = None
    lasted_seconds: float | None = None
    observations: Sequence[Check] = ()
    phases: Sequence[tuple[str, float, float]] = ()
    transactions: Sequence[Transaction] = ()
    repeats: Sequence[AnsweredAgain] = ()
    unanswered: int | None = 0
    error_times: Sequence[float] = ()
    error_kinds: Mapping[str, int] = field(default_factory=dict)
    clients: int = 1
    routing: Sequence[tuple[float, int, str]] = ()
    answers: Sequence[Answer] = ()
    detection: Detection = field(default_factory=Detection)
    strictness: Strictness | None = None
    disturbed_at: float | None = None
    lost_at: float | None = None
    moved_at: float | None = None
    promoted_at: float | None = None
    ledger_complete_at: float | None = None
    settled_at: float | None = None
    lag: Sequence[LagSample] = ()
    executions: Sequence[Mapping[str, Any]] = ()
    rpo_seconds: float | None = None
    unreplicated: int = 0
    standby_missing: int = 0
    findings: Findings | None = None
    ended: bool = True
    failure: str | None = None
    total_seconds: float | None = None
