"""What a health check says of the API that took it, and of the other Region's heart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


class Heard(Protocol):
    """The heartbeats that have arrived in this Region."""

    def latest(self, region: str) -> float | None:
        """When `region` was last alive, in epoch seconds; None where nothing was ever heard of it."""
        ...


def own_endpoint(event: Mapping[str, Any]) -> str:
    """The API's own URL, which its stage passes on; empty where the function is invoked directly.

    Never the name in the request: after a failover the API's shared name belongs to the other Region.
    """
    return str((event.get("stageVariables") or {}).get("endpoint", ""))


def age_of(region: str, heartbeats: Heard, now: float) -> float | None:
    """How many seconds ago `region` was last alive; None where nothing was ever heard of it."""
    heard_at = heartbeats.latest(region)
    return None if heard_at is None else max(0.0, now - heard_at)
