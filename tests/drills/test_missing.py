"""What is waited for is told in words: by health checks, by DNS, by journals and ledgers."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from rich.console import Console

from drills import context as module
from drills.context import DrillContext
from drills.history.history import History
from drills.measure.gauge import gauge
from drills.measure.lookup import Findings
from drills.measure.missing import lacking, routing, unhealthy
from drills.options import DrillOptions
from drills.progress import Progress
from operations.deployment import Deployment, Regions
from operations.endpoint import Endpoint
from operations.errors import OperationError
from tests.drills.played import PRIMARY, SECONDARY, check, control

if TYPE_CHECKING:
    from drills.embedded.control import Control


def changing(region: str, against: int, **changed: Any) -> dict[str, Any]:
    return {**check(region), "against": against, **changed}


def state(*checks: dict[str, Any]) -> dict[str, Any]:
    return control(health_checks={str(number): each for number, each in enumerate(checks)})


def test_a_check_that_is_about_to_fail_is_told_with_how_often_it_has_failed() -> None:
    told = routing(state(changing(PRIMARY, 2), changing(SECONDARY, 0)), to=SECONDARY, sent=0, clients=12)
    assert told == f"Route 53: 2 of 3 checks of {PRIMARY} failed; DNS sends 0 of 12 clients to {SECONDARY}"


def test_a_check_that_is_about_to_recover_is_told_with_how_often_it_has_passed() -> None:
    told = routing(state(changing(PRIMARY, 1, healthy=False)), to=PRIMARY, sent=0, clients=12)
    assert told == f"Route 53: 1 of 3 checks of {PRIMARY} passed; DNS sends 0 of 12 clients to {PRIMARY}"


def test_the_switch_is_told_by_its_name_and_an_inverted_check_by_what_its_endpoint_does() -> None:
    switch = changing(SECONDARY, 1, inverted=True, healthy=True)
    assert routing(state(switch), to=PRIMARY, sent=3, clients=12).startswith(
        "Route 53: 1 of 3 checks of the takeover switch passed"
    )


def test_where_no_check_changes_only_the_clients_are_told() -> None:
    assert routing(state(changing(PRIMARY, 0)), to=SECONDARY, sent=5, clients=12) == (
        f"DNS sends 5 of 12 clients to {SECONDARY}"
    )


def test_checks_that_are_not_healthy_yet_are_named() -> None:
    calculated = {**check("", healthy=False), "type": "CALCULATED", "target": ""}
    assert unhealthy(state(check(PRIMARY), check(SECONDARY, healthy=False), calculated)) == (
        f"Route 53: unhealthy yet: calculated, {SECONDARY}"
    )


def test_what_journals_and_ledgers_lack_is_counted_by_region() -> None:
    findings = Findings(
        acknowledged=9,
        journal_missing={PRIMARY: ["1"], SECONDARY: []},
        ledger_missing={PRIMARY: ["1", "2"], SECONDARY: []},
        wrong_balances={PRIMARY: [], SECONDARY: ["a: 1 instead of 2"]},
    )
    assert lacking(findings) == (
        f"the journal of {PRIMARY} lacks 1; the ledger of {PRIMARY} lacks 2; 1 wrong balances in {SECONDARY}"
    )
    assert lacking(Findings(acknowledged=9)) == "journals and ledgers hold everything"


@pytest.fixture
def output() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def drill(output: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> DrillContext:
    """A drill whose clients are never sent to the secondary Region, and whose log goes to a file."""
    known = {**state(changing(PRIMARY, 2)), "dns": {"address": "127.0.0.1", "port": 1}, "routing_time_scale": 1.0}
    monkeypatch.setattr(module, "tls_of", lambda _: None)
    monkeypatch.setattr("drills.clients.fleet.Fleet.sent_to", lambda *_: 0)
    progress = Progress(Console(file=output, width=200))
    parameters = {region: {"api-name": "api.example.com"} for region in (PRIMARY, SECONDARY)}
    return DrillContext(
        Endpoint("http://127.0.0.1:1"),
        Deployment(stage="staging", regions=Regions(), parameters=parameters),
        cast("Control", SimpleNamespace(state=lambda: known)),
        DrillOptions(patience_seconds=0.2),
        history=History(),
        run="r",
        say=progress.say,
        over=progress.end,
    )


def test_a_drill_that_waits_tells_what_is_missing_in_its_line_and_in_its_error(drill: DrillContext) -> None:
    missing = f"Route 53: 2 of 3 checks of {PRIMARY} failed; DNS sends 0 of 12 clients to {SECONDARY}"
    seen = []

    def moved() -> bool:
        seen.append(gauge(drill))
        return False

    with (
        drill.phase("clients move"),
        pytest.raises(OperationError, match=r"clients did not move within 0 s \(Route 53: 2 of 3 checks"),
    ):
        drill.wait_for_clients(moved, "clients did not move", region=SECONDARY)
    assert seen[0].startswith("clients move · 0/s acknowledged")
    assert seen[-1].startswith(f"clients move · {missing} · 0/s acknowledged")
    assert drill.missing == ""


def test_a_drill_without_a_terminal_writes_two_lines_for_each_phase(drill: DrillContext, output: io.StringIO) -> None:
    with drill.phase("clients move"), pytest.raises(OperationError):
        drill.wait_for_clients(lambda: False, "clients did not move", region=SECONDARY)
    began, ended = output.getvalue().splitlines()
    assert began.endswith(" s  clients move")
    assert "clients move: ended after 0." in ended
