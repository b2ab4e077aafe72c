"""What a drill found: report.json for machines, report.html for people, a summary for the terminal."""

from __future__ import annotations

import html
import json
import math
import os
import platform
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from recovery.drill import DrillResult

__all__ = ["Check", "build_report", "checks", "percentile", "print_summary", "write_report"]

EXPECTED_ON_AWS = {
    "write_rto_seconds": 65,
    "write_rto_source": "Route 53 health check: 10 s interval x 3 failures, record TTL 30 s, 5 s to connect",
    "ledger_rto": "minutes: Aurora global database failover takes minutes (Amazon Aurora User Guide), then the tail",
    "rpo": "prod 0 (strongly consistent journal); staging the replication lag, about 1 s, until the Region is back",
}
CONNECT_SECONDS = 5
INTRODUCTION = (
    "Every acknowledged transaction was looked up in journals and ledgers. Everything ran in the embedded AWS on one "
    "machine: the figures show that nothing "
    "is lost and in which order things recover, not how long AWS takes."
)


@dataclass(frozen=True, kw_only=True)
class Check:
    """One invariant or objective and whether it held."""

    name: str
    passed: bool
    detail: str


def percentile(values: Sequence[float], share: float) -> float | None:
    """Return the value below which `share` (0 to 1) of the values lie (nearest rank), None when there are none."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _since(start: float | None, end: float | None) -> float | None:
    return None if start is None or end is None else round(end - start, 3)


def _count(by_region: dict[str, list[str]]) -> int:
    return len({one for found in by_region.values() for one in found})


def _latency(result: DrillResult, start: float, end: float) -> dict[str, float | int | None]:
    values = [one.latency for one in result.transactions if one.acknowledged_at and start <= one.due < end]
    cells = {
        name: percentile(values, share) for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("max", 1))
    }
    return {
        "count": len(values),
        **{f"{name}_milliseconds": None if at is None else round(at * 1000, 1) for name, at in cells.items()},
    }


def first_acknowledged(result: DrillResult, region: str) -> float | None:
    """Return when the first transaction after the outage was acknowledged by `region`."""
    if result.lost_at is None:
        return None
    times = (one.acknowledged_at for one in result.transactions if one.region == region and one.acknowledged_at)
    return min((at for at in times if at > result.lost_at), default=None)


def checks(report: dict[str, Any], *, strong: bool) -> list[Check]:
    """Return every invariant and objective with its verdict; a figure that was never measured fails."""
    objectives = report["objectives"]

    def at_most(name: str, limit: float, unit: str) -> Check:
        if reason := report["not_applicable"].get(name):
            return Check(name=name, passed=True, detail=f"not applicable: {reason}")
        value = report[name]
        passed = value is not None and value <= limit
        return Check(name=name, passed=passed, detail=f"{value} {unit}, at most {limit:g} {unit}")

    found = [
        at_most(name, 0, "transactions")
        for name in ("lost", "duplicated", "ledger_missing", "ledger_duplicated", "unanswered", "refused")
    ]
    balances = report["wrong_balances"]
    found.append(Check(name="balances", passed=balances == [], detail="; ".join(balances or []) or "as acknowledged"))
    found.append(at_most("write_rto_seconds", objectives["write_rto_seconds"], "s"))
    found.append(at_most("ledger_complete_seconds", objectives["ledger_complete_seconds"], "s"))
    if strong:
        found.append(at_most("rpo_seconds", 0, "s"))
    found += [Check(**one) for one in report["observations"]]
    if report["failure"]:
        found.append(Check(name="all phases finished", passed=False, detail=report["failure"]))
    return found


def build_report(
    result: DrillResult,
    *,
    stage: str,
    run: str,
    secondary: str,
    strong: bool,
    plan: bool,
    failure: str | None,
    setup: dict[str, float],
) -> dict[str, Any]:
    """Return the report as plain data; times are seconds since the first phase began."""
    options, findings = result.options, result.findings
    start = result.phases[0][1] if result.phases else 0.0
    end = max([phase[2] for phase in result.phases], default=start)
    lost_at = result.lost_at if result.lost_at is not None else end
    back_at = next((begin for name, begin, _ in result.phases if name.startswith("restore")), end)
    detection = result.detection
    write_objective = detection.bound_seconds + CONNECT_SECONDS
    acknowledged = [one for one in result.transactions if one.acknowledged_at is not None]
    report: dict[str, Any] = {
        "stage": stage,
        "scenario": result.scenario,
        "summary": result.summary,
        "not_applicable": dict(result.not_applicable),
        "observations": [vars(one) for one in result.observations],
        "run": run,
        "seed": options.seed,
        "emulated": True,
        "rate_per_second": options.rate,
        "acknowledged": len(acknowledged),
        "unanswered": result.unanswered,
        "refused": sum(one.refused is not None for one in result.transactions),
        "lost": None if findings is None else _count(findings.journal_missing),
        "duplicated": None if findings is None else len(findings.duplicated),
        "ledger_missing": None if findings is None else _count(findings.ledger_missing),
        "ledger_duplicated": None if findings is None else _count(findings.ledger_duplicated),
        "wrong_balances": None
        if findings is None
        else [f"{region} {line}" for region, lines in findings.wrong_balances.items() for line in lines],
        "write_rto_seconds": _since(result.lost_at, first_acknowledged(result, secondary)),
        "detection_seconds": _since(result.lost_at, result.switched_at),
        "promotion_seconds": _since(result.lost_at, result.promoted_at),
        "ledger_rto_seconds": _since(result.lost_at, result.ledger_complete_at),
        "ledger_complete_seconds": _since(result.promoted_at, result.ledger_complete_at),
        "rpo_seconds": None if result.rpo_seconds is None else round(result.rpo_seconds, 3),
        "unreplicated_at_failover": result.unreplicated,
        "ledger_missing_at_promotion": result.standby_missing,
        "injected_lag_ms": options.lag_milliseconds,
        "objectives": {
            "write_rto_seconds": write_objective,
            "ledger_complete_seconds": options.ledger_complete_seconds,
            "lost": 0,
            "duplicated": 0,
        },
        "detection": {
            "modelled": False,
            "interval_seconds": detection.interval_seconds,
            "threshold": detection.threshold,
            "record_ttl_seconds": detection.ttl_seconds,
            "routing_time_scale": detection.interval_scale,
            "explanation": "clients know the API's name only; the deployed health checks were evaluated every "
            f"{detection.interval_seconds:g} s (deployed interval x {detection.interval_scale:g}), and DNS answers "
            f"were kept for {detection.ttl_seconds:g} s",
        },
        "recovery_plan_executed": plan,
        "expected_on_aws": EXPECTED_ON_AWS,
        "errors_seen_by_clients": dict(sorted(result.error_kinds.items())),
        "latency": {
            "before": _latency(result, 0, lost_at),
            "during": _latency(result, lost_at, back_at),
            "after": _latency(result, back_at, math.inf),
        },
        "dns_answers": [
            {
                "at": round(max(0.0, each.at - start), 3),
                "canonical": each.canonical,
                "address": each.address,
                "ttl": each.ttl,
            }
            for each in result.answers
        ],
        "routing": [{"at": round(max(0.0, at - start), 3), "region": region} for at, region in result.routing],
        "per_second": _per_second(result, start),
        "phases": [
            {"name": name, "start": round(begin - start, 3), "end": round(finish - start, 3)}
            for name, begin, finish in result.phases
        ],
        "setup_seconds": setup,
        "failure": failure,
        "machine": {"cpus": os.cpu_count(), "platform": platform.platform()},
        "versions": versions(),
    }
    for name in result.not_applicable:
        report[name] = None
    report["checks"] = [vars(check) for check in checks(report, strong=strong)]
    report["passed"] = all(check["passed"] for check in report["checks"])
    return report


def _per_second(result: DrillResult, start: float) -> list[dict[str, int]]:
    rows: dict[int, dict[str, int]] = {}

    def row(at: float) -> dict[str, int]:
        second = int(at - start)
        return rows.setdefault(second, {"second": second, "acknowledged": 0, "errors": 0})

    for one in result.transactions:
        if one.acknowledged_at is not None:
            row(one.acknowledged_at)["acknowledged"] += 1
    for at in result.error_times:
        row(at)["errors"] += 1
    return [rows[second] for second in sorted(rows)]


def versions() -> dict[str, str]:
    """Return the versions of what took part."""
    found = {"python": platform.python_version()}
    for name in ("tandem", "aws-cdk-lib", "boto3", "botocore"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def write_report(report: dict[str, Any], folder: Path) -> None:
    """Write report.json and report.html into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text(json.dumps(report, indent=2) + "\n")
    (folder / "report.html").write_text(_page(report))


