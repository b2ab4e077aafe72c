"""The timeline as geometry: panels above each other on one axis of time, which the page draws as SVG."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from drills.report import panels
from drills.report.scales import Linear, nice_step
from drills.report.shapes import RIGHT, Band, Panel, Tick, span

WIDTH = 1000
LEFT = 62.0
HEADING, GAP = 20.0, 16.0
MARKERS_TOP, MARKER_STEP = 10.0, 19.0


@dataclass(frozen=True, kw_only=True)
class Marker:
    """A numbered moment."""

    number: int
    name: str
    at: str
    x: float
    y: float


@dataclass(frozen=True, kw_only=True)
class Picture:
    """Everything to draw."""

    width: int
    height: float
    left: float
    right: float
    top: float
    bottom: float
    panels: list[Panel]
    seconds: list[Tick]
    markers: list[Marker]
    outage: Band | None


def timeline(report: dict[str, Any]) -> Picture | None:
    """Return the picture of a report, None where nothing happened."""
    rows, phases = report["per_second"], report["phases"]
    if not rows or not phases:
        return None
    last = max(rows[-1]["second"] + 1, *(phase["end"] for phase in phases))
    time = Linear(last, LEFT, RIGHT)
    markers, y = _markers(report, time)
    first_panel = y
    drawn = []
    for panel_of in (panels.throughput, panels.errors, panels.latency, panels.lag, panels.clients, panels.phases):
        panel = panel_of(report, time, y + HEADING)
        drawn.append(panel)
        y = panel.bottom + GAP
    step = nice_step(last, 14)
    seconds = [
        Tick(at=time.at(number * step), label=f"{number * step:g} s") for number in range(int(last / step + 1e-9) + 1)
    ]
    return Picture(
        width=WIDTH,
        height=y + 14,
        left=LEFT,
        right=RIGHT,
        top=first_panel,
        bottom=y - GAP,
        panels=drawn,
        seconds=seconds,
        markers=markers,
        outage=_outage(report, time, last, first_panel, y - GAP),
    )


def _markers(report: dict[str, Any], time: Linear) -> tuple[list[Marker], float]:
    """Number the events; one that is too close to the one before goes a row lower."""
    markers: list[Marker] = []
    ends: list[float] = []
    for number, event in enumerate(report["events"], 1):
        x = time.at(event["at"])
        row = next((each for each, end in enumerate(ends) if x - end >= MARKER_STEP), len(ends))
        ends[row : row + 1] = [x]
        markers.append(
            Marker(
                number=number,
                name=event["name"],
                at=f"{event['at']:.1f} s",
                x=x,
                y=MARKERS_TOP + row * MARKER_STEP,
            )
        )
    return markers, MARKERS_TOP + max(len(ends), 1) * MARKER_STEP


def _outage(report: dict[str, Any], time: Linear, last: float, top: float, bottom: float) -> Band | None:
    begun = next((each["at"] for each in report["events"] if each["name"] == "outage begins"), None)
    if begun is None or "write_rto_seconds" in report["not_applicable"]:
        return None
    until = last if report["write_rto_seconds"] is None else begun + report["write_rto_seconds"]
    return span("outage", time, begun, until, y=top, height=bottom - top)
