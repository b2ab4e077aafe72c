"""What the clients of a played stage saw in the last minute."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drills.history.events import Acknowledged, Due, Failed, Refused
from drills.measure.percentiles import percentile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drills.history.events import Event

SERIES_SECONDS = 60
WINDOW_SECONDS = 5
"""The seconds over which rates and latencies are averaged: short enough to show a loss, long enough not to flicker."""


@dataclass(frozen=True, kw_only=True)
class Served:
    """What one Region acknowledged: a rate per second, latency in ms, a count for each second of the last minute."""

    per_second: float
    p50_milliseconds: float | None
    p99_milliseconds: float | None
    series: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class TrafficSeen:
    """What clients saw: what each Region acknowledged, attempts that failed, and transactions without an answer yet."""

    regions: Mapping[str, Served]
    errors_per_second: float
    errors: tuple[int, ...]
    acknowledged: int
    refused: int
    waiting: int


class Traffic:
    """Keeps a minute of what clients note, from any thread. Times are `time.monotonic()` seconds."""

    def __init__(self, regions: tuple[str, ...]) -> None:
        """Take the Regions that may acknowledge something."""
        self._regions = regions
        self._lock = threading.Lock()
        self._due: dict[str, float] = {}
        self._acknowledged: deque[tuple[float, str, float]] = deque()
        self._failed: deque[float] = deque()
        self._count = 0
        self._refused = 0

    def note(self, event: Event) -> None:
        """Take an event of the load or of a client; those of other kinds are left aside."""
        with self._lock:
            if isinstance(event, Due):
                self._due[event.key] = event.at
            elif isinstance(event, Acknowledged):
                due = self._due.pop(event.key, event.at)
                self._acknowledged.append((event.at, event.region, event.at - due))
                self._count += 1
            elif isinstance(event, Failed):
                self._failed.append(event.at)
            elif isinstance(event, Refused):
                self._due.pop(event.key, None)
                self._refused += 1

    def forget_waiting(self) -> None:
        """Forget what has no answer yet: its load was stopped, and nobody waits for it any more."""
        with self._lock:
            self._due.clear()

    def seen(self, now: float) -> TrafficSeen:
        """Return the last minute up to `now`."""
        with self._lock:
            while self._acknowledged and self._acknowledged[0][0] <= now - SERIES_SECONDS:
                self._acknowledged.popleft()
            while self._failed and self._failed[0] <= now - SERIES_SECONDS:
                self._failed.popleft()
            acknowledged, failed = list(self._acknowledged), list(self._failed)
            count, refused, waiting = self._count, self._refused, len(self._due)
        return TrafficSeen(
            regions={region: _served(acknowledged, region, now) for region in self._regions},
            errors_per_second=sum(at > now - WINDOW_SECONDS for at in failed) / WINDOW_SECONDS,
            errors=_series(failed, now),
            acknowledged=count,
            refused=refused,
            waiting=waiting,
        )


def _served(acknowledged: list[tuple[float, str, float]], region: str, now: float) -> Served:
    here = [(at, latency) for at, where, latency in acknowledged if where == region]
    latencies = [latency for at, latency in here if at > now - WINDOW_SECONDS]
    return Served(
        per_second=len(latencies) / WINDOW_SECONDS,
        p50_milliseconds=_milliseconds(percentile(latencies, 0.5)),
        p99_milliseconds=_milliseconds(percentile(latencies, 0.99)),
        series=_series([at for at, _ in here], now),
    )


def _series(times: list[float], now: float) -> tuple[int, ...]:
    counts = [0] * SERIES_SECONDS
    for at in times:
        ago = int(now - at)
        if 0 <= ago < SERIES_SECONDS:
            counts[SERIES_SECONDS - 1 - ago] += 1
    return tuple(counts)


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 1)