def print_summary(report: dict[str, Any], folder: Path, console: Console | None = None) -> None:
    """Print the summary."""
    console = console or Console()
    table = Table(
        title=f"drill {report['scenario']} of stage {report['stage']}: {'passed' if report['passed'] else 'FAILED'}"
    )
    for column in ("check", "verdict", "figure"):
        table.add_column(column)
    for check in report["checks"]:
        table.add_row(check["name"], "pass" if check["passed"] else "[bold red]FAIL[/]", check["detail"])
    console.print(table)
    before, during = report["latency"]["before"], report["latency"]["during"]
    console.print(
        f"acknowledged {report['acknowledged']}, write RTO {report['write_rto_seconds']} s, "
        f"ledger RTO {report['ledger_rto_seconds']} s, RPO {report['rpo_seconds']} s "
        f"with {report['injected_lag_ms']} ms injected lag"
    )
    console.print(
        f"latency from the intended time: before p50 {before['p50_milliseconds']} ms, p99 {before['p99_milliseconds']} "
        f"ms; during p50 {during['p50_milliseconds']} ms, p99 {during['p99_milliseconds']} ms"
    )
    console.print(f"detection: {report['detection']['explanation']}")
    console.print(f"report: {folder / 'report.html'}, {folder / 'report.json'}", soft_wrap=True)


