"""The panels of the timeline: each takes a report, the axis of time and its top, and returns what is drawn there."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from drills.report.scales import Linear, Logarithmic
from drills.report.shapes import Band, Line, Panel, Tick, span
from drills.report.words import duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

ROW = 19.0
MOST_COLUMNS = 900


def _columns(report: dict[str, Any]) -> tuple[list[dict[str, Any]], int]:
    """Return a row for each column to draw, and how many seconds that is; a column shows its worst latencies."""
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


def throughput(report: dict[str, Any], time: Linear, top: float) -> Panel:
    """Return how many transactions were acknowledged in each second."""
    return _rate_panel(report, time, top, height=110, key="acknowledged", title="Acknowledged transactions per second")


def errors(report: dict[str, Any], time: Linear, top: float) -> Panel:
    """Return how many attempts failed in each second."""
    title = "Failed attempts per second (each is tried again until it is acknowledged)"
    return _rate_panel(report, time, top, height=70, key="errors", title=title)


def latency(report: dict[str, Any], time: Linear, top: float) -> Panel:
    """Return two lines of latency, the median and the 99th percentile, on a logarithmic scale."""
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


def lag(report: dict[str, Any], time: Linear, top: float) -> Panel:
    """Return how far journal and ledger of each Region are behind what was acknowledged."""
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


def clients(report: dict[str, Any], time: Linear, top: float) -> Panel:
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


def phases(report: dict[str, Any], time: Linear, top: float) -> Panel:
    """Give each phase a row of its own, so that neither bands nor names can overlap."""
    bands = [
        span(
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
