"""Axes: where a value lies, and which values are marked."""

from __future__ import annotations

import math
from dataclasses import dataclass


def nice_step(span: float, marks: int) -> float:
    """Return a step of 1, 2 or 5 times a power of ten that marks `span` at most `marks` times."""
    raw = max(span, 1e-9) / marks
    power = 10.0 ** math.floor(math.log10(raw))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw)


@dataclass(frozen=True)
class Linear:
    """An axis from 0 at `zero` to `top` at `end`, in the picture's units."""

    top: float
    zero: float
    end: float

    def at(self, value: float) -> float:
        """Return where a value lies."""
        return self.zero + (self.end - self.zero) * value / self.top

    def ticks(self, marks: int) -> list[float]:
        """Return the values to mark."""
        step = nice_step(self.top, marks)
        return [number * step for number in range(int(self.top / step + 1e-9) + 1)]


@dataclass(frozen=True)
class Logarithmic:
    """An axis of powers of ten from `low` at `zero` to `high` at `end`; what is below `low` lies at it."""

    low: float
    high: float
    zero: float
    end: float

    def at(self, value: float) -> float:
        """Return where a value lies."""
        share = math.log10(min(max(value, self.low), self.high) / self.low) / math.log10(self.high / self.low)
        return self.zero + (self.end - self.zero) * share

    def ticks(self) -> list[float]:
        """Return every power of ten from `low` to `high`."""
        decades = round(math.log10(self.high / self.low))
        return [self.low * 10**number for number in range(decades + 1)]