def _rows(cells: list[list[object]], header: list[str]) -> str:
    head = "".join(f"<th>{html.escape(name)}</th>" for name in header)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in row) + "</tr>" for row in cells)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _picture(report: dict[str, Any]) -> str:
    """Draw acknowledged transactions and errors per second, with the phases, as inline SVG."""
    rows, phases = report["per_second"], report["phases"]
    if not rows or not phases:
        return "<p>no traffic</p>"
    last = max(rows[-1]["second"] + 1, math.ceil(phases[-1]["end"]))
    top = max(max(row["acknowledged"], row["errors"]) for row in rows) or 1
    wide, high = 900 / last, 200 / top
    bars = "".join(
        f'<rect x="{row["second"] * wide:.1f}" y="{200 - row[kind] * high:.1f}" width="{wide * 0.45:.1f}" '
        f'height="{row[kind] * high:.1f}" fill="{color}" transform="translate({shift * wide:.1f} 0)"/>'
        for row in rows
        for kind, color, shift in (("acknowledged", "#2a7f62", 0.0), ("errors", "#b3261e", 0.45))
    )
    marks = "".join(
        f'<line x1="{phase["start"] * wide:.1f}" x2="{phase["start"] * wide:.1f}" y1="0" y2="200" stroke="#888"/>'
        f'<text x="{phase["start"] * wide + 2:.1f}" y="{214 + 13 * (number % 5)}" font-size="11">'
        f"{html.escape(phase['name'])}</text>"
        for number, phase in enumerate(phases)
    )
    label = "acknowledged transactions (green) and client errors (red) per second, phases marked"
    return f'<svg viewBox="0 0 1000 290" role="img" aria-label="{label}">{bars}{marks}</svg><p>{label}</p>'


def _page(report: dict[str, Any]) -> str:
    verdict = "passed" if report["passed"] else "failed"
    figures = ["acknowledged", "write_rto_seconds", "ledger_rto_seconds", "rpo_seconds", "injected_lag_ms"]
    figures += ["detection_seconds", "promotion_seconds", "unreplicated_at_failover", "ledger_missing_at_promotion"]
    latency = [
        [name, row["count"], *(row[f"{at}_milliseconds"] for at in ("p50", "p95", "p99", "max"))]
        for name, row in report["latency"].items()
    ]
    aws = report["expected_on_aws"]
    expectation = (
        f"{report['detection']['explanation']}. Expected on AWS: writes within {aws['write_rto_seconds']} s "
        f"({aws['write_rto_source']}); ledger: {aws['ledger_rto']}; RPO: {aws['rpo']}."
    )
    parts = [
        f"<h1>Recovery drill of stage {html.escape(report['stage'])}: {verdict}</h1>",
        f"<p>Scenario {html.escape(report['scenario'])}: {html.escape(report['summary'])}. {INTRODUCTION}</p>",
        _rows([[c["name"], "pass" if c["passed"] else "FAIL", c["detail"]] for c in report["checks"]],
              ["invariant or objective", "verdict", "figure"]),
        "<h2>Timeline</h2>", _picture(report),
        _rows([[p["name"], p["start"], p["end"]] for p in report["phases"]], ["phase", "start (s)", "end (s)"]),
        "<h2>Figures</h2>", _rows([[name, report[name]] for name in figures], ["figure", "value"]),
        _rows(latency, ["latency (ms)", "count", "p50", "p95", "p99", "max"]),
        f"<p>{html.escape(expectation)}</p>",
        "<h2>Versions</h2>", _rows([list(item) for item in report["versions"].items()], ["what", "version"]),
    ]  # fmt: skip
    style = (
        "body{font:16px/1.5 system-ui,sans-serif;max-width:1000px;margin:2rem auto;padding:0 1rem}"
        "table{border-collapse:collapse;margin:1rem 0}td,th{border:1px solid #ccc;padding:.25rem .6rem;text-align:left}"
    )
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Recovery drill: {verdict}</title>'
        f"<style>{style}</style>{''.join(parts)}</html>\n"
    )
