"""A report says how strict the embedded AWS was, and what nobody noted is not made up."""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console

from drills.embedded.process import READ_LAG_MILLISECONDS, SHARDS
from drills.history.derived import result_of
from drills.history.events import StrictnessSeen
from drills.report import build_report, page, print_summary
from tests.drills.recorded import history


def test_a_report_counts_what_was_late_and_refused_during_the_drill_alone() -> None:
    told = build_report(result_of(history()))["strictness"]
    assert told["read_lag_milliseconds"] == 1000
    assert told["shards"] == 4
    assert told["reads_answered_late"] == 1_500
    assert told["conflicting_writes_refused"] == 3


def test_page_and_terminal_say_it() -> None:
    report = build_report(result_of(history()))
    out = io.StringIO()
    print_summary(report, Path(), Console(file=out, width=200))
    sentence = report["strictness"]["explanation"]
    assert sentence in out.getvalue()
    assert sentence in page(report)


def test_a_history_that_does_not_tell_leads_to_a_report_that_does_not_either() -> None:
    older = [event for event in history() if not isinstance(event, StrictnessSeen)]
    report = build_report(result_of(older))
    assert report["strictness"] == {}
    assert "Embedded DynamoDB" not in page(report)


def test_drills_are_late_and_divided_unless_told_otherwise() -> None:
    assert READ_LAG_MILLISECONDS >= 1000
    assert SHARDS >= 4
