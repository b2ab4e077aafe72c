"""The page shows every invariant, phase and figure, escapes what it shows, and needs nothing else."""

import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from rich.console import Console

from drills.history.derived import result_of
from drills.history.events import DrillBegan, DrillEnded
from drills.measure.lookup import Findings
from drills.report.differences import differences
from drills.report.page import page
from drills.report.picture import timeline
from drills.report.terminal import print_summary
from drills.report.words import figures
from drills.result import DrillResult
from drills.verdict.checks import Check, Verdict, title_of
from tests.drills.recorded import LAST_MOVED, B, history, planned_switchover, region_loss, report, with_plan

VOID = {"meta", "br", "hr", "img", "input", "link", "rect", "line", "path", "circle"}
LOADING = {"src", "srcset", "xlink:href", "data", "action", "poster", "background"}


class Reader(HTMLParser):
    """The text of a page, its tags and attributes; fails on a tag that is closed wrongly."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self._open: list[str] = []
        self.feed(html)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            while self._open and self._open[-1] in ("path", "li", "td") and self._open[-1] != tag:
                self._open.pop()
            assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


@pytest.mark.parametrize("make", [region_loss, planned_switchover, with_plan])
def test_every_invariant_phase_figure_and_step_is_there(make: Callable[[], DrillResult]) -> None:
    found = report(make())
    text = Reader(page(found)).text
    assert found["passed"]
    for check in found["checks"]:
        assert title_of(check["name"]) in text
        assert check["detail"] in text
    for phase in found["phases"]:
        assert f"{phase['name']} (" in text
    for row in figures(found):
        assert row.name in text
        assert row.measured in text
    for name, value in {**found["versions"], **found["settings"]}.items():
        assert name in text
        assert value if isinstance(value, list) else str(value) in text
    for one in found["expected_on_aws"]:
        assert one["derivation"] in text
        assert one["source"] in text
    for execution in found["plan_executions"]:
        assert all(step["name"] in text for step in execution["steps"])
    assert all(difference in text for difference in differences())
    assert all(region in text for region in found["regions"])


def test_a_failed_drill_says_what_failed_and_a_lost_transaction_is_counted() -> None:
    outcome = replace(region_loss(), findings=Findings(acknowledged=3, journal_missing={"us-east-1": ["7"]}))
    found = report(outcome, failure="the Regions did not converge within 120 s")
    text = Reader(page(found)).text
    assert not found["passed"]
    assert "Failed" in text
    assert "the Regions did not converge within 120 s" in text
    assert "1 transactions, at most 0 transactions" in text


@pytest.mark.parametrize("kind", ["journal_missing", "ledger_missing", "wrong_balances"])
@pytest.mark.parametrize("make", [region_loss, planned_switchover])
def test_a_report_of_a_loss_begins_with_it_and_never_says_that_nothing_was_lost(
    make: Callable[[], DrillResult], kind: str
) -> None:
    findings = Findings(acknowledged=3)
    setattr(findings, kind, {"us-east-1": ["7"]})
    found = report(replace(make(), findings=findings))
    html = page(found)
    text = Reader(html).text
    assert not re.search(r"nothing (\w+ )?(is|was) lost", text)
    assert html.index('class="failed"') < html.index('aria-label="Key figures"')
    verdicts = re.findall(r'<td class="(pass|fail)">', html)
    assert "fail" in verdicts
    assert verdicts == sorted(verdicts)  # those that failed before the others


def test_a_report_says_that_nothing_was_lost_only_after_everything_was_looked_up() -> None:
    outcome = region_loss()
    assert "nothing acknowledged was lost" in Reader(page(report(outcome))).text
    assert 'class="failed"' not in page(report(outcome))
    outcome = replace(outcome, findings=None)
    text = Reader(page(report(outcome, failure="the Regions did not converge"))).text
    assert not re.search(r"nothing (\w+ )?(is|was) lost", text)
    assert "whether anything was lost was not looked up" in text
    assert "see what was lost below" not in text


def test_the_terminal_begins_with_what_failed_in_red(tmp_path: Path) -> None:
    outcome = replace(region_loss(), findings=Findings(acknowledged=3, journal_missing={"us-east-1": ["7"]}))
    console = Console(file=io.StringIO(), force_terminal=True, width=80, color_system="standard")
    print_summary(report(outcome), tmp_path, console)
    first = console.file.getvalue().splitlines()[0]  # type: ignore[attr-defined] # the StringIO given above
    assert first.startswith("\x1b[1;31mFAILED: Every acknowledged transaction is in both journals: 1 transactions")


def test_a_drill_that_was_killed_says_so_and_is_unknown(tmp_path: Path) -> None:
    outcome = result_of([event for event in history() if event.at < LAST_MOVED])
    html = page(report(outcome))
    text = Reader(html).text
    assert "Unknown" in text
    assert "What is unknown" in text
    assert f"the history ends in the phase 'clients move to {B}': the drill was killed, or still runs" in text
    assert html.index('class="unknown"') < html.index('aria-label="Key figures"')
    console = Console(file=io.StringIO(), width=80)
    print_summary(report(outcome), tmp_path, console)
    assert console.file.getvalue().startswith("UNKNOWN: ")  # type: ignore[attr-defined] # the StringIO given above


def test_a_drill_that_ended_at_once_has_a_page_too() -> None:
    [began] = [event for event in history() if isinstance(event, DrillBegan)]
    outcome = result_of([began, DrillEnded(at=began.at, failure="no health")])
    assert "There was no traffic to show" in Reader(page(report(outcome, failure="no health"))).text


def test_whatever_is_shown_is_escaped() -> None:
    evil = "<script>alert('x')</script>\"><img src=x>"
    outcome = replace(
        region_loss(),
        summary=evil,
        scenario=evil,
        phases=[(evil, start, end) for _, start, end in region_loss().phases],
        error_kinds={evil: 1},
        observations=[Check(name=evil, verdict=Verdict.FAILED, detail=evil)],
    )
    found = report(outcome, failure=evil) | {
        "stage": evil,
        "run": evil,
        "settings": {evil: evil},
        "versions": {evil: 1},
    }
    html = page(found)
    reader = Reader(html)
    assert reader.tags.isdisjoint({"script", "img"})
    assert evil not in html
    assert evil in reader.text


@pytest.mark.parametrize("make", [region_loss, planned_switchover, with_plan])
def test_nothing_outside_the_page_is_referred_to(make: Callable[[], DrillResult]) -> None:
    html = page(report(make()))
    reader = Reader(html)
    assert reader.tags.isdisjoint({"script", "link", "iframe", "img", "object", "embed", "base", "form"})
    assert {name for name, _ in reader.attributes}.isdisjoint(LOADING)
    assert all(value.startswith("#") for name, value in reader.attributes if name == "href")
    assert not re.search(r"https?:|url\(|@import|//[a-z]", html)


def test_bands_of_phases_do_not_overlap_and_stay_inside_the_picture() -> None:
    for stretch in (1.0, 20.0):
        picture = timeline(report(region_loss(stretch=stretch)))
        assert picture is not None
        phases = picture.panels[-1].bands
        assert all(above.y + above.height < below.y for above, below in pairwise(phases))
        assert all(picture.left <= band.x <= band.x + band.width <= picture.right + 2 for band in phases)
        for panel in picture.panels:
            assert all(picture.top < tick.at <= panel.bottom + 0.1 for tick in panel.ticks)
        seconds = [tick.at for tick in picture.seconds]
        assert all(later - earlier > 40 for earlier, later in pairwise(seconds))
        places = [(marker.x, marker.y) for marker in picture.markers]
        assert all(abs(a[0] - b[0]) >= 17 or a[1] != b[1] for a in places for b in places if a != b)


def test_a_long_drill_is_drawn_with_no_more_columns_than_it_has_pixels() -> None:
    found = report(region_loss(stretch=20.0))
    picture = timeline(found)
    assert picture is not None
    assert len(found["per_second"]) > 1900
    assert all(line.path.count("H") <= 900 for panel in picture.panels for line in panel.lines)


def test_the_report_is_json() -> None:
    found = report(with_plan())
    assert json.loads(json.dumps(found)) == found


def test_differences_from_aws_are_the_points_of_the_documentation() -> None:
    found = differences()
    assert len(found) >= 5
    assert all(20 < len(one) < 300 and one.endswith(".") and "`" not in one for one in found)
