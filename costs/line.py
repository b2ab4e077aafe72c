"""One line of an estimate."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Line:
    """What is charged in a Region for a service, in US dollars, and how it was counted."""

    region: str
    service: str
    dollars: float
    counted: str
