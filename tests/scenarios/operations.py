"""An operator works in one Region, and every call that he makes is recorded."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from contract.waiting import wait_until
from drills.embedded.cdk import CdkCli
from drills.embedded.control import Control
from drills.embedded.isolation import ROOT, isolated_environment
from operations.deployment import Deployment, find_deployment
from operations.endpoint import ApiClient, Endpoint
from operations.errors import OperationError
from operations.failback import fail_back
from operations.global_database import ledger_state
from tests.scenarios.conftest import REGIONS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.scenarios.conftest import DeployedStage

__all__ = ["PRIMARY", "SECONDARY", "STACK", "Operator", "Step", "until"]

PRIMARY, SECONDARY = REGIONS.both
STACK = "SecondaryRegionStack"
PATIENCE_SECONDS = 180


@dataclass(kw_only=True)
class Step:
    """What one step did: its exit status, what it printed, and every call made meanwhile."""

    status: int = 0
    out: str = ""
    err: str = ""
    calls: list[dict[str, Any]] = field(default_factory=list)


class Operator:
    """Works from the surviving Region, as the runbook has it, and records every call made meanwhile."""

    def __init__(self, stage: DeployedStage, region: str) -> None:
        self.stage, self.region = stage, region
        self.control = Control(stage.url)
        self.endpoint = Endpoint(stage.url)
        self.steps: dict[str, Step] = {}
        # a CLI that has never run here: it knows nothing, and asks for all that it needs
        self.home = stage.work / f"cdk-home-{region}"
        shutil.rmtree(self.home, ignore_errors=True)
        self._environment = isolated_environment(stage.url) | {"AWS_REGION": region, "AWS_SDK_UA_APP_ID": "tandem"}

    def fail_back(self) -> None:
        """Return to the primary, as every test leaves the stage."""
        both = find_deployment(self.endpoint, self.stage.name, REGIONS)
        fail_back(self.endpoint, both, reason="test", wait_seconds=PATIENCE_SECONDS, timeout_seconds=PATIENCE_SECONDS)

    def deployment(self) -> Deployment:
        return find_deployment(self.endpoint, self.stage.name, REGIONS, ask=[self.region])

    def writer(self) -> str | None:
        return ledger_state(self.endpoint, self.deployment(), self.region).writer_region

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "command.cli", *arguments, "--stage", self.stage.name]
        command += ["--endpoint-url", self.stage.url]
        return subprocess.Popen(
            command, cwd=ROOT, env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def tandem(self, command: str, *arguments: str, step: str = "") -> Step:
        self.control.record_calls()
        process = self.start(command, *arguments)
        out, err = process.communicate(timeout=120)
        made = Step(status=process.returncode, out=out, err=err, calls=self.control.calls())
        self.steps[step or command] = made
        return made

    def deploy(self, name: str, assembly: Path) -> Step:
        self.control.record_calls()
        cli = CdkCli(self.stage.url, self.stage.work / name, assembly=assembly, region=self.region, home=self.home)
        made = Step()
        try:
            cli.deploy(STACK)
        except OperationError as error:
            made.status, made.err = 1, str(error)
        made.out = (self.stage.work / name / "deploy.log").read_text()
        made.calls = self.control.calls()
        self.steps[name] = made
        return made

    def post(self, count: int) -> list[tuple[int, bytes]]:
        answers = []
        with ApiClient(self.endpoint, self.deployment().api_urls, timeout_seconds=10) as client:
            for _ in range(count):
                body = {"debit_account": "a", "credit_account": "b", "amount": "1.00", "currency": "EUR"}
                headers = {"content-type": "application/json", "idempotency-key": uuid.uuid4().hex}
                answers.append(
                    client.request(
                        self.region, "POST", "/transactions", body=json.dumps(body).encode(), headers=headers
                    )
                )
        return answers

    def health(self) -> tuple[int, str]:
        deployment = self.deployment()
        with ApiClient(self.endpoint, deployment.api_urls, timeout_seconds=10) as client:
            status, body = client.request(self.region, "GET", deployment.health_path(self.region))
        return status, str(json.loads(body).get("status"))


def until(condition: Callable[[], bool], otherwise: str) -> None:
    assert wait_until(condition, seconds=PATIENCE_SECONDS, pause=0.1), f"{otherwise} within {PATIENCE_SECONDS} s"
