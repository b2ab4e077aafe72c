"""What a drill found: report.json for machines, report.html for people, a summary for the terminal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from drills.report.figures import build_report
from drills.report.page import page
from drills.report.surroundings import versions
from drills.report.terminal import print_summary
from drills.verdict.checks import Check, checks

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["REPORTS", "Check", "build_report", "checks", "page", "print_summary", "versions", "write_report"]

REPORTS = ("report.json", "report.html")
"""What the files are called in a drill's folder."""


def write_report(report: dict[str, Any], folder: Path) -> None:
    """Write report.json and report.html into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    data, shown = REPORTS
    (folder / data).write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    (folder / shown).write_text(page(report), encoding="utf-8")
