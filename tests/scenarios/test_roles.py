"""Each command works by the role that it is for, and by the reader's role nothing can be changed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from contract.game_days import REPLICATION
from drills.embedded.control import Control
from drills.embedded.isolation import ROOT, isolated_environment
from drills.evidence.runs import LATEST
from drills.roles import names_of, session_of
from operations.deployment import find_deployment
from operations.endpoint import Endpoint
from operations.global_database import ledger_state
from operations.recovery_evidence import switch_state
from tests.scenarios.conftest import REGIONS, STAGE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.scenarios.conftest import DeployedStage

PRIMARY, SECONDARY = REGIONS.both
REFUSED = "not authorized"
LOOKS = (
    ("status", "--json"),
    ("preflight", "--json"),
    ("changes",),
    ("quarantine", "list"),
    ("compare",),
    ("failover", "--dry-run", "--force"),
)
"""Commands that only look: both roles may."""
ASKS_THE_LEDGER = (("conflicts",),)
"""A command that reads the ledger itself, which the reader's role may not."""
GAME_DAY = ("game-day", "--yes", "--before", "0", "--after", "0")
CHANGES = (
    ("failover", "--yes", "--force", "--reason", "a test"),
    ("failback", "--yes", "--wait", "0"),
    ("reconcile",),
    (*GAME_DAY, "--report", "build/tests/game-days"),
)
"""Commands that change something: the operators' role alone may."""


def environment_of(deployed: DeployedStage, role: str) -> dict[str, str]:
    """The environment of a process that works by a role and nothing else."""
    names = names_of(STAGE)
    arn = names.role_arn(names.operator_role if role == "operator" else names.reader_role)
    session = session_of(Endpoint(deployed.url), arn, region=SECONDARY, name="anna")
    return isolated_environment(deployed.url) | session | {"AWS_REGION": SECONDARY}


def by_role(deployed: DeployedStage, role: str, *arguments: str) -> tuple[int, str]:
    """Run a command by a role and nothing else."""
    command = [sys.executable, "-m", "command.cli", *arguments, "--stage", STAGE]
    if arguments[0] != "changes":
        command += ["--endpoint-url", deployed.url]
    environment = environment_of(deployed, role)
    process = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    return process.returncode, process.stdout + process.stderr


@pytest.mark.parametrize("role", ["reader", "operator"])
@pytest.mark.parametrize("command", LOOKS, ids=lambda command: command[0])
def test_whoever_looks_is_refused_nothing(deployed: DeployedStage, role: str, command: tuple[str, ...]) -> None:
    status, said = by_role(deployed, role, *command)
    assert REFUSED not in said
    assert status in ({0, 1, 3} if command[0] in {"status", "preflight"} else {0}), said


@pytest.mark.parametrize("command", ASKS_THE_LEDGER, ids=lambda command: command[0])
def test_the_ledger_itself_is_asked_by_operators_alone(deployed: DeployedStage, command: tuple[str, ...]) -> None:
    assert by_role(deployed, "operator", *command)[0] == 0
    status, said = by_role(deployed, "reader", *command)
    assert status == 1
    assert "ExecuteStatement" in said


@pytest.mark.parametrize("command", CHANGES, ids=lambda command: command[0])
def test_the_reader_changes_nothing(deployed: DeployedStage, command: tuple[str, ...]) -> None:
    status, said = by_role(deployed, "reader", *command)
    assert status in {1, 2}, said
    endpoint = Endpoint(deployed.url)
    stage = find_deployment(endpoint, STAGE, REGIONS)
    assert not switch_state(endpoint, stage).active
    assert ledger_state(endpoint, stage, SECONDARY).writer_region == PRIMARY


def test_an_operator_fails_over_and_back_and_reconciles(deployed: DeployedStage) -> None:
    endpoint = Endpoint(deployed.url)
    stage = find_deployment(endpoint, STAGE, REGIONS)
    status, said = by_role(deployed, "operator", *CHANGES[0])
    assert status == 0, said
    assert ledger_state(endpoint, stage, SECONDARY).writer_region == SECONDARY
    assert "assumed-role/tandem-operator" in switch_state(endpoint, stage).reason, "who moved it is kept"
    status, said = by_role(deployed, "operator", "failback", "--yes", "--wait", "240")
    assert status == 0, said
    assert ledger_state(endpoint, stage, SECONDARY).writer_region == PRIMARY
    status, said = by_role(deployed, "operator", "reconcile")
    assert status == 0, said


def test_a_game_day_that_an_operator_breaks_off_is_undone(deployed: DeployedStage, tmp_path: Path) -> None:
    command = [sys.executable, "-u", "-m", "command.cli", *GAME_DAY, "--report", str(tmp_path), "--stage", STAGE]
    with subprocess.Popen(
        [*command, "--experiment", REPLICATION, "--endpoint-url", deployed.url],
        cwd=ROOT,
        env=environment_of(deployed, "operator"),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if "experiment running" in line:
                assert Control(deployed.url).state()["experiments"], said
                # the command takes it for Ctrl-C, which what runs in the background of a shell does not hear
                process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 1, said
    assert Control(deployed.url).state()["experiments"] == []
    report = json.loads((tmp_path / LATEST / "report.json").read_text(encoding="utf-8"))
    [check] = [each for each in report["checks"] if each["name"] == "the experiment ran to its end"]
    assert (check["verdict"], "is stopped" in check["detail"]) == ("unknown", True)
