"""How a drill runs: the only place where the defaults of its options stand."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class DrillOptions:
    """How a drill runs; times in seconds, the rate in transactions per second.

    `before_seconds`, `during_seconds` and `after_seconds` say how long the load lasts before the outage, on the
    secondary and after failing back. `allow_for_machine` makes a drill measure how busy the machine is, and a silence
    may last as much longer.
    """

    rate: float = 100
    seed: int = 0
    lag_milliseconds: int = 80
    before_seconds: float = 5
    during_seconds: float = 2
    after_seconds: float = 3
    routing_time_scale: float = 1
    alarm_period_scale: float = 1
    ledger_complete_seconds: float = 10
    silence_seconds: float = 5
    answer_seconds: float = 3
    allow_for_machine: bool = False
    patience_seconds: float = 120
