"""Which section of the runbook says what to do about an alarm: every alarm's description ends with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = "docs/runbook"

PAGES: Mapping[str, tuple[str, ...]] = {
    "api-fails": ("ApiErrors", "ApiSlow"),
    "conflicts": ("Conflicts",),
    "failed-for-good": ("SweepFailed", "RecoveryFailed", "CanaryFailed", "CapacityFailed", "RestoreTestFailed"),
    "functions-fail": (
        "TransactionsErrors",
        "HealthErrors",
        "ProjectorErrors",
        "SweeperErrors",
        "TransactionsThrottles",
        "HealthThrottles",
        "ProjectorThrottles",
        "SweeperThrottles",
        "ConcurrencyShortfall",
        "ProjectorDemand",
    ),
    "ledger-behind": ("ProjectionBehind", "LedgerReplicationLag"),
    "not-safe": ("NotSafe", "PlanNeedsAction", "VersionsDiffer"),
    "quarantine": ("Quarantined", "QuarantineHeld"),
    "recovery-doubt": ("RecoveryDoubt",),
    "region-lost": ("PrimaryLost",),
    "replication-behind": ("HeartbeatOld", "JournalReplicationLag", "DocumentsReplicationLag"),
    "sweeps-behind": ("MarkAge1", "MarkAge2", "SweepLag1", "SweepLag2"),
}
"""The pages, each with the alarms that it has a section for."""


def with_section(description: str, alarm: str) -> str:
    """Return an alarm's description with the section to read, where the runbook has one for it."""
    page = next((page for page, alarms in PAGES.items() if alarm in alarms), None)
    return description if page is None else f"{description}. Read {FOLDER}/{page}.md#{alarm.lower()}"
