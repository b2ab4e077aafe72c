"""The timeline as geometry: panels above each other on one axis of time, which the page draws as SVG."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from drills.report.scales import Linear, Logarithmic, nice_step
from drills.report.words import duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = ["Band", "Line", "Panel", "Picture", "Tick", "timeline"]

WIDTH = 1000
LEFT, RIGHT = 62.0, 984.0
HEADING, GAP = 20.0, 16.0
MARKERS_TOP, MARKER_STEP = 10.0, 19.0
ROW = 19.0
CHARACTER = 6.4
"""Width of a character of a phase's name, at most."""
MOST_COLUMNS = 900


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
    panels = []
    for build in (_throughput, _errors, _latency, _lag, _clients, _phases):
        panel = build(report, time, y + HEADING)
        panels.append(panel)
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
        panels=panels,
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
    return _band("outage", time, begun, until, y=top, height=bottom - top)


def _band(kind: str, time: Linear, start: float, end: float, *, y: float, height: float, label: str = "") -> Band:
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


def _columns(report: dict[str, Any]) -> tuple[list[dict[str, Any]], int]:
    """Return the rows, so many seconds to one that a pixel holds it; a column shows the worst of its latencies."""
    rows = report["per_second"]
    size = math.ceil(len(rows) / MOST_COLUMNS)
    groups = [rows[start : start + size] for start in range(0, len(rows), size)]

    def worst(group: list[dict[str, Any]], key: str) -> float | None:
        return max((row[key] for row in group if row[key] is not None), default=None)

    return [
        {
            "second": group[0]["second"],
            "acknowledged": sum(row["acknowledged"] for row in group) / len(group),
            "errors": sum(row["errors"] for row in group) / len(group),
            "p50_milliseconds": worst(group, "p50_milliseconds"),
            "p99_milliseconds": worst(group, "p99_milliseconds"),
        }
        for group in groups
    ], size


def _steps(points: Iterable[tuple[float, float, float | None]], *, base: float | None = None) -> str:
    """Return a path of steps from x to x at y, broken where y is None; closed down to `base` for an area."""
    path: list[str] = []
    last: tuple[float, float] | None = None
    for start, end, y in points:
        if y is None:
            if last is not None and base is not None:
                path.append(f"V{base:.1f}")
            last = None
            continue
        if last is None or not math.isclose(last[0], start):
            path.append(f"M{start:.1f} {y if base is None else base:.1f}")
        path.append(f"V{y:.1f}H{end:.1f}")
        last = (end, y)
    if last is not None and base is not None:
        path.append(f"V{base:.1f}")
    return "".join(path)


def _rate_panel(report: dict[str, Any], time: Linear, top: float, *, height: float, key: str, title: str) -> Panel:
    rows, size = _columns(report)
    most = max((row[key] for row in rows), default=0) or 1
    scale = Linear(most * 1.08, top + height, top)
    path = _steps(
        ((time.at(row["second"]), time.at(row["second"] + size), scale.at(row[key])) for row in rows),
        base=scale.zero,
    )
    return Panel(
        title=title,
        top=top,
        bottom=top + height,
        ticks=[Tick(at=scale.at(value), label=f"{value:,.10g}") for value in scale.ticks(4)],
        lines=[Line(kind=f"area {key}", path=path, label=key)],
    )


def _throughput(report: dict[str, Any], time: Linear, top: float) -> Panel:
    return _rate_panel(report, time, top, height=110, key="acknowledged", title="Acknowledged transactions per second")


def _errors(report: dict[str, Any], time: Linear, top: float) -> Panel:
    title = "Failed attempts per second (each is tried again until it is acknowledged)"
    return _rate_panel(report, time, top, height=70, key="errors", title=title)


