"""What is said of a Region's life, and the attributes in which canary and `recover` keep it."""

from __future__ import annotations

ALIVE, LOST, UNKNOWN = "alive", "lost", "unknown"

LEVELS = {ALIVE: 0.0, LOST: 1.0, UNKNOWN: 2.0}
"""The same as the value of a metric."""

STATE, SEEN_AT, LOST_SINCE = "seen", "seen_at", "lost_since"
"""The attributes of what the canary saw. Times are epoch seconds."""
