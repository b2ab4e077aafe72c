"""A whole night at the keyboard, played in the embedded AWS and written down: `make night`.

The primary Region is lost; its alarm wakes somebody, who works by the operators' role and types what the runbook says,
until the Region is back and the evidence is verified. What each command prints goes into the runbook as it was printed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from drills.embedded.cdk import CdkCli
from drills.embedded.control import Control
from drills.embedded.isolation import ROOT, isolated_environment
from drills.embedded.process import EmbeddedAws
from drills.evidence.manifest import seal
from drills.roles import names_of, session_of
from operations.alarms import ringing
from operations.deployment import Regions, find_deployment
from operations.endpoint import Endpoint
from operations.errors import OperationError
from operations.status import gather
from operations.verdict import HEALTHY, verdict

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from operations.deployment import Deployment

STAGE = "staging"
WHO = "anna"
PAGE = ROOT / "docs" / "runbook" / "night.md"
WORK = ROOT / "build" / "night"
PATIENCE_SECONDS = 540.0
POLL_SECONDS = 2.0
LAG_MILLISECONDS = 80
COMMAND_SECONDS = 300
EVIDENCE = "build/night/evidence"

INTRODUCTION = """\
# A night, as it was typed

The primary Region is lost at night and returns. This page is written by `make night`: a program plays the night in the
embedded AWS, where it loses the Region, types what stands here by the operators' role and no other, and keeps what was
printed. The line above a command says how long it took here. On AWS moving the writer takes minutes, and rebuilding the
old primary takes minutes to hours; everything else takes about as long as here.
"""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing that happens: a heading, what there is to know, and the command that is typed, if one is."""

    heading: str
    text: str
    command: str | None = None
    statuses: tuple[int, ...] = (0,)
    before: Callable[[Night], str | None] = field(default=lambda _: None)


