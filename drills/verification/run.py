"""A verification: its steps one after another until one fails, and a report of all of them."""

from __future__ import annotations

import json
import shlex
import subprocess
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from contract.waiting import wait_until
from drills.embedded.isolation import ROOT
from drills.evidence.manifest import seal
from drills.evidence.provenance import tools
from drills.evidence.runs import new_folder
from drills.report import versions
from operations.deployment import find_deployment
from operations.errors import OperationError, WrongInputError
from operations.told import canary

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from drills.verification.steps import Step
    from operations.deployment import Regions
    from operations.endpoint import Endpoint

CANARY_SECONDS = 1800.0
LOOK_SECONDS = 15.0


@dataclass(frozen=True, kw_only=True)
class Ports:
    """What the steps act by: `run` runs a command and returns its exit status, `arrived` asks for the canary."""

    run: Callable[[Sequence[str]], int]
    arrived: Callable[[], bool]
    clock: Callable[[], float] = time.monotonic
    canary_seconds: float = CANARY_SECONDS
    pause: float = LOOK_SECONDS


@dataclass(frozen=True, kw_only=True)
class Done:
    """What became of a step: `passed`, `failed`, or `not begun`; its exit status, and its seconds."""

    name: str
    command: str
    outcome: str
    status: int | None = None
    seconds: float = 0.0


def ports_of(endpoint: Callable[[], Endpoint], stage: str, regions: Regions) -> Ports:
    """Return those of this machine and of AWS itself; commands run in the checkout and print where this one does."""

    def run(command: Sequence[str]) -> int:
        return subprocess.run(list(command), cwd=ROOT, check=False).returncode

    def arrived() -> bool:
        try:
            aws = endpoint()
            told = canary(aws, find_deployment(aws, stage, regions), regions.secondary)
        except (OperationError, WrongInputError):
            return False
        return all(each.acknowledged is not None for each in told.values())

    return Ports(run=run, arrived=arrived)


def verify(steps: Sequence[Step], ports: Ports, *, say: Callable[[str], None]) -> list[Done]:
    """Do the steps in their order; after one that fails the others are not begun, so nothing is destroyed unseen."""
    outcomes: list[Done] = []
    for step in steps:
        command = shlex.join(step.command)
        if outcomes and outcomes[-1].outcome != "passed":
            outcomes.append(Done(name=step.name, command=command, outcome="not begun"))
            continue
        say(f"{step.name}: {step.purpose}" + (f": {command}" if command else ""))
        began = ports.clock()
        if step.command:
            status = ports.run(step.command)
            passed = status in step.statuses
        else:
            passed = wait_until(ports.arrived, seconds=ports.canary_seconds, pause=ports.pause)
            status = int(not passed)
        outcomes.append(
            Done(
                name=step.name,
                command=command,
                outcome="passed" if passed else "failed",
                status=status,
                seconds=round(ports.clock() - began, 1),
            )
        )
    return outcomes


def write(outcomes: Sequence[Done], parent: Path, *, stage: str, run: str) -> Path:
    """Write one report of all steps into a folder of its own below `parent`, sealed; return the folder."""
    began = datetime.now(tz=UTC)
    folder = new_folder(parent, scenario=f"verify-{stage}", began=began, run=run)
    passed = all(each.outcome == "passed" for each in outcomes)
    report = {
        "stage": stage,
        "run": run,
        "ended": began.isoformat(timespec="seconds"),
        "verdict": "passed" if passed else "failed",
        "steps": [asdict(each) for each in outcomes],
        "versions": versions(),
        "tools": tools(),
    }
    (folder / "verification.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    rows = "".join(
        f"| {each.name} | {each.outcome} | {each.seconds:g} s | `{each.command or 'waits'}` |\n" for each in outcomes
    )
    text = (
        f"# Verification of stage {stage} on AWS: {report['verdict']}\n\nEnded {report['ended']}, run {run}. The "
        f"experiments' own reports are in the game days' folder.\n\n| step | outcome | took | command |\n"
        f"| --- | --- | --- | --- |\n{rows}"
    )
    (folder / "verification.md").write_text(text, encoding="utf-8")
    seal(folder)
    return folder
