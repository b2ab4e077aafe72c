"""What is known of a stage at one moment, as plain frozen values: what could not be read is None and named."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from operations.restore_tests import RestoreTest
    from operations.rows_behind import RowsBehind
    from operations.told import Canary


@dataclass(frozen=True, kw_only=True)
class LedgerMembers:
    """The global database as RDS tells it: its status, the Region that writes, and the Regions that belong to it."""

    status: str
    writer: str | None
    members: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class RegionState:
    """One Region of the stage. Ages are in seconds.

    `answers` says whether its AWS answered here, `deployed` whether it holds this stage, `healthy` whether its API
    answers the health check. `heartbeat_age_seconds` is that of its last heartbeat as the Region that was asked has it.
    `ledger_answers` is None where nobody can tell: AWS's Data API refuses a cluster that does not write.
    `mark_age_seconds` has the age of the ledger's mark by origin: what the origin recorded before is in this ledger.
    `marks_told_seconds` is set where not the ledger was asked, but its sweeper told so many seconds ago.
    `alarms` ring; `starting` are in ALARM too, because they were deployed a moment ago and nothing was told yet.
    """

    role: str
    answers: bool = True
    deployed: bool = True
    api: str | None = None
    healthy: bool = False
    heartbeat_age_seconds: float | None = None
    iterator_age_seconds: float | None = None
    ledger_answers: bool | None = None
    mark_age_seconds: Mapping[str, float] | None = None
    marks_told_seconds: float | None = None
    rows_behind: RowsBehind | None = None
    conflicts: int | None = None
    alarms: tuple[str, ...] | None = None
    starting: tuple[str, ...] = ()
    backup_age_seconds: float | None = None
    copy_age_seconds: float | None = None
    restore_test: RestoreTest | None = None
    canary: Canary | None = None
    settings: str | None = None
    code: str | None = None


@dataclass(frozen=True, kw_only=True)
class StageState:
    """The whole stage, asked of the Region `seen_from`.

    `traffic` is the Region that DNS answers now. `takeover` says whether the switch is set, and `takeover_at` when it
    was last moved (seconds since 1970). `recover_said` is what `recover` last began, or declined and why, and
    `recover_said_at` when. `plan_evaluation` is ARC's word, `plan_warnings` what it complains of.
    `unread` has what could not be read, with the reason: every None that is not named there means that there is none.
    """

    stage: str
    account: str | None
    endpoint: str | None
    seen_from: str
    at: float
    traffic: str | None
    takeover: bool | None
    takeover_reason: str | None = None
    takeover_at: float | None = None
    recover_said: str | None = None
    recover_said_at: float | None = None
    ledger: LedgerMembers | None
    plan: str | None
    plan_evaluation: str | None = None
    plan_warnings: tuple[str, ...] = ()
    quarantined: int | None
    regions: Mapping[str, RegionState]
    unread: Mapping[str, str] = field(default_factory=dict)

    @property
    def dual(self) -> bool:
        """Say whether the stage has two Regions."""
        return len(self.regions) > 1

    def plain(self) -> dict[str, Any]:
        """Return the state as JSON takes it."""
        return asdict(self)


def age(seconds: float) -> str:
    """Return an age in words that a person reads at once: seconds, and from two minutes on minutes, hours or days."""
    for unit, length in (("days", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"
