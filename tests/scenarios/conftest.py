"""One embedded AWS with a deployed stage, staging unless TANDEM_DRILL_STAGE names another, left as it was found."""

from __future__ import annotations

import contextlib
import os
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from drills.embedded.cdk import CdkCli
from drills.embedded.control import Control
from drills.embedded.process import EmbeddedAws
from drills.history.derived import result_of
from drills.history.history import History, read_history
from drills.options import DrillOptions
from drills.report import build_report
from drills.runner import Drill
from operations.deployment import Regions, find_deployment
from operations.endpoint import Endpoint
from operations.errors import OperationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from drills.context import Stacks
    from drills.scenarios.scenario import Scenario

STAGE = os.environ.get("TANDEM_DRILL_STAGE", "staging")
STRONG = STAGE == "prod"
REGIONS = Regions()
EVERY = "TANDEM_SCENARIOS" in os.environ
"""Whether every scenario is run, as `make stability` asks for; `make test` loses the Region once."""
LONG = pytest.mark.skipif(not EVERY, reason="takes minutes: make stability runs it")
"""What `make test` leaves to `make stability`."""
SCALE = 0.05
ROOT = Path(__file__).resolve().parents[2]
OPTIONS = DrillOptions(
    rate=30,
    before_seconds=1,
    during_seconds=1.5,
    after_seconds=0.5,
    routing_time_scale=SCALE,
    allow_for_machine=True,
    answer_seconds=60,
    patience_seconds=180,
)
"""A small load and much patience: `make drill` judges how long things take, and here other tests share the machine."""

TIMED = {"write_rto_seconds", "clients_moved_seconds", "ledger_complete_seconds"}
"""Objectives in seconds: `make drill` judges them; other tests share this machine."""


def failed(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the checks that failed, but for those of how fast the machine is."""
    return [check for check in report["checks"] if not check["passed"] and check["name"] not in TIMED]


def measure(url: str, scenario: Scenario, stacks: Stacks | None = None) -> dict[str, Any]:
    """Run a scenario, smaller than `make drill` does, and return its report, which its history alone leads to too."""
    path = ROOT / "build" / "tests" / "histories" / f"{scenario.name}.jsonl"
    history = History(path)
    endpoint = Endpoint(url)
    deployment = find_deployment(endpoint, STAGE, REGIONS)
    drill = Drill(
        endpoint,
        deployment,
        Control(url),
        OPTIONS,
        run=uuid.uuid4().hex[:8],
        say=lambda _: None,
        scenario=scenario,
        stacks=stacks,
        strong=STRONG,
        history=history,
    )
    with history, contextlib.suppress(OperationError):  # the report says how it failed
        drill.run()
    report = build_report(drill.result)
    assert build_report(result_of(read_history(path))) == report
    return report


def start(name: str) -> EmbeddedAws:
    """Return an embedded AWS with a folder of its own below build/, which the databases' user can reach."""
    return EmbeddedAws(
        REGIONS, state=ROOT / "build" / "tests" / name / "emulator", lag_milliseconds=80, routing_time_scale=SCALE
    )


@dataclass(frozen=True, kw_only=True)
class DeployedStage:
    """A deployed stage, by where it is and what deployed it."""

    name: str
    url: str
    work: Path

    @property
    def assembly(self) -> Path:
        """The cloud assembly that was deployed."""
        return self.work / "cdk.out"


@pytest.fixture(scope="session")
def staging(worker_id: str) -> Iterator[tuple[str, CdkCli]]:
    """The URL of an embedded AWS with both Regions of the stage, and what deployed it."""
    name = f"staging-{worker_id}"
    with start(name) as aws:
        cli = CdkCli(aws.url, ROOT / "build" / "tests" / name / "work")
        cli.prepare(STAGE, REGIONS).deploy()
        yield aws.url, cli


@pytest.fixture(scope="session")
def deployed(staging: tuple[str, CdkCli], worker_id: str) -> DeployedStage:
    """The same stage, for tests that are no drills."""
    return DeployedStage(name=STAGE, url=staging[0], work=ROOT / "build" / "tests" / f"staging-{worker_id}" / "work")


@pytest.fixture
def drill(staging: tuple[str, CdkCli]) -> Callable[[Scenario], dict[str, Any]]:
    """Run a scenario on the shared stage."""
    return lambda scenario: measure(staging[0], scenario)
