"""Whether the machine that a drill runs on keeps up with the rate that was asked for."""

from __future__ import annotations

KEPT = 0.9
"""The share of the rate that is acknowledged where a machine keeps up: what was sent last is still on its way."""


def warning(acknowledged: int, *, seconds: float, rate: float) -> str | None:
    """Say that less is taken than sent, before anything is lost; None where the machine keeps up.

    Above its knee every transaction waits for those before it. So latencies and the time until a ledger is complete
    would be the machine's own.
    """
    taken = acknowledged / seconds
    if taken >= KEPT * rate:
        return None
    return (
        f"this machine takes {taken:.0f} transactions a second of the {rate:g} that are sent: latencies are its own, "
        f"so use --rate {max(1, int(taken * KEPT))}"
    )
