"""A game day: what is started, what Ctrl-C does, how it is judged, and that its report is a drill's."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Self

import pytest
from rich.console import Console

from contract.game_days import EXPERIMENTS, REPLICATION
from contract.parameters import API_NAME
from drills.evidence.manifest import verify
from drills.evidence.runs import LATEST, runs
from drills.history.derived import result_of
from drills.history.history import FILE, read_history
from drills.history.seen import ApiAsked, CanaryRead
from drills.rehearsal import rehearsal
from drills.rehearsal.game_day import run_game_day
from drills.rehearsal.rehearsal import GameDay
from drills.report import build_report
from operations import experiments
from operations.deployment import Deployment, Regions
from operations.experiments import Experiment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from drills.history.events import Event

PRIMARY, SECONDARY = Regions().both
DEPLOYMENT = Deployment(
    stage="staging",
    regions=Regions(),
    parameters={region: {API_NAME: "api.staging.example"} for region in Regions().both},
)


class Aws:
    """AWS itself, of which nothing is asked but what the fakes answer."""

    embedded, url = False, None


class Fis:
    """Experiments that come to these states, one at each look; `interrupts` is the look at which Ctrl-C comes."""

    def __init__(self, *states: str, interrupts: int | None = None) -> None:
        self.states, self.interrupts = list(states), interrupts
        self.did: list[str] = []

    def start(self, _endpoint: object, _deployment: object, name: str) -> Experiment:
        self.did.append(f"start {name}")
        return Experiment(id="EXP1", name=name, status="initiating", reason="")

    def look(self, _endpoint: object, _deployment: object, experiment: str) -> Experiment:
        self.did.append("look")
        if self.did.count("look") == self.interrupts:
            raise KeyboardInterrupt
        state = "stopped" if "stop" in self.did else self.states.pop(0)
        return Experiment(id=experiment, name=REPLICATION, status=state, reason=f"it is {state}")

    def stop(self, _endpoint: object, _deployment: object, _experiment: str) -> None:
        self.did.append("stop")


class Watch:
    """Notes what it is told to have seen once it is begun, and no network is asked."""

    status, acknowledged = 200, {PRIMARY: 0.1, SECONDARY: 0.2}

    def __init__(self, *_: object, note: Callable[[Event], None], **__: object) -> None:
        self._note = note

    def __enter__(self) -> Self:
        self._note(ApiAsked(at=time.monotonic(), region=PRIMARY, status=self.status))
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def region(self) -> str:
        return PRIMARY

    def read_canary(self) -> None:
        at = time.monotonic()
        self._note(CanaryRead(at=at, acknowledged=dict(self.acknowledged), journalled={}))


@pytest.fixture
def rehearse(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., tuple[int, dict[str, Any]]]:
    """Run a game day against fakes and return its exit status and report."""

    def run(fis: Fis, *, watch: type[Watch] = Watch, running: str | None = None) -> tuple[int, dict[str, Any]]:
        for name in ("start", "look", "stop"):
            monkeypatch.setattr(experiments, name, getattr(fis, name))
        monkeypatch.setattr(rehearsal, "Watch", watch)
        monkeypatch.setattr(rehearsal, "LOOK_SECONDS", 0.001)
        given = GameDay(
            name=REPLICATION,
            running=running,
            rate=0,
            strong=False,
            before_seconds=0,
            after_seconds=0,
            longest_seconds=60,
        )
        endpoint: Any = Aws()
        console = Console(quiet=True)
        status = run_game_day(endpoint, DEPLOYMENT, given, folder=tmp_path, console=console, say=lambda _: None)
        return status, json.loads((tmp_path / LATEST / "report.json").read_text(encoding="utf-8"))

    return run


def verdicts(report: dict[str, Any]) -> dict[str, str]:
    names = (
        "the experiment ran to its end",
        "the API answered by its name",
        "the canary is acknowledged by both Regions",
    )
    return {check["name"]: check["verdict"] for check in report["checks"] if check["name"] in names}


def test_an_experiment_that_runs_to_its_end_passes_and_its_report_is_evidence_as_a_drills(
    rehearse: Callable[..., tuple[int, dict[str, Any]]], tmp_path: Path
) -> None:
    fis = Fis("initiating", "running", "completed")
    status, report = rehearse(fis)
    assert (status, report["verdict"]) == (0, "passed")
    assert set(verdicts(report).values()) == {"passed"}
    assert fis.did == [f"start {REPLICATION}", "look", "look", "look"]
    assert (report["emulated"], report["scenario"], report["acknowledged"]) == (False, f"game-day-{REPLICATION}", 0)
    assert report["differences_from_aws"] == []
    assert verify((tmp_path / LATEST).resolve()).problems == ()
    assert build_report(result_of(read_history(tmp_path / LATEST / FILE))) == report
    assert [each.scenario for each in runs(tmp_path)] == [f"game-day-{REPLICATION}"]


def test_its_page_says_what_was_done_and_speaks_of_no_emulation(
    rehearse: Callable[..., tuple[int, dict[str, Any]]], tmp_path: Path
) -> None:
    rehearse(Fis("running", "completed"))
    page = (tmp_path / LATEST / "report.html").read_text(encoding="utf-8")
    assert EXPERIMENTS[REPLICATION] in page
    assert "on AWS" in page
    assert "embedded AWS" not in page
    assert "transactions per second" not in page


def test_a_stop_condition_fails_it_and_an_experiment_that_could_not_run_shows_nothing(
    rehearse: Callable[..., tuple[int, dict[str, Any]]],
) -> None:
    for state, verdict in (("stopped", "failed"), ("failed", "unknown"), ("cancelled", "unknown")):
        status, report = rehearse(Fis("running", state))
        assert (status, verdicts(report)["the experiment ran to its end"]) == (1, verdict)


def test_ctrl_c_stops_an_experiment_that_was_started_and_the_report_is_written(
    rehearse: Callable[..., tuple[int, dict[str, Any]]],
) -> None:
    fis = Fis("running", interrupts=2)
    status, report = rehearse(fis)
    assert fis.did == [f"start {REPLICATION}", "look", "look", "stop", "look"]
    assert (status, verdicts(report)["the experiment ran to its end"]) == (1, "unknown")


def test_ctrl_c_leaves_an_experiment_alone_that_is_only_watched(
    rehearse: Callable[..., tuple[int, dict[str, Any]]],
) -> None:
    fis = Fis("running", "running", interrupts=3)
    status, _ = rehearse(fis, running="EXP1")
    assert status == 1
    assert not {"stop", f"start {REPLICATION}"} & set(fis.did)


def test_an_api_that_never_answers_fails_and_a_canary_that_measured_nothing_is_unknown(
    rehearse: Callable[..., tuple[int, dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Silent(Watch):
        status, acknowledged = 0, {PRIMARY: 0.1}

    monkeypatch.setattr(rehearsal, "CONNECT_SECONDS", -65.0)
    _, report = rehearse(Fis("running", "completed"), watch=Silent)
    assert verdicts(report) == {
        "the experiment ran to its end": "passed",
        "the API answered by its name": "failed",
        "the canary is acknowledged by both Regions": "unknown",
    }