def _latency(report: dict[str, Any], time: Linear, top: float) -> Panel:
    rows, size = _columns(report)
    most = max((row["p99_milliseconds"] or 1 for row in rows), default=1)
    scale = Logarithmic(1, 10 ** max(2, math.ceil(math.log10(most))), top + 110, top)
    kinds = {"p99": "99 of 100 answered within", "p50": "half answered within"}

    def path(key: str) -> str:
        return _steps(
            (
                time.at(row["second"]),
                time.at(row["second"] + size),
                None if row[key] is None else scale.at(row[key]),
            )
            for row in rows
        )

    return Panel(
        title="Latency from the intended time of sending, by when it was acknowledged (logarithmic)",
        top=top,
        bottom=top + 110,
        ticks=[Tick(at=scale.at(value), label=_unit(value / 1000)) for value in scale.ticks()],
        lines=[Line(kind=kind, path=path(f"{kind}_milliseconds"), label=label) for kind, label in kinds.items()],
        legend=list(kinds.items()),
        subject="Latency",
    )


def _lag(report: dict[str, Any], time: Linear, top: float) -> Panel:
    samples = report["lag_samples"]
    values = [value for each in samples for kind in ("journal", "ledger") for value in each[kind].values() if value]
    scale = Logarithmic(0.01, 10 ** max(0, math.ceil(math.log10(max(values, default=1)))), top + 110, top)
    kinds = [
        (f"{kind} region-{number}", kind, region, f"{kind} of {region}")
        for kind in ("journal", "ledger")
        for number, region in enumerate(report["regions"])
    ]
    return Panel(
        title="Replication lag: how far each copy is behind what was acknowledged (logarithmic, 10 ms or less below)",
        top=top,
        bottom=top + 110,
        ticks=[Tick(at=scale.at(value), label=_unit(value)) for value in scale.ticks()],
        lines=[
            Line(kind=f"lag {style}", path=_joined(samples, kind, region, time.at, scale.at), label=label)
            for style, kind, region, label in kinds
        ],
        legend=[(f"lag {style}", label) for style, _, _, label in kinds],
        subject="Lag",
    )


def _joined(
    samples: Sequence[dict[str, Any]],
    kind: str,
    region: str,
    across: Callable[[float], float],
    up: Callable[[float], float],
) -> str:
    """Return a path through the samples, broken where a copy could not be asked."""
    path, pen = [], "M"
    for each in samples:
        value = each[kind].get(region)
        if value is None:
            pen = "M"
            continue
        path.append(f"{pen}{across(each['at']):.1f} {up(value):.1f}")
        pen = "L"
    return "".join(path)


def _clients(report: dict[str, Any], time: Linear, top: float) -> Panel:
    """Stack, at each moment, the clients by the Region that DNS sent them to."""
    height, sent, bands = 34.0, dict[int, str](), []
    changes = report["routing"]
    for number, change in enumerate(changes):
        sent[change["client"]] = change["region"]
        until = changes[number + 1]["at"] if number + 1 < len(changes) else time.top
        y = top
        for order, region in enumerate(report["regions"]):
            share = height * list(sent.values()).count(region) / report["clients"]
            if share and until > change["at"]:
                x, end = time.at(change["at"]), time.at(until)
                bands.append(Band(kind=f"region-{order}", x=x, y=y, width=end - x, height=share))
            y += share
    return Panel(
        title=f"Where DNS sent the {report['clients']} clients",
        top=top,
        bottom=top + height,
        bands=bands,
        legend=[(f"region-{number}", region) for number, region in enumerate(report["regions"])],
        subject="DNS",
    )


def _phases(report: dict[str, Any], time: Linear, top: float) -> Panel:
    """Give each phase a row of its own, so that neither bands nor names can overlap."""
    bands = [
        _band(
            "phase",
            time,
            phase["start"],
            phase["end"],
            y=top + number * ROW + 3,
            height=ROW - 6,
            label=f"{phase['name']} ({duration(phase['end'] - phase['start'])})",
        )
        for number, phase in enumerate(report["phases"])
    ]
    return Panel(title="Phases", top=top, bottom=top + len(bands) * ROW, bands=bands)


def _unit(seconds: float) -> str:
    return f"{seconds * 1000:g} ms" if seconds < 1 else f"{seconds:g} s"
