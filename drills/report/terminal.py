"""The summary in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from drills.report.words import LATENCY_PERIODS, duration, figures
from drills.verdict.checks import Verdict, title_of, worst_first

if TYPE_CHECKING:
    from pathlib import Path

VERDICTS = {
    Verdict.FAILED: ("bold red", "FAILED"),
    Verdict.UNKNOWN: ("bold yellow", "UNKNOWN"),
    Verdict.PASSED: ("bold green", "passed"),
}
"""How each verdict looks, and what it is called."""


def print_summary(report: dict[str, Any], folder: Path, console: Console | None = None) -> None:
    """Print what failed or is unknown, the figures against their objectives, the latencies, and where the report is."""
    console = console or Console()
    for check in worst_first(report):
        if check["verdict"] == Verdict.PASSED:
            break
        title = title_of(check["name"])
        style, word = VERDICTS[check["verdict"]]
        console.print(
            f"[{style}]{word}: {escape(title)}: {escape(check['detail'])}[/]", soft_wrap=True, highlight=False
        )
    style, word = VERDICTS[report["verdict"]]
    verdict = f"[{style}]{word}[/]"
    table = Table(title=f"drill {escape(report['scenario'])} of stage {escape(report['stage'])}: {verdict}")
    table.add_column("figure")
    table.add_column("measured", justify="right")
    table.add_column("asked", justify="right")
    table.add_column("verdict")
    for row in figures(report):
        mark = {"": "", Verdict.PASSED: "pass", Verdict.UNKNOWN: "unknown", Verdict.FAILED: "[bold red]FAIL[/]"}[
            row.verdict
        ]
        table.add_row(escape(row.name), escape(row.measured), escape(row.asked), mark)
    console.print(table)
    latency = Table(title="latency from the intended time of sending")
    for column in ("period", "transactions", "p50", "p95", "p99", "max"):
        latency.add_column(column, justify="left" if column == "period" else "right")
    for name, title in LATENCY_PERIODS.items():
        row = report["latency"][name]
        if row["count"]:
            cells = [duration(row[f"{each}_milliseconds"], unit="ms") for each in ("p50", "p95", "p99", "max")]
            latency.add_row(title, f"{row['count']:,}", *cells)
    console.print(latency)
    console.print(f"detection: {escape(report['detection']['explanation'])}", soft_wrap=True)
    if report["strictness"]:
        console.print(f"embedded AWS: {escape(report['strictness']['explanation'])}", soft_wrap=True)
    console.print(f"report: {escape(str(folder / 'report.html'))}, {folder / 'report.json'}", soft_wrap=True)
