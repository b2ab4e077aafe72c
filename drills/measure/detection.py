"""How long the deployed health checks and records may take to move clients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from drills.clients.resolver import Answer


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

    @classmethod
    def seen(cls, state: Mapping[str, Any], answers: Sequence[Answer]) -> Detection:
        """What the embedded AWS evaluates, and the answers that clients got."""
        asked = [check for check in state["health_checks"].values() if check["interval_seconds"] is not None]
        slowest = max(asked, key=lambda check: check["interval_seconds"] * check["failure_threshold"])
        return cls(
            interval_seconds=slowest["interval_seconds"],
            threshold=slowest["failure_threshold"],
            ttl_seconds=max(answer.ttl for answer in answers),
            interval_scale=state["routing_time_scale"],
        )
