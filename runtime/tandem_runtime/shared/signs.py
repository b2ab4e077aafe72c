"""What is said of a Region's life, and where the secondary's canary keeps what it saw for `recover`."""

from __future__ import annotations

from contract.tables import PARTITION_KEY

ALIVE, LOST, UNKNOWN = "alive", "lost", "unknown"

LEVELS = {ALIVE: 0.0, LOST: 1.0, UNKNOWN: 2.0}
"""The same as the value of a metric."""

STATE, SEEN_AT, REACHED_AT, LOST_SINCE = "seen", "seen_at", "reached_at", "lost_since"
"""The attributes of what the canary saw. Times are epoch seconds."""


def canary_key(region: str) -> dict[str, dict[str, str]]:
    """The key of what the secondary's canary saw of a Region, in the table of the takeover switch."""
    return {PARTITION_KEY: {"S": f"canary#{region}"}}
