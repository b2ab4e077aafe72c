"""How a drill stands at this moment, in one line."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from drills.measure.percentiles import percentile

if TYPE_CHECKING:
    from drills.context import DrillContext

WINDOW_SECONDS = 1.0


def gauge(context: DrillContext) -> str:
    """Return the phase, what is missing until its end, and what clients saw in the last second."""
    now = time.monotonic()
    since = now - WINDOW_SECONDS
    recent = []
    for transaction in reversed(context.load.acknowledgements):
        if (transaction.acknowledged_at or 0.0) < since:
            break
        recent.append(transaction)
    errors = 0
    for at in reversed(context.load.error_times):
        if at < since:
            break
        errors += 1
    latencies = [transaction.latency for transaction in recent]
    parts = [
        context.current_phase,
        *([context.missing] if context.missing else []),
        f"{len(recent)}/s acknowledged",
        f"{errors} errors/s",
    ]
    if latencies:
        parts.append(f"p50 {_duration(percentile(latencies, 0.5))} p99 {_duration(percentile(latencies, 0.99))}")
        parts.append(" and ".join(sorted({str(transaction.region) for transaction in recent})))
    behind = context.lag.latest()
    if behind is not None:
        parts.append(f"lag {_duration(behind)}")
    return " · ".join(parts)


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return "?"
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
