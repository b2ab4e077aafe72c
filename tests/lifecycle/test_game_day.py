"""Game days on a deployed stage of the embedded AWS: each experiment runs to its end, and clients are served."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from command.cli import main
from contract.game_days import CROSS_REGION, DYNAMODB, EXPERIMENTS
from drills.embedded.cdk import deploy
from drills.embedded.isolation import ROOT
from drills.embedded.process import EmbeddedAws
from drills.evidence.manifest import verify
from drills.evidence.runs import LATEST
from drills.history.derived import result_of
from drills.history.history import FILE, read_history
from drills.report import build_report
from operations.deployment import find_deployment, regions_of
from operations.endpoint import ApiClient, Endpoint
from tests.lifecycle.unattended import warm_up

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STAGES = [stage for stage in ("staging", "prod") if stage in os.environ.get("TANDEM_LIFECYCLE_STAGES", "")]
PERIOD_SCALE = 0.05
"""An experiment of ten minutes lasts half a minute."""
CANARY_SECONDS = "75"
"""The canary posts every minute, whose schedule is not scaled."""
RATE = "5"

pytestmark = pytest.mark.skipif(not STAGES, reason="takes ten minutes: make lifecycle runs it")


@pytest.fixture(scope="module", params=STAGES)
def aws(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """An embedded AWS with a stage that has answered before; its name and the URL."""
    stage = str(request.param)
    regions, _ = regions_of(stage, ROOT / "settings")
    state = ROOT / "build" / "lifecycle-game-day"
    with EmbeddedAws(
        regions, state=state, lag_milliseconds=80, alarm_period_scale=PERIOD_SCALE, routing_time_scale=0.2
    ) as running:
        deploy(running.url, stage, regions, work=tmp_path_factory.mktemp("game-day"))
        endpoint = Endpoint(running.url)
        deployment = find_deployment(endpoint, stage, regions)
        with ApiClient(endpoint, deployment.api_urls, timeout_seconds=10) as api:
            warm_up(endpoint, api, stage, regions)
        yield stage, running.url


@pytest.mark.parametrize("experiment", sorted(EXPERIMENTS))
def test_an_experiment_is_run_watched_judged_and_reported(
    aws: tuple[str, str], experiment: str, tmp_path: Path
) -> None:
    stage, url = aws
    words = ["--stage", stage, "--endpoint-url", url, "--experiment", experiment, "--report", str(tmp_path), "--yes"]
    around = ["--before", CANARY_SECONDS, "--after", CANARY_SECONDS]
    sent = ["--rate", RATE] if experiment != CROSS_REGION else []
    status = main(["game-day", *words, *around, *sent])
    report: dict[str, Any] = json.loads((tmp_path / LATEST / "report.json").read_text(encoding="utf-8"))
    verdicts = {check["name"]: check["verdict"] for check in report["checks"]}
    assert [check for check in report["checks"] if not check["passed"]] == []
    assert (status, verdicts["the experiment ran to its end"]) == (0, "passed")
    assert (report["acknowledged"] > 0) == bool(sent)
    assert report["scenario"] == f"game-day-{experiment}"
    assert verify((tmp_path / LATEST).resolve()).problems == ()
    again = build_report(result_of(read_history(tmp_path / LATEST / FILE)))
    assert again == report
    if experiment == DYNAMODB:
        assert report["lost"] == report["ledger_missing"] == 0