@dataclass(kw_only=True)
class Night:
    """The stage that the night happens to, and the transcript so far."""

    endpoint: Endpoint
    control: Control
    deployment: Deployment
    environment: dict[str, str]
    began: float = field(default_factory=time.monotonic)
    lines: list[str] = field(default_factory=list)

    def run(self, step: Step) -> None:
        """Do a step and write it down; raises OperationError when its command ends otherwise than it should."""
        happened = step.before(self)
        self.lines += [f"## {step.heading}", "", step.text, ""]
        if happened:
            self.lines += [*_block(happened), ""]
        if step.command is None:
            return
        began = time.monotonic()
        status, said = self._type(step.command)
        if status not in step.statuses:
            raise OperationError(f"{step.command} ended with {status}: {said[-500:]}")
        took = time.monotonic() - began
        self.lines += [f"{took:.1f} s, exit status {status}:", "", f"    $ {step.command}", *_block(said), ""]

    def _type(self, command: str) -> tuple[int, str]:
        words = command.replace('"', "\0").split("\0")
        typed = [part for index, word in enumerate(words) for part in ([word] if index % 2 else word.split())]
        process = subprocess.run(
            [sys.executable, "-m", "command.cli", *typed[1:]],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        said = (process.stdout + process.stderr).replace(str(ROOT) + os.sep, "")
        return process.returncode, said.replace(self.endpoint.url or "", "the embedded AWS")

    def wait(self, holds: Callable[[], bool], otherwise: str) -> None:
        """Wait until something is so; raises OperationError when it never is."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            if time.monotonic() >= deadline:
                raise OperationError(f"{otherwise} within {PATIENCE_SECONDS:.0f} s")
            time.sleep(POLL_SECONDS)


def _block(text: str) -> list[str]:
    return [f"    {line}".rstrip() for line in text.rstrip().splitlines()]


def _healthy(night: Night) -> None:
    """Wait until all is well, and every alarm has been told something: a new one that rings says nothing yet."""

    def well() -> bool:
        state = gather(night.endpoint, night.deployment)
        return verdict(state).status == HEALTHY and not any(known.starting for known in state.regions.values())

    night.wait(well, "the stage was not healthy")


def _lose(night: Night) -> str:
    """Lose the Region and wait for the alarm; return what it tells whom it wakes."""
    region = night.deployment.regions.secondary
    night.control.lose(night.deployment.regions.primary)
    night.wait(
        lambda: any("HeartbeatOld" in name for name in _told(night, region)),
        "no alarm rang",
    )
    told = night.endpoint.cloudwatch(region).describe_alarms(StateValue="ALARM")["MetricAlarms"]
    alarm = next(each for each in told if "HeartbeatOld" in each["AlarmName"])
    return f"ALARM: {alarm['AlarmName']} in {region}\n{alarm['AlarmDescription']}"


def _told(night: Night, region: str) -> set[str]:
    """The alarms that ring and are not only new."""
    alarms = ringing(night.endpoint, night.deployment, region)
    return set(alarms.names) - set(alarms.starting)


def _return(night: Night) -> None:
    night.control.restore(night.deployment.regions.primary)


def _keep(night: Night) -> None:
    folder = ROOT / EVIDENCE
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "transcript.md").write_text("\n".join(night.lines), encoding="utf-8")
    seal(folder, key=None)


def _waited(action: Callable[[Night], None]) -> Callable[[Night], str | None]:
    def before(night: Night) -> None:
        action(night)

    return before


STEPS = (
    Step(
        heading="Before",
        text="All is well. So it looks when there is nothing to do.",
        command=f"tandem status --stage {STAGE}",
        before=_waited(_healthy),
    ),
    Step(
        heading="The alarm",
        text="us-east-1 is lost. Clients have moved by then. A minute later this message wakes somebody:",
        before=_lose,
    ),
    Step(
        heading="What is the matter",
        text="The first line is the verdict, and it ends in the command to type.",
        command=f"tandem status --stage {STAGE}",
        statuses=(3,),
    ),
    Step(
        heading="Could it fail over",
        text="What concerns the lost Region is unknown, and so is what the embedded AWS has not. What is asked of the "
        "standby passes.",
        command=f"tandem preflight --stage {STAGE}",
        statuses=(0, 1, 3),
    ),
    Step(
        heading="What would be lost",
        text="Nothing is changed by this.",
        command=f"tandem failover --stage {STAGE} --dry-run",
    ),
    Step(
        heading="Failing over",
        text="`--yes` answers the question that it would ask at a keyboard.",
        command=f'tandem failover --stage {STAGE} --yes --reason "page 42"',
    ),
    Step(
        heading="What is the state now",
        text="The secondary Region serves and writes, alone.",
        command=f"tandem status --stage {STAGE}",
        statuses=(3,),
    ),
    Step(
        heading="The Region is back",
        text="us-east-1 answers again. The command waits until its ledger is a current replica, moves the writer back "
        "without loss, and releases the switch.",
        command=f'tandem failback --stage {STAGE} --yes --wait 300 --reason "page 42"',
        before=_waited(_return),
    ),
    Step(
        heading="Nothing is missing",
        text="What the journal has and the ledger has not is inserted.",
        command=f"tandem reconcile --stage {STAGE}",
    ),
    Step(
        heading="Nothing is set aside",
        text="Neither in quarantine,",
        command=f"tandem quarantine --stage {STAGE}",
    ),
    Step(
        heading="No transaction was taken twice",
        text="nor with two payloads.",
        command=f"tandem conflicts --stage {STAGE}",
    ),
    Step(
        heading="Afterwards",
        text="It looks as before, and the switch keeps who moved it last, why and when.",
        command=f"tandem status --stage {STAGE}",
        before=_waited(_healthy),
    ),
    Step(
        heading="The evidence",
        text="What was typed and printed lies in a sealed folder: whoever asks later sees that nobody changed it.",
        command=f"tandem evidence verify {EVIDENCE}",
        before=_waited(_keep),
    ),
)
"""The night, in order."""


def play(url: str, *, say: Callable[[str], None] = print) -> str:
    """Play the night on a stage that is deployed in the embedded AWS at `url`; return the page."""
    endpoint, regions = Endpoint(url), Regions()
    deployment = find_deployment(endpoint, STAGE, regions)
    role = names_of(STAGE).role_arn(names_of(STAGE).operator_role)
    environment = isolated_environment(url) | session_of(endpoint, role, region=regions.secondary, name=WHO)
    environment |= {"TANDEM_ENDPOINT_URL": url, "COLUMNS": "120"}
    night = Night(endpoint=endpoint, control=Control(url), deployment=deployment, environment=environment)
    for step in STEPS:
        say(f"{time.monotonic() - night.began:6.1f} s  {step.heading}")
        night.run(step)
    return "\n".join([INTRODUCTION, *night.lines]).rstrip() + "\n"


def main(page: Path = PAGE) -> None:
    """Start an embedded AWS, deploy the stage, play the night, and write the page."""
    with EmbeddedAws(
        Regions(), state=WORK / "emulator", lag_milliseconds=LAG_MILLISECONDS, routing_time_scale=0.1
    ) as aws:
        CdkCli(aws.url, WORK / "work").prepare(STAGE, Regions()).deploy()
        page.write_text(play(aws.url), encoding="utf-8")


if __name__ == "__main__":
    main()
