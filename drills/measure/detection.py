"""How long the deployed health checks and records may take to move clients."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Detection:
    """The slowest endpoint check and the longest TTL that a client saw; seconds."""

    interval_seconds: float = 10.0
    threshold: int = 3
    ttl_seconds: float = 30.0
    interval_scale: float = 1.0

    @property
    def bound_seconds(self) -> float:
        """When every client has moved, at the latest, counted from the loss."""
        return self.interval_seconds * self.threshold + self.ttl_seconds
