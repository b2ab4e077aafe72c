"""What the embedded AWS is told when it starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

GATE_MODES = ("refuse", "log", "off")
"""Refuse it as AWS does; let it through and log it; do not look."""


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """Where the embedded AWS listens and keeps its state.

    `lag_milliseconds` delays everything between Regions, and `read_lag_milliseconds` what a table's eventually
    consistent reads and its global indexes see within a Region; `alarm_period_scale` multiplies the periods of
    CloudWatch alarms and `routing_time_scale` the intervals of health checks, never their thresholds. `gate` is what
    happens to what AWS's own models refuse: one of `GATE_MODES`. `retry_time_scale` multiplies what an asynchronous
    event waits for its next attempt, and its age; `cold_start_milliseconds` is what a new execution environment takes
    longer than its own code, and `concurrency_limit` what an account may run at once in each Region. `shards` is how
    many shards each table's stream has.
    """

    state_dir: Path
    port: int
    regions: tuple[str, ...]
    lag_milliseconds: int = 0
    read_lag_milliseconds: int = 0
    alarm_period_scale: float = 1.0
    routing_time_scale: float = 1.0
    retry_time_scale: float = 1.0
    cold_start_milliseconds: int = 0
    concurrency_limit: int = 1000
    shards: int = 1
    gate: str = "refuse"

    @property
    def endpoint(self) -> str:
        """The one URL that serves every Region: a request's signature names the Region."""
        return f"http://127.0.0.1:{self.port}"

    def address(self, region: str) -> str:
        """The Region's own loopback address, so that a lost Region refuses connections."""
        number = self.regions.index(region) + 1 if region in self.regions else len(self.regions) + 1
        return f"127.0.{number}.1"
