"""report.html: one file, which needs no other."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from drills.report.picture import timeline
from drills.report.words import LATENCY_PERIODS, duration, figures, story, what_it_shows
from drills.verdict.checks import Verdict, having, title_of, worst_first

MARKS = {Verdict.FAILED: "fail", Verdict.UNKNOWN: "unknown", Verdict.PASSED: "pass"}
"""What a verdict is called in a cell, and the class that colours it."""

ENVIRONMENT = Environment(
    loader=PackageLoader("drills.report"),
    autoescape=select_autoescape(default=True, default_for_string=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
ENVIRONMENT.filters["duration"] = duration


def page(report: dict[str, Any]) -> str:
    """Return the page of a report as HTML; whatever the report holds is escaped."""
    return ENVIRONMENT.get_template("page.html").render(
        report=report,
        failed=having(report, Verdict.FAILED),
        unknown=having(report, Verdict.UNKNOWN),
        checks=worst_first(report),
        marks=MARKS,
        story=story(report),
        what_it_shows=what_it_shows(report),
        figures=figures(report),
        title_of=title_of,
        latency_periods=LATENCY_PERIODS,
        picture=timeline(report),
        evidence=_run(report["evidence"]),
    )


def _run(evidence: dict[str, Any]) -> dict[str, str]:
    """Who ran the drill, when, and from what, in words."""
    clean = evidence.get("clean")
    checkout = "unknown" if clean is None else "as the commit has it" if clean else "changed since the commit"
    named = {
        "by": evidence.get("who"),
        "began": evidence["began"],
        "ended": evidence["ended"],
        "commit": evidence.get("commit"),
        "checkout": checkout,
    }
    return {name: value or "unknown" for name, value in named.items()}
