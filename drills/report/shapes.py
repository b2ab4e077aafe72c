"""What the timeline is drawn from: ticks, lines, bands and the panels that hold them, in the picture's units."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drills.report.scales import Linear

RIGHT = 984.0
"""Where the axis of time ends."""
CHARACTER = 6.4
"""Width of a character of a phase's name, at most."""


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A marked value of an axis."""

    at: float
    label: str


@dataclass(frozen=True, kw_only=True)
class Line:
    """A path of an SVG and the class that gives it its colour."""

    kind: str
    path: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Band:
    """A rectangle with a label: at `label_at`, which is before its start when `label_before`."""

    kind: str
    x: float
    y: float
    width: float
    height: float
    label: str = ""
    label_at: float = 0.0
    label_before: bool = False


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One heading and what is drawn below it."""

    title: str
    top: float
    bottom: float
    ticks: list[Tick] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    bands: list[Band] = field(default_factory=list)
    legend: list[tuple[str, str]] = field(default_factory=list)
    subject: str = ""


def span(kind: str, time: Linear, start: float, end: float, *, y: float, height: float, label: str = "") -> Band:
    """Return the band of a time, its label where the picture has room for it."""
    x, until = time.at(start), time.at(end)
    width = max(until - x, 1.5)
    before = x + width + len(label) * CHARACTER + 6 > RIGHT
    return Band(
        kind=kind,
        x=x,
        y=y,
        width=width,
        height=height,
        label=label,
        label_at=x - 5 if before else x + width + 5,
        label_before=before,
    )
